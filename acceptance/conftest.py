"""Running examples: one server for each example and database, shared by all tests of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from acceptance.attacked import ada, attacked, attacked_build, bob, eve, report  # noqa: F401
from acceptance.services import EXAMPLES, Built, Service, build_example, serving

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """Examples by name, each built once."""
    known: dict[str, Built] = {}

    def get(name: str) -> Built:
        if name not in known:
            known[name] = build_example(name, tmp_path_factory.mktemp(name))
        return known[name]

    return get


Running: TypeAlias = Callable[..., Service]
"""Gives the running example of a name on a database; with a purpose, one that other tests leave alone."""


@pytest.fixture(scope="session")
def running(
    request: pytest.FixtureRequest, built: Callable[[str], Built], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Running examples by name and database, each migrated, seeded and started when first asked for."""
    known: dict[tuple[str, str, str], Service] = {}
    with ExitStack() as stack:

        def get(name: str, dialect: str, purpose: str = "") -> Service:
            if (name, dialect, purpose) not in known:
                folder = tmp_path_factory.mktemp(f"{name}-{dialect}")
                if dialect == "postgresql":
                    url = request.getfixturevalue("postgres_cluster").create()
                else:
                    url = f"sqlite:///{folder / 'data.sqlite'}"
                known[name, dialect, purpose] = stack.enter_context(_deployed(built(name), url, folder))
            return known[name, dialect, purpose]

        yield get


def _deployed(example: Built, url: str, folder: Path) -> AbstractContextManager[Service]:
    for arguments in (("migrate",), ("seed", "--file", str(example.demo))):
        done = example.run(arguments[0], "--database", url, *arguments[1:])
        assert done.returncode == 0, done.stderr
    return serving(example, url, folder)


@pytest.fixture(params=DATABASES)
def leave(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running leave-requests."""
    return running("leave-requests", request.param)


@pytest.fixture(params=DATABASES)
def helpdesk(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running helpdesk."""
    return running("helpdesk", request.param)


@pytest.fixture(params=DATABASES)
def inventory(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running inventory."""
    return running("inventory", request.param)


@pytest.fixture(params=DATABASES)
def shop(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running shop."""
    return running("shop", request.param)


@pytest.fixture(params=DATABASES)
def survey(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running survey."""
    return running("survey", request.param)


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> str:
    """The name of each example."""
    name: str = request.param
    return name
