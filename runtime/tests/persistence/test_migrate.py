"""Migrations, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from archwright_runtime.errors import DatabaseError, IntegrityError, StartError
from archwright_runtime.persistence.database import Database
from archwright_runtime.persistence.migrate import Migration, migrate, pending, read_migrations, require_current
from archwright_runtime.persistence.opening import connect

FIRST = Migration("0001-first", "CREATE TABLE thing (id text PRIMARY KEY); INSERT INTO thing VALUES ('a');")
SECOND = Migration("0002-second", "ALTER TABLE thing ADD size bigint;")


async def test_each_migration_is_applied_once(database: Database) -> None:
    """Applying again does nothing, and only what is new is applied later."""
    first = await migrate(database, [FIRST])
    again = await migrate(database, [FIRST])
    more = await migrate(database, [FIRST, SECOND])

    assert first == ["0000-system", "0001-first"]
    assert (again, more) == ([], ["0002-second"])


async def test_several_processes_migrate_at_once(database: Database, database_url: str) -> None:
    """Whoever comes second finds everything applied."""
    others = [connect(database_url) for _ in range(3)]
    for other in others:
        await other.open()

    done = await asyncio.gather(*(migrate(one, [FIRST, SECOND]) for one in (database, *others)))

    assert sorted(name for names in done for name in names if name != "0000-system") == ["0001-first", "0002-second"]
    assert (await database.fetch("SELECT count(*) FROM thing"))[0][0] == 1
    for other in others:
        await other.close()


async def test_a_failed_migration_leaves_nothing_and_can_be_repeated(database: Database) -> None:
    """What fails half-way is as if it never began."""
    broken = Migration("0002-second", "ALTER TABLE thing ADD size bigint; SELECT nothing FROM nowhere;")
    await migrate(database, [FIRST])

    with pytest.raises(DatabaseError):
        await migrate(database, [FIRST, broken])

    assert await migrate(database, [FIRST, SECOND]) == ["0002-second"]


async def test_a_changed_migration_is_refused(database: Database) -> None:
    """Nobody can tell what the tables look like when history is rewritten."""
    await migrate(database, [FIRST])

    with pytest.raises(IntegrityError, match="0001-first"):
        await migrate(database, [Migration("0001-first", "CREATE TABLE other (id text);")])


async def test_a_service_does_not_start_on_tables_that_are_behind(database: Database) -> None:
    """What is missing is named, also in an empty database."""
    assert await pending(database, [FIRST]) == ["0001-first"]
    await migrate(database, [FIRST])

    with pytest.raises(StartError, match="0002-second"):
        await require_current(database, [FIRST, SECOND])


def test_migrations_are_read_in_order_for_one_database(tmp_path: Path) -> None:
    """Files of the other database are left out; names decide the order."""
    for name in ("0002-b.sqlite.sql", "0001-a.sqlite.sql", "0001-a.postgresql.sql", "readme.txt"):
        (tmp_path / name).write_text(name)

    found = read_migrations(tmp_path, "sqlite")

    assert [(one.name, one.text) for one in found] == [("0001-a", "0001-a.sqlite.sql"), ("0002-b", "0002-b.sqlite.sql")]
