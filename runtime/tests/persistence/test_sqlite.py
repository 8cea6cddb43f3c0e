"""What only SQLite needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from archwright_runtime.errors import SettingError
from archwright_runtime.persistence.drivers.sqlite import SqliteDatabase
from archwright_runtime.persistence.opening import connect

_COUNT = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) "
    "SELECT count(*) FROM n WHERE i % 7 = 0"
)


async def test_a_long_statement_moves_to_a_thread(tmp_path: Path) -> None:
    """A statement that does too much work is interrupted on the loop and answers from a thread."""
    database = SqliteDatabase(f"sqlite:///{tmp_path / 'test.sqlite'}")
    await database.open()

    rows = await database.fetch(_COUNT.format(most=700_000))

    assert rows == [(100_000,)]
    assert database.in_thread(_COUNT.format(most=700_000))
    assert not database.in_thread(_COUNT.format(most=7))
    await database.close()


async def test_a_short_statement_run_often_stays_on_the_loop(tmp_path: Path) -> None:
    """The budget of work is per run, not per statement."""
    database = SqliteDatabase(f"sqlite:///{tmp_path / 'test.sqlite'}")
    await database.open()
    statement = _COUNT.format(most=1_000)

    for _ in range(100):
        await database.fetch(statement)

    assert not database.in_thread(statement)
    await database.close()


def test_an_address_of_another_kind_is_refused() -> None:
    """An address that names no known database is a setting error."""
    with pytest.raises(SettingError):
        connect("mysql://localhost/shop")


async def test_a_database_without_a_name_is_gone_when_closed() -> None:
    """``sqlite://`` is a database of its own that leaves nothing behind."""
    database = SqliteDatabase("sqlite://")
    await database.open()
    await database.script("CREATE TABLE thing (id text)")

    rows = await database.fetch("SELECT id FROM thing")
    await database.close()

    assert rows == []
