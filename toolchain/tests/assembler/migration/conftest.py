"""An empty database of each kind, and a second one to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archwright.assembler.migration.ddl import Dialect
from testing_support.postgres import Cluster
from toolchain.tests.assembler.migration.databases import Database

_KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=_KINDS)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two empty databases of one kind: one to migrate, one to create afresh."""
    dialect = Dialect(request.param)
    if dialect is Dialect.SQLITE:
        urls = [f"sqlite:///{tmp_path / name}.sqlite" for name in ("migrated", "fresh")]
    else:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        urls = [cluster.create().replace("postgresql://", "postgresql+psycopg://") for _ in range(2)]
    databases = [Database(dialect, url) for url in urls]
    yield databases[0], databases[1]
    for database, url in zip(databases, urls, strict=True):
        database.close()
        if dialect is Dialect.POSTGRESQL:
            cluster.drop(url)


@pytest.fixture
def migrated(pair: tuple[Database, Database]) -> Database:
    """The database to migrate."""
    return pair[0]


@pytest.fixture
def fresh(pair: tuple[Database, Database]) -> Database:
    """The database to create afresh."""
    return pair[1]
