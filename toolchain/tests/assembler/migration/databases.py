"""Real databases to migrate, and an independent judge of whether two of them have the same tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from archwright.assembler.migration.ddl import Dialect
from archwright.assembler.migration.files import Migration


class Database:
    """A database of one kind that applies migrations as the runtime does."""

    def __init__(self, dialect: Dialect, url: str) -> None:
        self.dialect = dialect
        self.engine = sqlalchemy.create_engine(url)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def clear(self) -> None:
        """Drop everything."""
        if self.dialect is Dialect.POSTGRESQL:
            with self.engine.begin() as connection:
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")
            return
        self.engine.dispose()
        Path(self.engine.url.database or "").unlink(missing_ok=True)

    def apply(self, migrations: Iterable[Migration]) -> None:
        """Run each migration in a transaction of its own, with foreign keys off on SQLite."""
        for migration in migrations:
            text = migration.files[f"migrations/{migration.name}.{self.dialect.value}.sql"].decode()
            self.run(statements(text))

    def run(self, texts: Iterable[str], *, foreign_keys: bool = False) -> None:
        """Run statements in one transaction."""
        with self.engine.connect() as connection:
            if self.dialect is Dialect.SQLITE:
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                raw.isolation_level = None
                raw.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
                _run_sqlite(raw, texts)
                return
            with connection.begin():
                for text in texts:
                    connection.exec_driver_sql(text.replace("%", "%%"))

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row."""
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(f":p{index}" for index in range(len(row)))
        values = {f"p{index}": value for index, value in enumerate(row.values())}
        with self.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), values)

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of every row, sorted."""
        names = ", ".join(f'"{column}"' for column in columns) or "count(*)"
        with self.engine.connect() as connection:
            found = connection.execute(sqlalchemy.text(f'SELECT {names} FROM "{table}"')).fetchall()
        return sorted((tuple(row) for row in found), key=repr)

    def tables(self) -> set[str]:
        """Names of all tables."""
        return set(sqlalchemy.inspect(self.engine).get_table_names())


def statements(text: str) -> list[str]:
    """The statements of a migration: each ends where SQLite would say that it is complete."""
    found, pending = [], ""
    for line in text.splitlines(keepends=True):
        if not pending.strip() and (line.startswith("--") or not line.strip()):
            continue
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending.strip().removesuffix(";"))
            pending = ""
    assert not pending.strip(), pending
    return found


def differences(migrated: Database, fresh: Database) -> list[Any]:
    """What Alembic and SQLAlchemy see between two databases of one kind."""
    metadata = sqlalchemy.MetaData()
    metadata.reflect(fresh.engine)
    with migrated.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = list(compare_metadata(context, metadata))
    left, right = _details(migrated), _details(fresh)
    return found + [
        (name, left.get(name), right.get(name)) for name in left | right if left.get(name) != right.get(name)
    ]


def _details(database: Database) -> dict[str, Any]:
    """What Alembic does not compare: keys, their names, collations, defaults, references."""
    inspector = sqlalchemy.inspect(database.engine)
    return {
        table: (
            inspector.get_pk_constraint(table),
            sorted(map(_column, inspector.get_columns(table)), key=repr),
            sorted(map(repr, inspector.get_foreign_keys(table))),
            sorted(map(repr, inspector.get_indexes(table))),
        )
        for table in inspector.get_table_names()
    }


def _column(column: Any) -> tuple[Any, ...]:
    collation = getattr(column["type"], "collation", None)
    return column["name"], str(column["type"]), collation, column["nullable"], column.get("default")


def _run_sqlite(raw: sqlite3.Connection, texts: Iterable[str]) -> None:
    raw.execute("BEGIN IMMEDIATE")
    try:
        for text in texts:
            raw.execute(text)
    except sqlite3.Error:
        raw.execute("ROLLBACK")
        raise
    raw.execute("COMMIT")
