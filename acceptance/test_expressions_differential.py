"""Every way to evaluate an expression gives the same: a Python closure, SQLite, PostgreSQL.

``ARCHWRIGHT_EXPRESSIONS`` says how many expressions are tried for each seed, ``ARCHWRIGHT_SEEDS`` with which seeds.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from acceptance.expressions.generator import SIMPLE, Generator
from acceptance.expressions.statement import Statement
from acceptance.expressions.world import SCOPE, View, World, inserts, make_world, stored, tables
from archwright.language.expression import Type, Typed, check, parse
from archwright_runtime.expression import (
    compile_closure,
    compile_condition,
    compile_sql,
    register_functions,
)

COUNT = int(os.environ.get("ARCHWRIGHT_EXPRESSIONS", "250"))
SEEDS = [int(seed) for seed in os.environ.get("ARCHWRIGHT_SEEDS", "1 2 3 4").split()]


@dataclass(frozen=True)
class Case:
    """One accepted expression."""

    text: str
    typed: Typed


def cases(seed: int, wanted: int) -> tuple[list[Case], int]:
    """Accepted expressions of a seed, and how many were written for them."""
    generator = Generator(seed)
    found: list[Case] = []
    written = 0
    while len(found) < wanted:
        kind = generator.chance.choice(("bool", "bool", *SIMPLE))
        depth = generator.chance.choice((1, 2, 3, 4))
        text = generator.condition(depth) if kind == "bool" else generator.value(kind, depth)
        written += 1
        typed = check(parse(text), SCOPE)
        if isinstance(typed, Typed):
            found.append(Case(text, typed))
    return found, written


def expected(case: Case, world: World, names: dict[str, Any]) -> dict[str, Any]:
    """What the closure says of every row."""
    closure = compile_closure(case.typed.node)
    found = {}
    for id, row in world.rows["Task"].items():
        parent = row["parent"]
        names["this"] = View(world, "Task", row)
        names["old"] = View(world, "Task", world.rows["Task"][parent]) if parent else None
        found[id] = closure(names)
    return found


FROM = 'FROM "Task" this LEFT JOIN "Task" old ON old."id" = this."parent"'


def statements(case: Case, dialect: Any, holds: bool) -> list[tuple[str, Statement, bool]]:
    """The expression as a value of every row, and where it is a truth also as the condition that chooses rows."""
    context = Statement(dialect, holds)
    made = [(f'SELECT this."id", {compile_sql(case.typed.node, context)} {FROM}', context, False)]
    if case.typed.type.kind == "bool":
        context = Statement(dialect, holds)
        made.append((f'SELECT this."id" {FROM} WHERE {compile_condition(case.typed.node, context)}', context, True))
    return made


def comparable(value: Any, type: Type, dialect: str) -> Any:
    """A result of the closure in the form in which the database answers."""
    return stored(value, type, dialect)


@pytest.fixture(params=SEEDS)
def world(request: pytest.FixtureRequest) -> tuple[int, World]:
    """The world of a seed."""
    return request.param, make_world(request.param)


@pytest.fixture
def sqlite(world: tuple[int, World]) -> Iterator[sqlite3.Connection]:
    """The world in SQLite."""
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    for statement in tables("sqlite"):
        connection.execute(statement)
    for statement, rows in inserts(world[1], "sqlite"):
        connection.executemany(statement, rows)
    yield connection
    connection.close()


@pytest.fixture
async def postgresql(world: tuple[int, World], postgres_database: str) -> AsyncIterator[asyncpg.Connection]:
    """The world in PostgreSQL, in a session whose time zone has a summer time."""
    connection = await asyncpg.connect(postgres_database, server_settings={"timezone": "Europe/Berlin"})
    for statement in tables("postgresql"):
        await connection.execute(statement)
    for statement, rows in inserts(world[1], "postgresql"):
        await connection.executemany(statement, rows)
    yield connection
    await connection.close()


async def test_closure_sqlite_and_postgresql_agree(
    world: tuple[int, World],
    sqlite: sqlite3.Connection,
    postgresql: asyncpg.Connection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An accepted expression has the same value for every row and every request, however it is evaluated."""
    seed, rows = world
    found, written = cases(seed, COUNT)
    compared = 0

    for number, case in enumerate(found):
        names = rows.requests[number % len(rows.requests)]
        values = expected(case, rows, names)
        for dialect in ("sqlite", "postgresql"):
            wanted = {id: comparable(value, case.typed.type, dialect) for id, value in values.items()}
            for sql, context, chosen in statements(case, dialect, holds=number % 2 == 0):
                arguments = context.arguments(names)
                try:
                    if dialect == "sqlite":
                        answer = sqlite.execute(sql, arguments).fetchall()
                    else:
                        answer = [tuple(record) for record in await postgresql.fetch(sql, *arguments)]
                except (sqlite3.Error, asyncpg.PostgresError) as error:
                    raise AssertionError(f"seed {seed}, {dialect}: {error}\n{case.text}\n{sql}\n{arguments}") from error
                if chosen:
                    got: Any = {id for (id,) in answer}
                    right: Any = {id for id, value in wanted.items() if value}
                else:
                    got, right = dict(answer), wanted
                where = f"seed {seed}, {dialect}: {case.text}\n{sql}\n{arguments}"
                assert got == right, f"{where}\n{difference(right, got)}"
                compared += len(wanted)

    with capsys.disabled():
        print(f"\n  seed {seed}: {len(found)} expressions ({written} written), {compared} values compared")


def difference(right: Any, got: Any) -> str:
    """The first few rows on which two answers differ."""
    if isinstance(right, set):
        return f"closure only: {sorted(right - got)[:5]}, SQL only: {sorted(got - right)[:5]}"
    rows = [(id, right[id], got.get(id)) for id in right if right[id] != got.get(id)]
    return f"id, closure, SQL: {rows[:5]}"
