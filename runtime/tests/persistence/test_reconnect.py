"""PostgreSQL may restart under a running service."""

from __future__ import annotations

import asyncio
import subprocess

import pytest

from archwright_runtime.errors import DatabaseError, Refusal
from archwright_runtime.persistence.drivers.asyncpg import AsyncpgDatabase
from testing_support.postgres import Cluster

pytestmark = pytest.mark.postgresql


def _restart(cluster: Cluster) -> None:
    """Cut every connection, as a restart does, without touching other tests' databases for long."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'archwright'"
    command = [str(cluster.programs / "psql"), "--quiet", "--no-psqlrc", "--command", sql, cluster.url()]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


async def test_connections_are_replaced_after_a_restart(postgres_cluster: Cluster, postgres_database: str) -> None:
    """After the server cut every connection, reads and transactions go on without an error."""
    database = AsyncpgDatabase(postgres_database, connections=3)
    await database.open()
    await database.script("CREATE TABLE thing (id text)")
    await asyncio.gather(*(database.fetch("SELECT id FROM thing") for _ in range(3)))

    for _ in range(2):
        await asyncio.to_thread(_restart, postgres_cluster)
        assert await database.fetch("SELECT count(*) FROM thing") is not None
        await asyncio.to_thread(_restart, postgres_cluster)
        async with database.transaction() as transaction:
            await transaction.write("INSERT INTO thing VALUES ('a')")

    assert (await database.fetch("SELECT count(*) FROM thing"))[0][0] == 2
    await database.close()


async def test_a_statement_survives_a_changed_table(postgres_database: str) -> None:
    """A prepared statement whose table a migration changed is prepared again."""
    database = AsyncpgDatabase(postgres_database, connections=1)
    await database.open()
    await database.script("CREATE TABLE thing (id text); INSERT INTO thing VALUES ('a')")
    await database.fetch("SELECT * FROM thing")
    await database.script("ALTER TABLE thing ADD size bigint NOT NULL DEFAULT 3")

    rows = await database.fetch("SELECT * FROM thing")

    assert [tuple(row) for row in rows] == [("a", 3)]
    await database.close()


async def test_an_unreachable_server_is_a_database_error() -> None:
    """An address where nobody listens is reported as such, not as a traceback of the driver."""
    database = AsyncpgDatabase("postgresql://postgres@127.0.0.1:1/nothing")

    with pytest.raises(DatabaseError, match="cannot be reached"):
        await database.open()


async def test_more_callers_than_connections_wait_for_their_turn(postgres_database: str) -> None:
    """Forty statements share two connections, and none is lost when some callers give up."""
    database = AsyncpgDatabase(postgres_database, connections=2)
    await database.open()
    tasks = [asyncio.create_task(database.fetch("SELECT pg_sleep(0.002), $1::bigint", (n,))) for n in range(40)]
    await asyncio.sleep(0)
    for task in tasks[::5]:
        task.cancel()

    ends = await asyncio.gather(*tasks, return_exceptions=True)

    assert sum(isinstance(end, list) for end in ends) == 32
    assert not any(isinstance(end, Refusal) for end in ends)
    await database.close()
