"""Groups, computed fields and conditions of views, on both databases."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from archwright_runtime.persistence.database import Database
from archwright_runtime.plan import Column, Field, Grant, Plan, Returns, Select, Step, Type
from runtime.tests import trees
from runtime.tests.operations.world import World, person, start
from runtime.tests.plans import Builder, leave_requests

ANN = person("ann", "employee")
BOB = person("bob", "employee", "manager")
HR = person("cleo", "hr")


def _plan() -> Plan:
    made = leave_requests()
    leave = made.entities["Leave"]
    text = {"op": "text", "type": "text", "value": made.of("Leave", "starts")}
    label = trees.concat(made.of("Leave", "status"), trees.literal(" from "), text)
    computed = Field(id="Leave.label", column="label", type=Type(kind="text"), computed=label, present=True)
    made.entities["Leave"] = msgspec.structs.replace(leave, fields={**leave.fields, "label": computed})
    made.grant("Leave", Grant(principal="hr", action="read", fields=made.names("Leave")),
               Grant(principal="manager", action="read", where=_report(made), fields=("label",)))  # fmt: skip
    reasons = {"op": "aggregate", "type": "int", "function": "count",
               "where": {"op": "present", "type": "bool", "value": made.of("Leave", "reason")}}  # fmt: skip
    latest = {"op": "aggregate", "type": "date", "optional": True, "function": "max", "value": made.of("Leave", "ends")}
    counted = Column(name="requests", value=trees.count())
    columns = (
        made.column("Leave", "status"),
        counted,
        Column(name="reasons", value=reasons),
        Column(name="latest", value=latest),
    )
    by_status = Select(entity="Leave", group=("status",), grouped=True, columns=columns)
    _view(made, "ByStatus", by_status)
    _view(made, "Busy", msgspec.structs.replace(by_status, having=trees.compare(trees.count(), ">", trees.literal(1))))
    _view(made, "Total", Select(entity="Leave", grouped=True, columns=(counted,)))
    _view(made, "ByReason", Select(entity="Leave", group=("reason",), grouped=True, columns=(
        made.column("Leave", "reason"), counted)))  # fmt: skip
    labels = (made.column("Leave", "id"), made.column("Leave", "label"))
    order = (made.sort("Leave", "label"),)
    _view(made, "Labels", Select(entity="Leave", columns=labels, order=order))
    to_decide = Select(entity="Leave", where=_report(made), columns=(made.column("Leave", "owner.name", "who"),))
    _view(made, "ToDecide", to_decide)
    return made.plan()


def _report(made: Builder) -> dict[str, object]:
    return trees.equal(made.of("Leave", "owner.manager"), trees.caller())


def _view(made: Builder, name: str, select: Select) -> None:
    made.add(name, Step(kind="list", select=select, bind="rows"), access=("employee", "hr"),
             returns=Returns(body=trees.rows("rows", "Leave")))  # fmt: skip


@pytest.fixture
async def world(database: Database) -> World:
    """Two requests of Ann, two of Bob, who decides about hers."""
    made = await start(database, _plan())
    for id, manager in (("cleo", None), ("bob", "cleo"), ("ann", "bob")):
        await made.insert("user", id=id, name=id.title(), email=f"{id}@x.test", manager=manager)
    for number, (owner, status) in enumerate(
        (("ann", "pending"), ("ann", "approved"), ("bob", "pending"), ("bob", "pending"))
    ):
        await made.insert("leave", id=f"l{number}", owner=owner, starts=date(2026, 4, number + 1),
                          ends=date(2026, 5, number + 1), reason=f"r{number}", status=status)  # fmt: skip
    return made


async def test_groups_are_made_of_readable_rows_and_columns(world: World) -> None:
    """Aggregates run over readable rows, and over a column only where the reader may see it."""
    hr, manager, own = [await world.items("ByStatus", caller) for caller in (HR, BOB, ANN)]

    assert hr == [
        {"status": "approved", "requests": 1, "reasons": 1, "latest": "2026-05-02"},
        {"status": "pending", "requests": 3, "reasons": 3, "latest": "2026-05-04"},
    ]
    assert [(row["requests"], row["reasons"]) for row in manager] == [(1, 0), (3, 2)]
    assert [(row["status"], row["requests"]) for row in own] == [("approved", 1), ("pending", 1)]


async def test_a_group_by_an_unreadable_column_is_one_group(world: World) -> None:
    """Rows whose key may not be read come together without it."""
    rows = await world.items("ByReason", BOB)

    assert rows == [
        {"reason": "r2", "requests": 1}, {"reason": "r3", "requests": 1}, {"reason": None, "requests": 2},
    ]  # fmt: skip


async def test_a_condition_on_groups_leaves_small_ones_out(world: World) -> None:
    """``having`` is about the group."""
    assert [row["status"] for row in await world.items("Busy", HR)] == ["pending"]


async def test_an_aggregate_without_a_key_is_one_row(world: World) -> None:
    """Even where nothing may be counted."""
    assert await world.items("Total", ANN) == [{"requests": 2}]


async def test_a_computed_field_is_computed_from_what_its_reader_sees(world: World) -> None:
    """It can be read and sorted by like any other, in the statement that reads it."""
    hr = await world.items("Labels", HR)
    manager = {row["id"]: row.get("label") for row in await world.items("Labels", BOB)}

    assert [row["label"] for row in hr] == [
        "approved from 2026-04-02", "pending from 2026-04-01", "pending from 2026-04-03", "pending from 2026-04-04",
    ]  # fmt: skip
    assert manager["l0"] == "pending from 2026-04-01"


async def test_the_plans_own_condition_may_use_what_its_reader_may_not_see(world: World) -> None:
    """Who reports to whom is nobody's to read, and still decides which rows a view shows."""
    assert [row["who"] for row in await world.items("ToDecide", BOB)] == ["Ann", "Ann"]
    assert await world.items("ToDecide", ANN) == []
