"""The published conformance vectors of CEL hold for the subset, in Python, SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import asyncpg
import pytest
import yaml

from acceptance.expressions.statement import Statement
from acceptance.expressions.world import SCOPE
from archwright.language.expression import Typed, check, parse
from archwright_runtime.expression import compile_closure, compile_sql, register_functions, tree
from archwright_runtime.expression.hoisting import Hoisting

VECTORS = yaml.safe_load((Path(__file__).parent / "expressions/conformance.yaml").read_text("utf-8"))
GIVES: list[tuple[str, Any]] = list(VECTORS["gives"].items())


def _typed(text: str) -> Typed:
    typed = check(parse(text), SCOPE)
    assert isinstance(typed, Typed), typed
    return typed


@pytest.fixture
def in_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants alone are bound, so that operators on constants are computed by the database."""
    monkeypatch.setattr(Hoisting, "possible", lambda _, node, origins=None: isinstance(node, tree.Constant))


def _statement(text: str, dialect: Literal["sqlite", "postgresql"]) -> tuple[str, list[Any]]:
    context = Statement(dialect)
    sql = f"SELECT {compile_sql(_typed(text).node, context)}"
    return sql, context.arguments({})


@pytest.mark.parametrize(("text", "value"), GIVES)
def test_closure(text: str, value: Any) -> None:
    """A closure gives the published value."""
    assert compile_closure(_typed(text).node)({}) == value


@pytest.mark.usefixtures("in_the_database")
@pytest.mark.parametrize(("text", "value"), GIVES)
def test_sqlite(text: str, value: Any) -> None:
    """SQLite gives the published value."""
    sql, arguments = _statement(text, "sqlite")

    with closing(sqlite3.connect(":memory:")) as connection:
        register_functions(connection)
        answer = connection.execute(sql, arguments).fetchone()[0]

    assert answer == value


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_the_database")
async def test_postgresql(postgres_url: str) -> None:
    """PostgreSQL gives every published value."""
    statements = {text: _statement(text, "postgresql") for text, _ in GIVES}
    connection = await asyncpg.connect(postgres_url)

    answers = {}
    try:
        for text, (sql, arguments) in statements.items():
            answers[text] = await connection.fetchval(sql, *arguments)
    finally:
        await connection.close()

    assert answers == dict(GIVES)


@pytest.mark.parametrize("text", [*VECTORS["refused"], *VECTORS["outside"]])
def test_refused(text: str) -> None:
    """What fails in CEL, or is not part of the subset, is refused before it runs."""
    assert not isinstance(check(parse(text), SCOPE), Typed)
