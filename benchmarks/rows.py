"""Rows written past the services, so that each starts from the same data within seconds."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import asyncpg


@dataclass(frozen=True)
class Table:
    """Rows of one table."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


async def copy_to_postgresql(url: str, tables: Sequence[Table]) -> None:
    """Append rows, parents first, and let the planner know about them."""
    connection = await asyncpg.connect(url)
    for table in tables:
        await connection.copy_records_to_table(table.name, columns=list(table.columns), records=table.rows)
    await connection.execute("vacuum analyze")
    await connection.close()


def copy_to_sqlite(path: str, tables: Sequence[Table]) -> None:
    """Append rows, parents first, and let the planner know about them."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        for table in tables:
            columns = ", ".join(f'"{column}"' for column in table.columns)
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(f'insert into "{table.name}" ({columns}) values ({marks})', table.rows)
        connection.execute("analyze")
        connection.commit()


def delete_created(database: str, table: str, column: str, value: str) -> None:
    """Remove the rows that a create scenario wrote, and what they leave behind."""
    if database.startswith("postgresql://"):
        asyncio.run(_delete_from_postgresql(database, table, column, value))
        return
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        connection.execute(f'delete from "{table}" where "{column}" = ?', (value,))
        connection.commit()


async def _delete_from_postgresql(url: str, table: str, column: str, value: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f'delete from "{table}" where "{column}" = $1', value)
    await connection.execute(f'vacuum analyze "{table}"')
    await connection.close()
