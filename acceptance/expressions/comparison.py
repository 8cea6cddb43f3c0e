"""Evaluates one expression in every way and says where the answers differ."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from archwright.language.expression import Scope, Typed, check, parse
from archwright_runtime.expression import compile_closure, compile_condition, compile_sql, register_functions
from archwright_runtime.expression.dialect import DialectName

from .generator import Generator
from .statement import Row, Statement
from .world import View, World, inserts, stored, tables

DIALECTS: tuple[DialectName, ...] = ("sqlite", "postgresql")
FROM = 'FROM "Task" this LEFT JOIN "Task" old ON old."id" = this."parent"'


@dataclass(frozen=True)
class Case:
    """One accepted expression."""

    text: str
    typed: Typed


@dataclass(frozen=True)
class Databases:
    """The world in both databases."""

    seed: int
    world: World
    sqlite: sqlite3.Connection
    postgresql: asyncpg.Connection | None

    async def ask(self, dialect: str, sql: str, arguments: list[Any]) -> list[tuple[Any, ...]]:
        """The rows that a statement answers with."""
        if dialect == "sqlite":
            return self.sqlite.execute(sql, arguments).fetchall()
        assert self.postgresql is not None
        return [tuple(record) for record in await self.postgresql.fetch(sql, *arguments)]


def cases(generator: Generator, write: Callable[[], str], scope: Scope, wanted: int) -> tuple[list[Case], int]:
    """Accepted expressions, and how many were written for them."""
    found: list[Case] = []
    written = 0
    while len(found) < wanted:
        text = write()
        written += 1
        typed = check(parse(text), scope)
        if isinstance(typed, Typed):
            found.append(Case(text, typed))
    return found, written


async def compare(
    databases: Databases,
    case: Case,
    number: int,
    row: type[Row] = Row,
    view: type[View] = View,
    oracle: dict[str, Any] | None = None,
    dialects: tuple[DialectName, ...] = DIALECTS,
) -> int:
    """How many values were compared; fails where one differs.

    Args:
        number: chooses the request, and whether followed references are at hand.
        row: how the statement reaches ``this`` and ``old``; ``view``: how the closure does.
        oracle: the tree that the closure evaluates, where it is not the case's own.
    """
    names = databases.world.requests[number % len(databases.world.requests)]
    values = _expected(databases.world, names, oracle or case.typed.node, view)
    compared = 0
    for dialect in dialects:
        wanted = {id: _plain(stored(value, case.typed.type, dialect), case) for id, value in values.items()}
        for chosen in (False, True) if case.typed.type.kind == "bool" else (False,):
            context = Statement(dialect, holds=number % 2 == 0, row=row)
            if chosen:
                sql = f'SELECT this."id" {FROM} WHERE {compile_condition(case.typed.node, context)}'
            else:
                sql = f'SELECT this."id", {compile_sql(case.typed.node, context)} {FROM}'
            answer = await _answer(databases, case, dialect, sql, context.arguments(names))
            if chosen:
                got: Any = {id for (id,) in answer}
                right: Any = {id for id, value in wanted.items() if value}
            else:
                got, right = {id: _plain(value, case) for id, value in answer}, wanted
            assert got == right, f"{_where(databases, case, dialect, sql)}\n{_difference(right, got)}"
            compared += len(wanted)
    return compared


async def compare_groups(databases: Databases, case: Case, number: int, by: tuple[str, ...]) -> int:
    """The same for an expression over the groups of a view."""
    names = databases.world.requests[number % len(databases.world.requests)]
    closure = compile_closure(case.typed.node)
    groups: dict[tuple[Any, ...], list[View]] = {} if by else {(): []}
    for fields in databases.world.rows["Task"].values():
        groups.setdefault(tuple(fields[name] for name in by), []).append(View(databases.world, "Task", fields))
    values = {}
    for key, rows in groups.items():
        names["rows"], names["this"] = rows, rows[0] if by else None
        values[key] = closure(names)
    for dialect in DIALECTS:
        context = Statement(dialect)
        columns = [f'this."{name}"' for name in by]
        expression = compile_sql(case.typed.node, context)
        group = f" GROUP BY {', '.join(columns)}" if by else ""
        sql = f'SELECT {", ".join([*columns, expression])} FROM "Task" this{group}'
        answer = await _answer(databases, case, dialect, sql, context.arguments(names))
        got = {tuple(key): value for *key, value in answer}
        right = {key: stored(value, case.typed.type, dialect) for key, value in values.items()}
        assert got == right, f"{_where(databases, case, dialect, sql)}\n{_difference(right, got)}"
    return len(groups) * len(DIALECTS)


def _expected(world: World, names: dict[str, Any], tree: dict[str, Any], view: type[View]) -> dict[str, Any]:
    closure = compile_closure(tree)
    found = {}
    for id, row in world.rows["Task"].items():
        parent = row["parent"]
        names["this"] = view(world, "Task", row)
        names["old"] = view(world, "Task", world.rows["Task"][parent]) if parent else None
        found[id] = closure(names)
    return found


def _plain(value: Any, case: Case) -> Any:
    """A list is compared by what its JSON says."""
    return json.loads(value) if case.typed.type.kind == "list" and value is not None else value


async def _answer(
    databases: Databases, case: Case, dialect: str, sql: str, arguments: list[Any]
) -> list[tuple[Any, ...]]:
    try:
        return await databases.ask(dialect, sql, arguments)
    except (sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise AssertionError(f"{_where(databases, case, dialect, sql)}\n{arguments}\n{error}") from error


def _where(databases: Databases, case: Case, dialect: str, sql: str) -> str:
    return f"seed {databases.seed}, {dialect}: {case.text}\n{sql}"


def _difference(right: Any, got: Any) -> str:
    if isinstance(right, set):
        return f"closure only: {sorted(right - got)[:5]}, SQL only: {sorted(got - right)[:5]}"
    rows = [(id, right[id], got.get(id)) for id in right if right[id] != got.get(id)]
    return f"id, closure, SQL: {rows[:5]}"


def fill_sqlite(world: World) -> sqlite3.Connection:
    """The world in SQLite."""
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    for statement in tables("sqlite"):
        connection.execute(statement)
    for statement, rows in inserts(world, "sqlite"):
        connection.executemany(statement, rows)
    return connection


async def fill_postgresql(world: World, url: str) -> asyncpg.Connection:
    """The world in PostgreSQL, in a session whose time zone has a summer time."""
    connection = await asyncpg.connect(url, server_settings={"timezone": "Europe/Berlin"})
    for statement in tables("postgresql"):
        await connection.execute(statement)
    for statement, rows in inserts(world, "postgresql"):
        await connection.executemany(statement, rows)
    return connection


_PRESENT = frozenset(
    {
        "compare",
        "and",
        "or",
        "not",
        "present",
        "absent",
        "in",
        "search",
        "exists",
        "all",
        "count",
        "literal",
        "list",
        "name",
    }
)
"""Operations that give a value whatever they are given."""


def loosened(tree: dict[str, Any], hidden: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """A tree in which hidden fields may be absent, with all that is computed from them."""
    loose = {name: _loosened(member, hidden) for name, member in tree.items()}
    if tree["op"] in _PRESENT or (isinstance(tree["type"], dict) and tree["type"]["kind"] == "rows"):
        return loose
    parts = [member for name, member in loose.items() if name != "test" and _is_node(member)]
    parts += [part for member in loose.values() if isinstance(member, list) for part in member]
    relation = (
        tree["op"] == "size" and isinstance(tree["value"]["type"], dict) and tree["value"]["type"]["kind"] == "rows"
    )
    if not relation and (hidden(tree) or any(part.get("optional") for part in parts)):
        loose["optional"] = True
    return loose


def _loosened(member: Any, hidden: Callable[[dict[str, Any]], bool]) -> Any:
    if isinstance(member, list):
        return [_loosened(part, hidden) for part in member]
    return loosened(member, hidden) if _is_node(member) else member


def _is_node(member: Any) -> bool:
    return isinstance(member, dict) and "op" in member
