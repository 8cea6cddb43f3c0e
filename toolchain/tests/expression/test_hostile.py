"""Text that is made to hurt gets a problem, at once."""

from __future__ import annotations

import pytest

from archwright.language.expression import Expression, Problem, check, parse, parse_template

from .world import SCOPE

HOSTILE = {
    "ten million characters": ("this.title == '" + "x" * 10_000_000 + "'", "too-long"),
    "deep parentheses": ("(" * 10_000 + "1" + ")" * 10_000, "too-long"),
    "as many parentheses as fit": ("(" * 999 + "1" + ")" * 999, None),
    "deep members": ("this" + ".owner" * 300, "too-deep"),
    "deep branches": ("true ? 1 : " * 150 + "2", "too-deep"),
    "deep lists": ("[" * 900 + "]" * 900, "too-deep"),
    "deep calls": ("size(" * 300 + "this.title" + ")" * 300, "too-deep"),
    "many negations": ("!" * 1_900 + "true", None),
    "many minus signs": ("-" * 1_900 + "1", None),
    "many parts": ("[" + ",".join(["1"] * 600) + "]", "too-many-nodes"),
    "a long sum": ("+".join(["1"] * 200), "too-deep"),
    "NUL": ("this.title == 'a\0b'", "characters"),
    "an unpaired surrogate": ("this.title == '\ud800'", "characters"),
    "a byte order mark": ("\ufeffthis.title == 'a'", "syntax"),
    "a text that is never closed": ("'" + "\\'" * 900, "syntax"),
    "a huge exponent": ("1e999999999", "overflow"),
    "a tiny exponent": ("1e-999999999", "overflow"),
    "a comment only": ("// nothing", "syntax"),
    "blanks only": (" \n\t ", "syntax"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(name: str) -> None:
    """Hostile text is refused by its bound, or harmless."""
    text, code = HOSTILE[name]

    result = parse(text)

    assert (result.code if isinstance(result, Problem) else None) == code


def test_harmless_is_checked() -> None:
    """What fits within the bounds can be checked without running out of stack."""
    for text in ("(" * 990 + "true" + ")" * 990, "!" * 1_900 + "true", " && ".join(["true"] * 240)):
        expression = parse(text)
        assert isinstance(expression, Expression)
        check(expression, SCOPE)


@pytest.mark.parametrize("text", ["${", "${}", "${a", "a ${'} b", "${a}${", "${" * 5_000, "${a.}", "${{}"])
def test_template_refused(text: str) -> None:
    """A template that is not complete has a problem inside of its text."""
    problem = parse_template(text)

    assert isinstance(problem, Problem)
    assert 0 <= problem.start <= problem.end <= len(text)


def test_parsed_once() -> None:
    """The same text is parsed once, however often it stands in a document."""
    assert parse("this.title == 'once'") is parse("this.title == 'once'")
