"""Whatever the checker accepts runs: shapes that nobody thought of, shrunk to the smallest that fails."""

from __future__ import annotations

import asyncio
from functools import cache

from hypothesis import given, note, settings
from hypothesis import strategies as st

from acceptance.expressions.comparison import Case, Databases, compare, fill_sqlite
from acceptance.expressions.world import SCOPE, make_world
from archwright.language.expression import Typed, check, parse

_ATOMS = """
    this.title this.note this.level this.grade this.few this.some this.many this.more this.rate this.ratio this.price
    this.cost this.done this.paid this.starts this.ends this.seen this.left this.length this.pause this.tags this.marks
    this.days this.prices this.comments this.children this.watchers this.owner this.helper this.parent this.id this old
    this.owner.name this.helper.manager.name this.parent.owner.team.lead old.title old.some old.comments caller chosen
    caller.manager.level chosen.name chosen.team.name found now today input.task input.task.title input.person
    input.text input.word input.level input.few input.some input.rate input.price input.tags input.levels input.people
    input.numbers input.moments input.truths input.days null true false 0 1 -1 2.5 '' 'a' 'low' [] x x.author x.stars
    x.id x.name date('2024-02-29') duration('36h') money('1','EUR') datetime('2024-02-29T12:00:00.5Z')
""".split()  # noqa: SIM905 - a table reads better than a list of strings
_OPERATORS = ("==", "!=", "<", ">=", "+", "-", "*", "&&", "||", "in", "/", "%")
_FUNCTIONS = ("!", "-", "size", "has", "string", "days", "date", "abs", "round", "year", "weekday", "second")
_METHODS = (
    *("lowerAscii", "upperAscii", "trim", "first", "last", "min", "max", "sum", "sort", "distinct", "join"),
    *("getMonth", "getDayOfWeek"),
)
_METHODS_OF_ONE = ("orValue", "indexOf", "substring", "at", "join", "split", "matches")


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(_OPERATORS), inner),
        st.builds("{}({})".format, st.sampled_from(_FUNCTIONS), inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({0} != null ? {0} : {1})".format, inner, inner),
        st.builds("({}).{}({})".format, inner, st.sampled_from(["startsWith", "endsWith", "contains"]), inner),
        st.builds("({}).{}(x, {})".format, inner, st.sampled_from(["exists", "all", "count", "map", "filter"]), inner),
        st.builds("({}).{}".format, inner, st.sampled_from(["name", "manager", "title", "comments", "id", "tags"])),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({}).{}()".format, inner, st.sampled_from(_METHODS)),
        st.builds("({}).{}({})".format, inner, st.sampled_from(_METHODS_OF_ONE), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["greatest", "least", "addMonths", "round"]), inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).substring({}, {})".format, inner, inner, inner),
    )


EXPRESSIONS = st.recursive(st.sampled_from(_ATOMS), _grown, max_leaves=10)


@cache
def _databases() -> Databases:
    world = make_world(7, tasks=12)
    return Databases(7, world, fill_sqlite(world), None)


@settings(max_examples=1500, deadline=None)
@given(EXPRESSIONS, st.booleans())
def test_accepted_runs(text: str, holds: bool) -> None:
    """An accepted expression is computed for every row without an error, by SQLite as by the closure."""
    note(text)
    typed = check(parse(text), SCOPE)
    if isinstance(typed, Typed) and typed.type.kind not in ("row", "rows", "null", "json", "file"):
        asyncio.run(compare(_databases(), Case(text, typed), 0 if holds else 1, dialects=("sqlite",)))
