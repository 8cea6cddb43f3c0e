"""Who sees and does what, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from archwright_runtime.persistence.database import Database
from runtime.tests.operations.world import World, person, start
from runtime.tests.plans import leave_requests

ANN = person("ann", "employee")
BOB = person("bob", "employee", "manager")
CLEO = person("cleo", "employee", "hr")
DAN = person("dan", "employee")


@pytest.fixture
async def world(database: Database) -> World:
    """Ann and Dan work for Bob, who works for Cleo; everybody asked for leave."""
    made = await start(database, leave_requests().plan())
    for id, manager in (("cleo", None), ("bob", "cleo"), ("ann", "bob"), ("dan", "bob")):
        await made.insert("user", id=id, name=id.title(), email=f"{id}@x.test", manager=manager)
    for number, owner in enumerate(("ann", "bob", "cleo", "dan")):
        await made.insert(
            "leave", id=f"l-{owner}", owner=owner, starts=date(2026, 4, number + 1), ends=date(2026, 4, 20),
            reason=f"because {owner}", status="pending",
        )  # fmt: skip
    return made


def _ids(items: list[dict[str, object]]) -> list[object]:
    return sorted(str(item["id"]) for item in items)


async def test_an_employee_lists_own_rows_only(world: World) -> None:
    """A row rule narrows a list."""
    items = await world.items("Leave.list", ANN)

    assert _ids(items) == ["l-ann"]


async def test_a_row_shows_every_readable_field_in_wire_form(world: World) -> None:
    """Dates and instants are in their wire form, and the version is not among the fields."""
    outcome = await world.run("Leave.get", ANN, id="l-ann")

    assert outcome.body == {
        "id": "l-ann", "owner": "ann", "starts": "2026-04-01", "ends": "2026-04-20", "reason": "because ann",
        "status": "pending", "created_at": "2026-03-01T08:30:00.000000Z", "updated_at": "2026-03-01T08:30:00.000000Z",
    }  # fmt: skip
    assert outcome.version == 1


async def test_rules_unite_as_pairs_of_rows_and_columns(world: World) -> None:
    """A manager reads the reason of an own row, while it is absent, not null, in a report's row."""
    items = {item["id"]: item for item in await world.items("Leave.list", BOB)}

    assert sorted(items) == ["l-ann", "l-bob", "l-dan"]
    assert items["l-bob"]["reason"] == "because bob"
    assert "reason" not in items["l-ann"]
    assert "updated_at" not in items["l-dan"]


async def test_a_filter_does_not_reach_an_unreadable_column(world: World) -> None:
    """A filter on a column finds only rows in which the reader may read that column."""
    items = await world.items("Leave.list", BOB, filters={"reason": "because ann"})

    assert items == []


async def test_a_search_does_not_reach_an_unreadable_column(world: World) -> None:
    """A search looks into readable columns only, without regard to case."""
    found = await world.items("Leave.list", BOB, search="BECAUSE")

    assert _ids(found) == ["l-bob"]


async def test_a_sort_sees_an_unreadable_column_as_absent(world: World) -> None:
    """Rows whose sort key may not be read come as if they had none, so their order says nothing."""
    items = await world.items("Leave.list", BOB, sort=("reason",))

    assert [item["id"] for item in items] == ["l-bob", "l-ann", "l-dan"]


async def test_an_invisible_row_and_a_missing_one_look_the_same(world: World) -> None:
    """Neither a read nor a write tells whether a row exists that may not be seen."""
    kinds = {
        (await world.refused(f"Leave.{action}", ANN, id=id)).kind
        for action in ("get", "update", "delete")
        for id in ("l-dan", "nothing")
    }

    assert kinds == {"not-found"}


async def test_a_visible_row_that_may_not_be_changed_is_forbidden(world: World) -> None:
    """What can be seen is refused openly."""
    refusal = await world.refused("Leave.update", BOB, id="l-ann", reason="mine now")

    assert refusal.kind == "forbidden"


async def test_nobody_without_a_role_gets_in(world: World) -> None:
    """Anonymous callers are asked to sign in, others are refused."""
    kinds = [(await world.refused("Decide", caller, id="l-ann", verdict="approved")).kind
             for caller in (person("zoe"), ANN)]  # fmt: skip

    assert kinds == ["forbidden", "forbidden"]
    assert (await world.refused("Decide", id="l-ann", verdict="approved")).kind == "unauthenticated"


async def test_an_operation_holds_rights_of_its_own(world: World) -> None:
    """A manager changes the status through the operation that may, and through nothing else."""
    outcome = await world.run("Decide", BOB, id="l-ann", verdict="approved")

    assert outcome.body["status"] == "approved"
    assert "reason" not in outcome.body
    assert outcome.version == 2


async def test_a_guard_holds_for_the_second_writer(world: World) -> None:
    """A decision that was taken is not taken again; the step's own failure says so."""
    await world.run("Decide", BOB, id="l-ann", verdict="approved")
    refusal = await world.refused("Decide", BOB, id="l-ann", verdict="rejected")

    assert refusal.kind == "already-decided"


async def test_a_create_fills_defaults_and_is_owned_by_its_author(world: World) -> None:
    """Defaults are filled in by the service; the row is answered with its id and version."""
    outcome = await world.run("Leave.create", ANN, starts=date(2026, 5, 1), ends=date(2026, 5, 2))

    assert outcome.status == 201
    assert (outcome.body["owner"], outcome.body["status"], outcome.body["reason"]) == ("ann", "pending", None)
    assert len(outcome.body["id"]) == 22
    assert outcome.version == 1


async def test_a_check_is_refused_by_its_name(world: World) -> None:
    """A row that would break a check is not written, on create and on update."""
    created = await world.refused("Leave.create", ANN, starts=date(2026, 5, 2), ends=date(2026, 5, 1))
    updated = await world.refused("Leave.update", ANN, id="l-ann", ends=date(2026, 3, 1))

    assert [refusal.kind for refusal in (created, updated)] == ["invalid", "invalid"]
    assert created.problems[0].code == "ends-after-start"
    assert await world.value("SELECT count(*) FROM leave") == 4


async def test_an_update_writes_only_what_came(world: World) -> None:
    """Absent, null and a value are three things."""
    kept = await world.run("Leave.update", ANN, id="l-ann", ends=date(2026, 4, 5))
    cleared = await world.run("Leave.update", ANN, id="l-ann", reason=None)

    assert (kept.body["reason"], kept.body["ends"]) == ("because ann", "2026-04-05")
    assert (cleared.body["reason"], cleared.body["ends"]) == (None, "2026-04-05")
    assert cleared.version == 3


async def test_a_delete_leaves_nothing(world: World) -> None:
    """A deleted row is gone for everybody."""
    outcome = await world.run("Leave.delete", ANN, id="l-ann")

    assert (outcome.status, outcome.empty) == (204, True)
    assert (await world.refused("Leave.get", CLEO, id="l-ann")).kind == "not-found"


async def test_every_write_is_audited_without_its_values(world: World) -> None:
    """The audit says who did what to which row, and which fields it was about."""
    await world.run("Decide", BOB, id="l-ann", verdict="approved")

    rows = await world.database.fetch(
        "SELECT caller, operation, entity, subject, action, fields, request FROM archwright_audit"
    )
    assert [tuple(row) for row in rows] == [("bob", "Decide", "Leave", "l-ann", "update", "status", "r1")]
