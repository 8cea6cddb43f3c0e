"""The corpus: what is accepted has its type, what is refused has its problem at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from archwright.language.expression import Problem, Typed, check, parse

from .world import SCOPES

_FOLDER = Path(__file__).parent


def _cases(name: str) -> list[tuple[str, str, Any]]:
    corpus = yaml.safe_load((_FOLDER / name).read_text("utf-8"))
    return [(scope, text, expected) for scope, cases in corpus.items() for text, expected in cases.items()]


@pytest.mark.parametrize(("scope", "text", "expected"), _cases("accepted.yaml"))
def test_accepted(scope: str, text: str, expected: str) -> None:
    """A valid expression has the type that the corpus says."""
    typed = check(parse(str(text)), SCOPES[scope])

    assert isinstance(typed, Typed), typed
    assert str(typed.type) == expected


@pytest.mark.parametrize(("scope", "text", "expected"), _cases("refused.yaml"))
def test_refused(scope: str, text: str, expected: list[Any]) -> None:
    """An invalid expression has the problems that the corpus says, each at its place and with its help."""
    problems = check(parse(text), SCOPES[scope])

    assert not isinstance(problems, Typed)
    wanted = expected if isinstance(expected[0], list) else [expected]
    assert [(problem.code, text[problem.start : problem.end]) for problem in problems] == [
        (code, place) for code, place, *_ in wanted
    ]
    for problem, (_, _, *more) in zip(problems, wanted, strict=True):
        assert "".join(more) in _said(problem)


def _said(problem: Problem) -> str:
    return f"{problem.message} {problem.hint or ''}"
