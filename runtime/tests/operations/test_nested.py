"""Nested rows, links and views, on both databases."""

from __future__ import annotations

import pytest

from archwright_runtime.persistence.database import Database
from runtime.tests.operations.world import World, person, start
from runtime.tests.plans import help_desk

AGENT = person("amy", "agent")
CUSTOMER = person("cus", "customer")


@pytest.fixture
async def world(database: Database) -> World:
    """Two tickets of one customer and one of another, with comments and tags."""
    made = await start(database, help_desk().plan())
    for id in ("amy", "cus", "kim"):
        await made.insert("user", id=id, name=id.title(), phone=f"+{len(id)}")
    for id, reporter, assignee in (("t1", "cus", "amy"), ("t2", "cus", None), ("t3", "kim", "amy")):
        await made.insert(
            "ticket", id=id, title=f"Ticket {id}", reporter=reporter, assignee=assignee, votes=1, price=1230
        )
    secret = made.database.dialect == "postgresql"
    for number in range(5):
        internal = number == 0 if secret else int(number == 0)
        await made.insert(
            "comment", id=f"c{number}", ticket="t1", author="kim", body=f"{number} said", internal=internal
        )
    for id in ("blue", "red"):
        await made.insert("tag", id=id, name=id)
        mark = "$1, $2" if secret else "?1, ?2"
        await made.database.write(f"INSERT INTO ticket_tags (near, far) VALUES ({mark})", ("t1", id))
    return made


async def test_one_statement_gives_references_lists_and_links(world: World) -> None:
    """A view nests a reference, a list with its own order and bound, and a many-to-many link."""
    cards = await world.items("Cards", AGENT)

    assert cards[0] == {
        "id": "t1", "title": "Ticket t1", "price": "12.30", "assigned_to": "Amy", "said": 5,
        "assignee": {"name": "Amy", "phone": "+3"},
        "comments": [
            {"body": f"{number} said", "created_at": "2026-03-01T08:30:00.000000Z", "internal": number == 0,
             "author": {"name": "Kim"}}
            for number in range(3)
        ],
        "tags": [{"name": "blue"}, {"name": "red"}],
    }  # fmt: skip
    assert (cards[1]["assignee"], cards[1]["comments"], cards[1]["tags"]) == (None, [], [])


async def test_nested_rows_apply_their_own_permissions(world: World) -> None:
    """A customer sees public comments without their inner columns, counts only those, and no phone numbers."""
    cards = await world.items("Cards", CUSTOMER)

    assert [card["id"] for card in cards] == ["t1", "t2"]
    assert cards[0]["said"] == 4
    assert cards[0]["comments"] == [{"body": f"{number} said", "author": {"name": "Kim"}} for number in (1, 2, 3)]
    assert cards[0]["assignee"] == {"name": "Amy"}
    assert "price" not in cards[0]


async def test_links_are_replaced_as_a_whole(world: World) -> None:
    """Writing a many-to-many relation leaves exactly the given links."""
    outcome = await world.run("Ticket.update", AGENT, id="t1", tags=["red"])
    assert outcome.version == 2
    cards = await world.items("Cards", AGENT)

    assert cards[0]["tags"] == [{"name": "red"}]


async def test_a_link_to_nothing_is_refused_and_nothing_is_written(world: World) -> None:
    """A link to a row that is not there takes the whole write back."""
    refusal = await world.refused("Ticket.update", AGENT, id="t1", title="new", tags=["red", "ghost"])

    assert (refusal.kind, refusal.problems[0].pointer, refusal.problems[0].code) == ("invalid", "/tags", "reference")
    assert await world.value("SELECT title FROM ticket WHERE id = 't1'") == "Ticket t1"
    assert await world.value("SELECT count(*) FROM ticket_tags") == 2


async def test_a_reference_to_nothing_looks_like_one_to_an_unreadable_row(world: World) -> None:
    """A reference must point to a row that its author may read."""
    missing = await world.refused("Comment.create", AGENT, ticket="ghost", body="hello")

    assert (missing.kind, missing.problems[0].pointer, missing.problems[0].message) == (
        "invalid",
        "/ticket",
        "not found",
    )


async def test_deleting_a_row_takes_what_belongs_to_it(world: World) -> None:
    """References say what happens to those who point: comments go with their ticket."""
    await world.run("Ticket.delete", AGENT, id="t1")

    assert await world.value("SELECT count(*) FROM comment") == 0


async def test_a_second_row_with_a_unique_value_is_a_conflict(world: World) -> None:
    """The conflict names the field, as its column is readable."""
    refusal = await world.refused("Tag.create", AGENT, name="red")

    assert (refusal.kind, refusal.problems[0].pointer, refusal.problems[0].code) == ("conflict", "/name", "unique")
