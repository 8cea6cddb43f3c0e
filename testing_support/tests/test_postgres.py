"""The throwaway PostgreSQL that tests stand on."""

from __future__ import annotations

import asyncpg
import pytest

from testing_support.postgres import Cluster

pytestmark = pytest.mark.postgresql


async def test_database_is_empty_and_reachable(postgres_database: str) -> None:
    """A test's database is reachable and holds no tables."""
    connection = await asyncpg.connect(postgres_database)

    tables = await connection.fetchval("select count(*) from information_schema.tables where table_schema = 'public'")

    await connection.close()
    assert tables == 0


async def test_databases_are_apart(postgres_cluster: Cluster, postgres_database: str) -> None:
    """What one test writes is not seen by another."""
    other = postgres_cluster.create()
    connection = await asyncpg.connect(postgres_database)
    await connection.execute("create table note (id int)")
    stranger = await asyncpg.connect(other)

    seen = await stranger.fetchval("select to_regclass('note')")

    await connection.close()
    await stranger.close()
    postgres_cluster.drop(other)
    assert seen is None


async def test_drop_disconnects(postgres_cluster: Cluster) -> None:
    """A database is dropped even while somebody is connected."""
    url = postgres_cluster.create()
    connection = await asyncpg.connect(url)

    postgres_cluster.drop(url)

    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
    connection.terminate()
