"""Every expression in the documentation is true to what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archwright.diagnostics.codes import titles
from archwright.language.expression import Typed, check, parse

from .world import SCOPE, VIEW

_TEXT = (Path(__file__).parents[3] / "docs/reference/expressions.md").read_text("utf-8")
_BLOCKS = re.findall(r"```cel ?(\w*)\n(.*?)```", _TEXT, re.DOTALL)
_EXAMPLES = [(kind, line) for kind, block in _BLOCKS for line in block.splitlines()]


@pytest.mark.parametrize(("kind", "text"), _EXAMPLES)
def test_example(kind: str, text: str) -> None:
    """An example is accepted, or refused where the documentation says so."""
    result = check(parse(text), VIEW if kind == "view" else SCOPE)

    assert isinstance(result, Typed) == (kind != "refused"), result


def test_exact() -> None:
    """Decimal numbers are exact."""
    assert isinstance(check(parse("0.1 + 0.2 == 0.3"), SCOPE), Typed)


def test_codes() -> None:
    """Every code that the checker reports is registered."""
    source = Path(check.__code__.co_filename).parent
    written = {
        code
        for path in source.glob("*.py")
        for code in re.findall(r'(?:problem|_refuse|Problem)\(\s*"([a-z-]+)"', path.read_text("utf-8"))
    }

    assert {f"expression/{code}" for code in written} <= titles().keys()
