"""Query parameters of lists."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from archwright_runtime.errors import Refusal
from archwright_runtime.http.query import Query
from archwright_runtime.operations.call import FIRST_PAGE, PageRequest
from archwright_runtime.plan import Filter, Input, Paging, Select, Sort, Type

_THIS: dict[str, Any] = {"op": "this"}
_STATUS = Type(kind="enum", values=("open", "closed"))
_LIST = Select(
    entity="Ticket",
    columns=(),
    filters=(
        Filter(name="status", operator="eq", value=_THIS, type=_STATUS),
        Filter(name="status.in", operator="in", value=_THIS, type=_STATUS),
        Filter(name="due.gte", operator="ge", value=_THIS, type=Type(kind="date")),
    ),
    search=("title",),
    sorts=(Sort(name="due", value=_THIS), Sort(name="title", value=_THIS)),
    most=50,
)


def _read(raw: bytes) -> Any:
    return Query((Input(name="archived", type=Type(kind="bool"), source="query"),), _LIST).read(raw)


def test_no_query_wants_the_first_page() -> None:
    """Without parameters the plan's own order and size hold."""
    assert _read(b"") == ({}, FIRST_PAGE, [])


def test_every_parameter_is_read() -> None:
    """Page, filters, search, sort and the operation's own parameters are typed values."""
    raw = b"limit=10&offset=20&sort=-due,title&status=open&status.in=open,closed&due.gte=2026-01-01"

    values, page, problems = _read(raw + b"&q=+printer&total=true&archived=true")

    assert problems == []
    assert values == {"archived": True}
    assert page == PageRequest(
        filters={"status": "open", "status.in": ["open", "closed"], "due.gte": date(2026, 1, 1)},
        sort=("-due", "title"),
        search="printer",
        limit=10,
        offset=20,
        total=True,
    )


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        (b"limit=0", "?limit", "range"),
        (b"limit=51", "?limit", "range"),
        (b"limit=-1", "?limit", "type"),
        (b"limit=1e1", "?limit", "type"),
        (b"limit=%D9%A3", "?limit", "type"),
        (b"limit=99999999999999999999", "?limit", "type"),
        (b"limit=1&limit=2", "?limit", "repeated"),
        (b"offset=10001", "?offset", "range"),
        (b"offset=1&cursor=abc", "?offset", "conflict"),
        (b"cursor=", "?cursor", "format"),
        (b"cursor=" + b"a" * 5000, "?cursor", "format"),
        (b"sort=password", "?sort", "choice"),
        (b"sort=due,-due", "?sort", "repeated"),
        (b"sort=--due", "?sort", "choice"),
        (b"sort=", "?sort", "choice"),
        (b"status=opened", "?status", "choice"),
        (b"status=open&status=closed", "?status", "repeated"),
        (b"status.in=open,x", "?status.in", "choice"),
        (b"due.gte=tomorrow", "?due.gte", "format"),
        (b"due.lte=2026-01-01", "?due.lte", "unknown"),
        (b"total=1", "?total", "type"),
        (b"q=" + b"a" * 201, "?q", "too-long"),
        (b"stauts=open", "?stauts", "unknown"),
        (b"archived=perhaps", "?archived", "type"),
        (b"__proto__=1", "?__proto__", "unknown"),
    ],
)
def test_a_wrong_parameter_is_told(raw: bytes, pointer: str, code: str) -> None:
    """Nothing is ignored, clamped or guessed."""
    _, _, problems = _read(raw)

    assert [(problem.pointer, problem.code) for problem in problems] == [(pointer, code)]


def test_a_misspelt_parameter_is_shown_the_right_one() -> None:
    """Did you mean."""
    assert "`status`" in _read(b"stauts=open")[2][0].message


def test_all_problems_come_together() -> None:
    """One request tells everything that is wrong."""
    assert len(_read(b"limit=0&stauts=1&sort=x")[2]) == 3


def test_a_required_parameter_is_missed() -> None:
    """What must come is asked for."""
    query = Query((Input(name="day", type=Type(kind="date"), source="query", required=True),), None)

    assert [problem.code for problem in query.read(b"")[2]] == ["required"]


def test_a_repeated_address_reads_alike() -> None:
    """What was read before is remembered, within bounds, and is the same."""
    query = Query((), _LIST)

    for number in range(600):
        raw = b"limit=%d&q=x%d" % (number % 50 + 1, number)
        assert query.read(raw) == query.read(raw)


def test_a_broken_query_is_refused_as_a_whole() -> None:
    """Broken encodings are no parameters at all."""
    with pytest.raises(Refusal):
        _read(b"q=%ff")


_PAGES = Query((), _LIST, Paging(by="page", limit="per_page"), counted=True)
_OFFSETS = Query((), _LIST, Paging(by="offset", offset="skip", clamp=True), lenient=True)


def test_a_page_is_counted_from_one() -> None:
    """A number of a page is an offset, in pages of the size that was asked for or of the usual one."""
    assert _PAGES.read(b"")[1] == PageRequest(total=True, follow=False)
    assert _PAGES.read(b"page=3&per_page=10")[1] == PageRequest(limit=10, offset=20, total=True, follow=False)
    assert _PAGES.read(b"page=2")[1] == PageRequest(offset=_LIST.limit, total=True, follow=False)


@pytest.mark.parametrize(
    "raw", [b"page=0", b"page=-1", b"per_page=51", b"page=10000&per_page=50", b"limit=5", b"cursor=a"]
)
def test_a_page_that_there_cannot_be_is_refused(raw: bytes) -> None:
    """Also parameters that a list has which is read in another way."""
    assert [problem.pointer for problem in _PAGES.read(raw)[2]] == ["?" + raw.decode().partition("=")[0]]


def test_a_page_above_the_bound_may_be_cut() -> None:
    """With `clamp` the largest page is given; what a lenient list does not know is passed over."""
    assert _OFFSETS.read(b"limit=1000&skip=2&unheard=of&total=true") == (
        {}, PageRequest(limit=50, offset=2, follow=False), [],
    )  # fmt: skip


def test_a_list_that_is_not_paged_has_filters_only() -> None:
    """Neither size nor place can be asked for."""
    whole = Query((), _LIST, Paging(by="none"))

    assert whole.read(b"status=open")[1] == PageRequest(filters={"status": "open"}, follow=False)
    assert [problem.code for problem in whole.read(b"limit=1&offset=1")[2]] == ["unknown", "unknown"]
