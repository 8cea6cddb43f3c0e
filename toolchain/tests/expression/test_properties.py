"""Whatever is written, the checker answers: with a type or with problems inside the text, never with an exception."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.language.expression import Expression, Problem, Typed, check, constant, parse, parse_template

from .world import SCOPES, VIEW

_ATOMS = """
    this.title this.note this.status this.rank this.count this.price this.refund this.starts this.ends this.created_at
    this.effort this.tags this.comments this.owner this.assignee.name this.owner.manager this.secret this.extra caller
    old.count input.text input.limit input.statuses now today found null true false 1 -1 0 2.5 'a' '' [] [1] ['open']
    date('2026-01-01') duration('1h') money('1','EUR') this nowhere this.nothing c c.votes 9223372036854775807 1u b'x'
    {}
""".split()  # noqa: SIM905 - a table reads better than a list of strings
_BINARY = ("==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "&&", "||", "in")
_FUNCTIONS = ("size", "has", "string", "date", "days", "duration", "money", "count", "sum", "min", "avg", "len")
_METHODS = ("startsWith", "endsWith", "contains", "size", "matches")


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(_BINARY), inner),
        st.builds("{}({})".format, st.sampled_from(["!", "-", ""]), inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("{}({})".format, st.sampled_from(_FUNCTIONS), inner),
        st.builds("({}).{}({})".format, inner, st.sampled_from(_METHODS), inner),
        st.builds("({}).{}(c, {})".format, inner, st.sampled_from(["exists", "all", "count"]), inner),
        st.builds("({}).{}".format, inner, st.sampled_from(["name", "votes", "manager", "title"])),
        st.builds("[{}, {}]".format, inner, inner),
    )


EXPRESSIONS = st.recursive(st.sampled_from(_ATOMS), _grown, max_leaves=12)


def _assert_inside(problems: tuple[Problem, ...], text: str) -> None:
    assert problems
    for problem in problems:
        assert 0 <= problem.start <= problem.end <= len(text)
        assert problem.message
        assert problem.message[-1] != "."


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, st.sampled_from(sorted(SCOPES)))
def test_total(text: str, scope: str) -> None:
    """Any syntax has a type or has problems; a tree is plain data."""
    result = check(parse(text), SCOPES[scope])

    if isinstance(result, Typed):
        assert json.loads(json.dumps(result.node)) == result.node
    else:
        _assert_inside(result, text)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text(text: str) -> None:
    """Any text, of whatever characters, is an expression or has a problem."""
    for result in (parse(text), parse_template(text), constant(text)):
        assert isinstance(result, Expression | Problem)


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="()[]{}!-+*?:.,'\"\\r=<>&| \n\tabx019e${}", max_size=120))
def test_any_punctuation(text: str) -> None:
    """Any sequence of the characters of the language is an expression or has a problem inside of the text."""
    for result in (parse(text), parse_template(text)):
        if isinstance(result, Problem):
            _assert_inside((result,), text)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_deterministic(text: str) -> None:
    """The same text in the same scope has the same result."""
    assert check(parse(text), VIEW) == check(parse(text), VIEW)
