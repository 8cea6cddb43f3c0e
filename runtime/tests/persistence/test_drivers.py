"""Both drivers keep the promises of ``Database``."""

from __future__ import annotations

import asyncio

import pytest

from archwright_runtime.errors import DatabaseError
from archwright_runtime.persistence.database import (
    ConstraintViolationError,
    Database,
    ReferenceViolationError,
    UniqueViolationError,
)
from archwright_runtime.persistence.opening import connect

_TABLES = """
CREATE TABLE parent (id text PRIMARY KEY, name text NOT NULL);
CREATE UNIQUE INDEX uq_parent_name ON parent (name);
CREATE TABLE child (id text PRIMARY KEY, parent text NOT NULL REFERENCES parent (id));
"""


def _mark(database: Database, sql: str) -> str:
    return sql if database.dialect == "postgresql" else sql.replace("$", "?")


@pytest.fixture
async def tables(database: Database) -> Database:
    await database.script(_TABLES)
    return database


async def _insert(database: Database, id: str, name: str) -> None:
    await database.write(_mark(database, "INSERT INTO parent (id, name) VALUES ($1, $2)"), (id, name))


async def _names(database: Database) -> list[str]:
    return [row[0] for row in await database.fetch("SELECT name FROM parent ORDER BY name")]


async def test_a_single_write_commits(tables: Database) -> None:
    """A write outside a transaction is there for the next statement, and returns what it returns."""
    rows = await tables.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2) RETURNING id"), ("a", "Ada"))

    assert [tuple(row) for row in rows] == [("a",)]
    assert await _names(tables) == ["Ada"]


async def test_a_failing_block_leaves_nothing(tables: Database) -> None:
    """What a transaction wrote is gone when its block raises."""

    async def fail() -> None:
        async with tables.transaction() as transaction:
            await transaction.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("a", "Ada"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert await _names(tables) == []


async def test_a_transaction_sees_its_own_writes(tables: Database) -> None:
    """A transaction reads what it wrote, while nobody else does before the commit."""
    async with tables.transaction() as transaction:
        await transaction.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("a", "Ada"))
        inside = await transaction.fetch("SELECT name FROM parent")
        outside = await tables.fetch("SELECT name FROM parent")

    assert (len(inside), len(outside)) == (1, 0)
    assert await _names(tables) == ["Ada"]


async def test_a_second_row_with_the_same_key_names_its_columns(tables: Database) -> None:
    """A unique violation says which columns of which table it is about."""
    await _insert(tables, "a", "Ada")

    with pytest.raises(UniqueViolationError) as caught:
        await _insert(tables, "b", "Ada")

    assert (caught.value.table, caught.value.columns) == ("parent", ("name",))


async def test_a_unique_violation_inside_a_transaction_names_its_columns(tables: Database) -> None:
    """Inside a transaction a unique violation says the same, and nothing is left of the transaction."""
    await _insert(tables, "a", "Ada")

    async def insert_two() -> None:
        async with tables.transaction() as transaction:
            await transaction.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("c", "Cem"))
            await transaction.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("b", "Ada"))

    with pytest.raises(UniqueViolationError) as caught:
        await insert_two()

    assert caught.value.columns == ("name",)
    assert await _names(tables) == ["Ada"]


async def test_a_reference_to_nothing_is_refused(tables: Database) -> None:
    """A reference to a row that does not exist is a reference violation."""
    with pytest.raises(ReferenceViolationError):
        await tables.write(_mark(tables, "INSERT INTO child VALUES ($1, $2)"), ("c", "nobody"))


async def test_a_missing_value_is_a_constraint_violation(tables: Database) -> None:
    """NULL in a column that takes none is a constraint violation."""
    with pytest.raises(ConstraintViolationError):
        await tables.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("a", None))


async def test_a_wrong_statement_is_a_database_error(tables: Database) -> None:
    """A statement that the database does not understand is a database error, and the next one runs."""
    with pytest.raises(DatabaseError):
        await tables.fetch("SELECT nothing FROM nowhere")

    assert await _names(tables) == []


async def test_fifty_writers_queue(tables: Database) -> None:
    """Concurrent writers wait for each other and all succeed."""
    await asyncio.gather(*(_insert(tables, str(number), f"name {number}") for number in range(50)))

    assert len(await _names(tables)) == 50


async def test_two_processes_write_to_the_same_database(tables: Database, database_url: str) -> None:
    """A second opening of the same database waits for the first one's transaction instead of failing."""
    other = connect(database_url)
    await other.open()
    started = asyncio.Event()

    async def hold() -> None:
        async with tables.transaction() as transaction:
            await transaction.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("a", "Ada"))
            started.set()
            await asyncio.sleep(0.05)

    async def join() -> None:
        await started.wait()
        await _insert(other, "b", "Bo")

    await asyncio.gather(hold(), join())

    assert await _names(other) == ["Ada", "Bo"]
    await other.close()


async def test_a_failed_script_leaves_nothing(tables: Database) -> None:
    """A migration is applied whole or not at all."""
    with pytest.raises(DatabaseError):
        await tables.script("CREATE TABLE half (id text); CREATE TABLE half (id text);")

    with pytest.raises(DatabaseError):
        await tables.fetch("SELECT id FROM half")


async def test_a_cancelled_writer_leaves_the_database_usable(tables: Database) -> None:
    """Cancelling a request in the middle of its transaction rolls it back and lets others write."""
    started = asyncio.Event()

    async def cut_short() -> None:
        async with tables.transaction() as transaction:
            await transaction.write(_mark(tables, "INSERT INTO parent VALUES ($1, $2)"), ("a", "Ada"))
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(cut_short())
    await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await _insert(tables, "b", "Bo")

    assert await _names(tables) == ["Bo"]
