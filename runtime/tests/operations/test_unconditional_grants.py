"""Grants of several roles, of which one asks for nothing."""

from __future__ import annotations

from archwright_runtime.persistence.database import Database
from archwright_runtime.plan import Grant
from runtime.tests import trees
from runtime.tests.operations.world import person, start
from runtime.tests.plans import help_desk

_ADA = "A" * 22


async def test_a_condition_that_another_grant_makes_needless_leaves_nothing_behind(database: Database) -> None:
    """Whoever may create without a condition is told about a missing reference, not about a broken statement."""
    desk = help_desk()
    own = trees.equal(desk.of("Comment", "author"), trees.caller())
    fields = ("ticket", "body", "internal")
    desk.grant("Comment", Grant(principal="signed-in", action="create", check=own, fields=fields))
    world = await start(database, desk.plan())
    await world.insert("user", id=_ADA, name="Ada")

    refused = await world.refused("Comment.create", person(_ADA, "agent"), ticket="B" * 22, body="x", internal=False)

    assert [(one.pointer, one.code) for one in refused.problems] == [("/ticket", "reference")]
