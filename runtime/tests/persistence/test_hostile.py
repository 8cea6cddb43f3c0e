"""Names and values that try to be SQL stay names and values."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archwright_runtime.persistence.database import Database
from archwright_runtime.plan import Field, Filter, Grant, Plan, Sort, Type
from runtime.tests.operations.world import World, person, start
from runtime.tests.plans import TEXT, Builder, entity, present

WHO = person("w", "all")
NAMES = ['a"b', "a'b", "a b; DROP TABLE x", "select", "$1", "?1", "--", "ä€𝄞", "%s {0}", "r1", "w"]
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40) | st.sampled_from(
    ["'", '"', "'; DROP TABLE x; --", "$1", "?1", "%", "_", "\\", "' OR '1'='1", "{}", "\n", "\u2028", "💥"]
)


def _plan(name: str) -> Plan:
    columns = {f"{name}{number}": TEXT for number in range(2)}
    fields: dict[str, Field] = {
        key: msgspec.structs.replace(present(f"E.{key}", type), column=key) for key, type in columns.items()
    }
    thing = msgspec.structs.replace(entity("E", fields), table=f"t{name}")
    made = Builder({"E": thing}, ("all",))
    every = made.names("E")
    first, second = columns
    own = made.of("E", first)
    # Two rules make every column conditional, which writes the longest statements.
    rule = {"op": "compare", "type": "bool", "operator": "!=", "left": own, "right": _text(name)}
    made.grant("E", Grant(principal="all", action="read", where=rule, fields=every),
               Grant(principal="signed-in", action="read", where=_opposite(rule), fields=("id", first)),
               Grant(principal="all", action="create", fields=tuple(columns)),
               Grant(principal="all", action="update", fields=tuple(columns)))  # fmt: skip
    filters = tuple(
        Filter(name=f"{operator}", operator=operator, value=made.of("E", second), type=type)  # type: ignore[arg-type]
        for operator, type in (("eq", TEXT), ("contains", TEXT), ("startsWith", TEXT), ("in", TEXT), ("ge", TEXT))
    )
    sort = Sort(name="s", value=made.of("E", second))
    made.expose("E", access=("all",), fields=tuple(columns), filters=filters, sorts=(sort,), search=(second,))
    return made.plan()


def _text(value: str) -> dict[str, Any]:
    return {"op": "literal", "type": "text", "value": value}


def _opposite(rule: dict[str, Any]) -> dict[str, Any]:
    return {"op": "not", "type": "bool", "value": rule}


@pytest.mark.parametrize("name", NAMES)
async def test_hostile_names_are_only_names(database: Database, name: str) -> None:
    """Whatever tables, columns, fields and constants are called, rows go in and come out."""
    world = await start(database, _plan(name))

    created = await world.run("E.create", WHO, **{f"{name}0": "x", f"{name}1": "y"})
    hidden = await world.run("E.create", WHO, **{f"{name}0": name, f"{name}1": "y"})
    items = await world.items("E.list", WHO, filters={"eq": "y"}, sort=("-s",), search="Y", total=True)

    assert (created.body[f"{name}0"], created.body[f"{name}1"]) == ("x", "y")
    assert f"{name}1" not in hidden.body
    assert [item["id"] for item in items] == [created.body["id"]]


class _Seen:
    """A database that remembers the statements it was given."""

    def __init__(self, database: Database) -> None:
        self.statements: set[str] = set()
        for method in ("fetch", "write"):
            self._watch(database, method)

    def _watch(self, database: Any, method: str) -> None:
        inner = getattr(database, method)

        async def watched(sql: str, arguments: Any = ()) -> Any:
            self.statements.add(sql)
            return await inner(sql, arguments)

        setattr(database, method, watched)


async def _round(world: World, one: str, two: str) -> None:
    created = await world.run("E.create", WHO, n0=one, n1=two)
    updated = await world.run("E.update", WHO, id=created.body["id"], n1=two + "!")
    assert (created.body["n0"], created.body["n1"], updated.body["n1"]) == (one, two, two + "!")
    for page in (
        {"filters": {"eq": two + "!"}}, {"filters": {"contains": two}}, {"filters": {"startsWith": two}},
        {"filters": {"in": [one, two + "!"]}}, {"filters": {"ge": two}}, {"search": two or "!"},
    ):  # fmt: skip
        found = {item["id"] for item in await world.items("E.list", WHO, limit=200, **page)}
        assert created.body["id"] in found, page
    await world.refused("E.get", WHO, id=one or "nothing")


async def test_hostile_values_never_change_a_statement(database: Database) -> None:
    """Values round-trip exactly, are found by every kind of filter, and the statements stay the same ones."""
    world = await start(database, _plan("n"))
    await _round(world, "x", "y")
    seen = _Seen(database)
    await _round(world, "x", "y")
    known = set(seen.statements)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(TEXTS, TEXTS)
    def attack(one: str, two: str) -> None:
        attacks.append((one if one != "n" else "m", two))

    attacks: list[tuple[str, str]] = []
    attack()
    for one, two in attacks:
        await _round(world, one, two)
        await world.database.write('DELETE FROM "tn"')

    assert seen.statements - {'DELETE FROM "tn"'} == known
    assert len(attacks) >= 60


def test_a_type_is_only_a_type() -> None:
    """The casts of parameters come from a fixed table, whatever a plan says."""
    from archwright_runtime.persistence.forms import sql_type

    assert sql_type(Type(kind="x; DROP TABLE y")) == "text"
