"""Entities of every kind of field, and rows with the values that usually break things."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from archwright.language.expression import FieldInfo, Scope, Type

LEVELS = ("low", "mid", "high", "HIGH", "é")
WORDS = (
    "", "a", "A", "b", "ab", "ba", "aa", "é", "\u0301", "\u0301a", "e", "E", "%", "_", "a%b", "a_b", "\\", "'", '"',
    "\U0001f600", "\U00010000", "\uffff", "\ue000", "z\U0001f600z", "ﬁ", "ß", "ss", "İ", "\u1100", "\u1161", "\u11a8",
    "가", " ", " a", "a ", "\n", "0", "-1", "null", "true", "Å", "A\u030a", "x" * 99,
    "ab\u0328\u0301", "\u200d", "${a}",
)  # fmt: skip
INTS = (0, 1, -1, 2, 7, -7, 100, 2**31, -(2**31) - 1, 2**53 - 1, -(2**53 - 1))
SMALL = (0, 1, -1, 2, 3, 99, 100, -100)
UNITS = (0, 1, -1, 99, -99, 100, 12345, -12345, 999_999_999_999, -999_999_999_999)
DATES = (
    date(1000, 1, 1), date(8999, 12, 31), date(2024, 2, 29), date(2023, 2, 28), date(2024, 3, 1), date(1969, 12, 31),
    date(1970, 1, 1), date(1582, 10, 10), date(2026, 6, 30),
)  # fmt: skip
DATETIMES = (
    datetime(1000, 1, 1, tzinfo=UTC),
    datetime(8999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=UTC),
    datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
    datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
)
HOUR = 3_600_000_000
CENTURY = 36_525 * 24 * HOUR
DURATIONS = (
    0, 1, -1, 999_999, -1_500_000, 60_000_000, HOUR, -HOUR, 36 * HOUR, 24 * HOUR, CENTURY, -CENTURY, CENTURY - 1,
    4_503_599_627_370_497 % CENTURY, 90_061_000_001,
)  # fmt: skip

PEOPLE: dict[str, Type] = {
    "id": Type.ref("Person"),
    "name": Type.text(100),
    "nick": Type.text(100).maybe(),
    "manager": Type.ref("Person").maybe(),
    "age": Type.int(-100, 2**31),
    "score": Type.int().maybe(),
    "team": Type.ref("Team").maybe(),
    "level": Type.enum(LEVELS).maybe(),
}
TEAMS: dict[str, Type] = {
    "id": Type.ref("Team"),
    "name": Type.text(100),
    "lead": Type.ref("Person").maybe(),
    "budget": Type.money("EUR", digits=12).maybe(),
    "members": Type.rows("Person"),
}
TASKS: dict[str, Type] = {
    "id": Type.ref("Task"),
    "owner": Type.ref("Person"),
    "helper": Type.ref("Person").maybe(),
    "parent": Type.ref("Task").maybe(),
    "title": Type.text(100),
    "note": Type.text(100).maybe(),
    "level": Type.enum(LEVELS),
    "grade": Type.enum(("low", "other")).maybe(),
    "few": Type.int(-100, 100),
    "some": Type.int(-100, 100).maybe(),
    "many": Type.int(),
    "more": Type.int().maybe(),
    "rate": Type.decimal(12, 3),
    "ratio": Type.decimal(12, 1).maybe(),
    "price": Type.money("EUR", digits=12),
    "cost": Type.money("EUR", digits=12).maybe(),
    "done": Type.bool(),
    "paid": Type.bool().maybe(),
    "starts": Type.date(),
    "ends": Type.date().maybe(),
    "seen": Type.datetime(),
    "left": Type.datetime().maybe(),
    "length": Type.duration(),
    "pause": Type.duration().maybe(),
    "tags": Type.list(Type.text(100), 5),
    "marks": Type.list(Type.int(), 5).maybe(),
    "days": Type.list(Type.date(), 5),
    "prices": Type.list(Type.money("EUR", digits=12), 5).maybe(),
    "comments": Type.rows("Comment"),
    "children": Type.rows("Task"),
    "watchers": Type.rows("Person"),
}
COMMENTS: dict[str, Type] = {
    "id": Type.ref("Comment"),
    "task": Type.ref("Task"),
    "author": Type.ref("Person").maybe(),
    "body": Type.text(100),
    "stars": Type.int(-100, 100).maybe(),
    "at": Type.datetime(),
}
ENTITIES = {"Person": PEOPLE, "Team": TEAMS, "Task": TASKS, "Comment": COMMENTS}
REVERSE = {
    ("Team", "members"): ("Person", "team"),
    ("Task", "comments"): ("Comment", "task"),
    ("Task", "children"): ("Task", "parent"),
}
LINKS = {("Task", "watchers"): ("watching", "task", "person")}


class Lookup:
    """The fields of the world, as the checker asks for them."""

    def field(self, entity: str, name: str) -> FieldInfo | None:
        """The field of that name."""
        type = ENTITIES[entity].get(name)
        return None if type is None else FieldInfo(type)

    def names(self, entity: str) -> Iterable[str]:
        """All names."""
        return ENTITIES[entity]


INPUT: dict[str, Type] = {
    "task": Type.ref("Task").maybe(),
    "person": Type.ref("Person"),
    "text": Type.text(100),
    "word": Type.text(100).maybe(),
    "level": Type.enum(LEVELS).maybe(),
    "few": Type.int(-100, 100),
    "some": Type.int(-100, 100).maybe(),
    "many": Type.int().maybe(),
    "rate": Type.decimal(12, 3).maybe(),
    "price": Type.money("EUR", digits=12),
    "done": Type.bool(),
    "paid": Type.bool().maybe(),
    "day": Type.date(),
    "until": Type.date().maybe(),
    "at": Type.datetime().maybe(),
    "length": Type.duration(),
    "pause": Type.duration().maybe(),
    "tags": Type.list(Type.text(100), 5).maybe(),
    "levels": Type.list(Type.enum(LEVELS), 5),
    "people": Type.list(Type.ref("Person"), 5).maybe(),
    "numbers": Type.list(Type.int(), 5),
    "days": Type.list(Type.date(), 5),
    "moments": Type.list(Type.datetime(), 5).maybe(),
    "truths": Type.list(Type.bool(), 5),
}
NAMES: dict[str, Type] = {
    "this": Type.row("Task"),
    "old": Type.row("Task").maybe(),
    "caller": Type.ref("Person").maybe(),
    "chosen": Type.row("Person"),
    "found": Type.rows("Comment"),
    "now": Type.now(),
    "today": Type.today(),
    "input": Type.record(INPUT),
}
SCOPE = Scope(NAMES, Lookup(), database=frozenset({"this", "old"}))
VIEW = Scope(
    {"this": Type.row("Task"), "input": Type.record(INPUT)},
    Lookup(),
    aggregates=frozenset({"level", "helper"}),
)

Row = dict[str, Any]


@dataclass(frozen=True)
class World:
    """All rows of one seed, by entity and id, and the names of several requests."""

    rows: dict[str, dict[str, Row]]
    watching: tuple[tuple[str, str], ...]
    requests: tuple[dict[str, Any], ...]

    def related(self, entity: str, field: str, id: str) -> list[Row]:
        """The rows of a relation."""
        if (entity, field) in LINKS:
            return [self.rows["Person"][person] for task, person in self.watching if task == id]
        target, back = REVERSE[entity, field]
        return [row for row in self.rows[target].values() if row[back] == id]


class View(dict[str, Any]):
    """A row as closures are given it: what is reached through references is found under dotted paths."""

    def __init__(self, world: World, entity: str, row: Row) -> None:
        super().__init__(row)
        self._world = world
        self._entity = entity

    def __missing__(self, path: str) -> Any:
        first, _, rest = path.partition(".")
        type = ENTITIES[self._entity][first]
        if type.kind == "rows":
            assert type.entity is not None
            return [View(self._world, type.entity, row) for row in self._world.related(self._entity, first, self["id"])]
        return reach(self._world, type.entity or "", self[first], rest)


def reach(world: World, entity: str, id: str | None, path: str) -> Any:
    """What a path leads to from the row with an id."""
    if id is None:
        return None
    return View(world, entity, world.rows[entity][id])[path]


class Request(dict[str, Any]):
    """The names of a request, with what is reached from them."""

    def __init__(self, world: World, names: dict[str, Any]) -> None:
        super().__init__(names)
        self._world = world

    def __missing__(self, path: str) -> Any:
        first, _, rest = path.partition(".")
        return reach(self._world, NAMES[first].entity or "", self[first], rest)


class Members(dict[str, Any]):
    """The members of a record, with what is reached from them."""

    def __init__(self, world: World, members: dict[str, Any]) -> None:
        super().__init__(members)
        self._world = world

    def __missing__(self, path: str) -> Any:
        first, _, rest = path.partition(".")
        return reach(self._world, INPUT[first].entity or "", self[first], rest)

    def get(self, path: str, default: Any = None) -> Any:
        """An optional member."""
        return self[path]


def make_world(seed: int, tasks: int = 40) -> World:
    """The world of a seed."""
    chance = random.Random(seed)
    people = [f"p{number}" for number in range(8)]
    teams = [f"t{number}" for number in range(3)]
    ids = {"Person": people, "Team": teams, "Task": [f"k{number}" for number in range(tasks)]}
    ids["Comment"] = [f"c{number}" for number in range(tasks * 2)]
    rows = {entity: {id: {"id": id, **_fields(chance, entity, ids)} for id in ids[entity]} for entity in ENTITIES}
    watching = tuple((task, person) for task in ids["Task"] for person in people if chance.random() < 0.2)
    world = World(rows, watching, ())
    requests = tuple(_request(chance, world, ids) for _ in range(4))
    return World(rows, watching, requests)


def _fields(chance: random.Random, entity: str, ids: dict[str, list[str]]) -> Row:
    return {
        name: value(chance, type, ids)
        for name, type in ENTITIES[entity].items()
        if name != "id" and type.kind != "rows"
    }


def _request(chance: random.Random, world: World, ids: dict[str, list[str]]) -> dict[str, Any]:
    members = {name: value(chance, type, ids) for name, type in INPUT.items()}
    chosen = chance.choice(ids["Person"])
    found = chance.sample(ids["Comment"], chance.choice((0, 1, 5)))
    names = {
        "caller": chance.choice([None, *ids["Person"]]),
        "now": chance.choice((datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 6, 30, 12, 0, 0, 7, tzinfo=UTC))),
        "today": chance.choice((date(2000, 1, 1), date(2026, 6, 30))),
        "input": Members(world, members),
        "chosen": View(world, "Person", world.rows["Person"][chosen]),
        "found": [View(world, "Comment", world.rows["Comment"][id]) for id in found],
    }
    return Request(world, names)


def value(chance: random.Random, type: Type, ids: dict[str, list[str]]) -> Any:
    """A value of a type, more often than not a difficult one."""
    if type.optional and chance.random() < 0.4:
        return None
    match type.kind:
        case "text":
            more = chance.choice(WORDS) if chance.random() < 0.2 else ""
            return unicodedata.normalize("NFC", chance.choice(WORDS) + more)
        case "enum":
            return chance.choice(type.values)
        case "int":
            assert type.low is not None and type.high is not None
            return max(type.low, min(type.high, chance.choice(SMALL if chance.random() < 0.6 else INTS)))
        case "decimal" | "money":
            return chance.choice(UNITS)
        case "bool":
            return chance.random() < 0.5
        case "date":
            return chance.choice(DATES)
        case "datetime":
            return chance.choice(DATETIMES)
        case "duration":
            return chance.choice(DURATIONS)
        case "ref":
            assert type.entity is not None
            return chance.choice(ids[type.entity])
        case "list":
            assert type.item is not None
            return [value(chance, type.item, ids) for _ in range(chance.choice((0, 0, 1, 3)))]
        case _:
            raise AssertionError(type.kind)


# -- tables ------------------------------------------------------------------------------------------------------

_POSTGRESQL = {
    "int": "bigint", "decimal": "bigint", "money": "bigint", "duration": "bigint", "bool": "boolean", "date": "date",
    "datetime": "timestamptz",
}  # fmt: skip
_SQLITE = {"int": "INTEGER", "decimal": "INTEGER", "money": "INTEGER", "duration": "INTEGER", "bool": "INTEGER"}


def tables(dialect: str) -> list[str]:
    """The statements that make the tables."""
    made = []
    for entity, fields in ENTITIES.items():
        columns = [f'"{name}" {_column(type, dialect)}' for name, type in fields.items() if type.kind != "rows"]
        made.append(f'CREATE TABLE "{entity}" ({", ".join(columns)}, PRIMARY KEY ("id"))')
    text = _column(Type.text(), dialect)
    made.append(f"CREATE TABLE watching (task {text}, person {text})")
    return made


def _column(type: Type, dialect: str) -> str:
    if dialect == "sqlite":
        return _SQLITE.get(type.kind, "TEXT")
    return _POSTGRESQL.get(type.kind, 'text COLLATE "C"')


def stored(value: Any, type: Type, dialect: str) -> Any:
    """A value as the database holds it."""
    if value is None:
        return None
    if type.kind == "list":
        assert type.item is not None
        return json.dumps([item if type.item.kind == "bool" else stored(item, type.item, "sqlite") for item in value])
    if dialect == "sqlite":
        if type.kind == "date":
            return value.isoformat()
        if type.kind == "datetime":
            return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
        if type.kind == "bool":
            return int(value)
    return value


def inserts(world: World, dialect: str) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """The statements that fill the tables, with their rows."""
    filled = []
    for entity, fields in ENTITIES.items():
        columns = {name: type for name, type in fields.items() if type.kind != "rows"}
        marks = ", ".join(f"${number}" if dialect == "postgresql" else "?" for number in range(1, len(columns) + 1))
        rows = [
            tuple(stored(row[name], type, dialect) for name, type in columns.items())
            for row in world.rows[entity].values()
        ]
        filled.append((f'INSERT INTO "{entity}" VALUES ({marks})', rows))
    marks = "$1, $2" if dialect == "postgresql" else "?, ?"
    filled.append((f"INSERT INTO watching VALUES ({marks})", list(world.watching)))
    return filled
