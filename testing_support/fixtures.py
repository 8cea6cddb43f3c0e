"""Fixtures for every test of the workspace.

* ``postgres_cluster``: the cluster of this worker, started when the first test asks for it.
* ``postgres_url``: the same cluster's administrative database, for tests that make databases themselves.
* ``postgres_database``: the address of an empty database, dropped after the test.
* ``chromium``: the path of the browser.

On a developer's machine without PostgreSQL or Chromium such tests are skipped; in CI they fail, since a test that
silently does not run proves nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from .chromium import ChromiumMissingError, find_chromium
from .postgres import Cluster, PostgresMissingError, find_programs, throwaway_cluster


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A throwaway PostgreSQL of this worker."""
    try:
        find_programs()
    except PostgresMissingError as error:
        _do_without(error)
    with throwaway_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: Cluster) -> str:
    """The administrative database of this worker's cluster."""
    return postgres_cluster.url()


@pytest.fixture
def postgres_database(postgres_cluster: Cluster) -> Iterator[str]:
    """The address of an empty database that only this test uses."""
    url = postgres_cluster.create()
    yield url
    postgres_cluster.drop(url)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The executable to give to Playwright, together with ``chromium.LAUNCH_ARGUMENTS``."""
    try:
        return find_chromium()
    except ChromiumMissingError as error:
        _do_without(error)


def _do_without(error: RuntimeError) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(str(error))
    pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db"
    found: str = request.getfixturevalue("postgres_database")
    return found
