"""Pages of lists: limits, cursors, offsets, totals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from archwright_runtime.caller import Caller
from archwright_runtime.errors import Refusal
from archwright_runtime.persistence.database import Database
from runtime.tests.operations.world import World, person, start
from runtime.tests.plans import leave_requests

HR = person("cleo", "hr")
BOB = person("bob", "manager", "employee")


@pytest.fixture
async def world(database: Database) -> World:
    """Thirty requests, a third without a reason, several starting on the same day."""
    made = await start(database, leave_requests().plan())
    await made.insert("user", id="cleo", name="Cleo", email="c@x.test")
    await made.insert("user", id="bob", name="Bob", email="b@x.test", manager="cleo")
    await made.insert("user", id="ann", name="Ann", email="a@x.test", manager="bob")
    for number in range(30):
        await made.insert(
            "leave", id=f"l{number:02}", owner=("ann", "bob")[number % 2], starts=date(2026, 4, 1 + number // 7),
            ends=date(2026, 5, 1 + number % 3), reason=None if number % 3 == 0 else f"r{number % 5}", status="pending",
        )  # fmt: skip
    return made


async def _walk(world: World, caller: Caller, **page: Any) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(40):
        body = (await world.list("Leave.list", caller, cursor=cursor, **page)).body
        found += [item["id"] for item in body["items"]]
        cursor = body["next"]
        if cursor is None:
            return found
    raise AssertionError("the list does not end")


_SORTS = [
    (), ("starts",), ("-starts",), ("reason",), ("-reason", "starts"), ("reason", "-starts"), ("owner.name", "reason")
]  # fmt: skip


@pytest.mark.parametrize("sort", _SORTS)
@pytest.mark.parametrize("caller", [HR, BOB], ids=["hr", "manager"])
async def test_pages_together_are_the_whole_list(world: World, sort: tuple[str, ...], caller: Caller) -> None:
    """Whatever the order, ties, absent values and directions: each row comes once, in the order of the whole list."""
    whole = [item["id"] for item in await world.items("Leave.list", caller, sort=sort, limit=200)]

    assert await _walk(world, caller, sort=sort, limit=4) == whole
    assert len(whole) == len(set(whole)) == 30


async def test_a_cursor_belongs_to_its_caller_and_list(world: World) -> None:
    """A cursor is refused for somebody else, for other filters and when it was altered."""
    cursor = (await world.list("Leave.list", HR, limit=2)).body["next"]

    for caller, page in (
        (BOB, {"cursor": cursor}),
        (HR, {"cursor": cursor, "filters": {"status": "pending"}}),
        (HR, {"cursor": "A" + cursor[1:]}),
        (HR, {"cursor": "nonsense"}),
        (HR, {"cursor": cursor, "sort": ("starts",)}),
    ):
        with pytest.raises(Refusal, match="cursor does not belong"):
            await world.list("Leave.list", caller, **page)


async def test_a_total_counts_what_the_reader_may_see(world: World) -> None:
    """The total is about all pages and readable rows, also beside an empty page."""
    page = (await world.list("Leave.list", person("ann", "employee"), limit=2, total=True)).body
    beyond = (await world.list("Leave.list", HR, offset=100, total=True)).body

    assert (len(page["items"]), page["total"]) == (2, 15)
    assert (beyond["items"], beyond["total"]) == ([], 30)


async def test_an_offset_skips_rows(world: World) -> None:
    """Offset and limit give a window of the order."""
    items = await world.items("Leave.list", HR, offset=28, limit=5)

    assert [item["id"] for item in items] == ["l28", "l29"]


async def test_filters_apply_only_when_they_are_given(world: World) -> None:
    """Each filter narrows the list by itself and together with others."""
    several = await world.items("Leave.list", HR, filters={"ends.ge": date(2026, 5, 3), "reason": "r1"}, limit=100)
    either = await world.items("Leave.list", HR, filters={"status.in": ["approved", "pending"]}, limit=100)
    none = await world.items("Leave.list", HR, filters={"status.in": []})

    assert {(item["ends"], item["reason"]) for item in several} == {("2026-05-03", "r1")}
    assert (len(either), len(none)) == (30, 0)


async def test_what_the_plan_does_not_allow_is_refused(world: World) -> None:
    """Unknown filters and sorts are refused by name."""
    for page in ({"filters": {"owner": "ann"}}, {"sort": ("id",)}):
        with pytest.raises(Refusal) as caught:
            await world.list("Leave.list", HR, **page)
        assert caught.value.kind == "invalid"


async def test_a_page_is_never_larger_than_the_plan_allows(world: World) -> None:
    """A limit beyond the plan's is cut, and one below one is one."""
    assert len(await world.items("Leave.list", HR, limit=10_000)) == 30
    assert len(await world.items("Leave.list", HR, limit=0)) == 1
