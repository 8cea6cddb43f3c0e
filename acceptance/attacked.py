"""The running `assemblies/attacked`, and those who attack it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.services import ROOT, Built, Service, build_assembly, serving
from archwright.bootstrap import read_demo

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
NOBODY = "A" * 22
"""An id that no row has."""
NUMBER = count()
"""Tells one thing from the next."""
_ASSEMBLY = ROOT / "acceptance" / "assemblies" / "attacked"


@pytest.fixture(scope="session")
def attacked_build(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The built `assemblies/attacked`."""
    folder = tmp_path_factory.mktemp("attacked")
    made = build_assembly(_ASSEMBLY, folder)
    data = read_demo(_ASSEMBLY / "demo.yaml")
    demo = folder / "demo.json"
    demo.write_text(json.dumps(data))
    people = {one["email"]: one["password"] for one in data["people"]}
    return Built("attacked", made.dist, made.components, people, demo)


@pytest.fixture(scope="session", params=DATABASES)
def attacked(
    request: pytest.FixtureRequest, attacked_build: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The running service of `assemblies/attacked`."""
    folder = tmp_path_factory.mktemp(f"attacked-{request.param}")
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder / 'data.sqlite'}" if sqlite else request.getfixturevalue("postgres_cluster").create()
    for arguments in (("migrate",), ("seed", "--file", str(attacked_build.demo))):
        done = attacked_build.run(arguments[0], "--database", url, *arguments[1:])
        assert done.returncode == 0, done.stderr
    with serving(attacked_build, url, folder) as service:
        yield service


@pytest.fixture
def ada(attacked: Service) -> Iterator[httpx.Client]:
    """Whose rows the others are after."""
    with attacked.client("ada") as client:
        yield client


@pytest.fixture
def bob(attacked: Service) -> Iterator[httpx.Client]:
    """Somebody who may see nothing of Ada."""
    with attacked.client("bob") as client:
        yield client


@pytest.fixture
def eve(attacked: Service) -> Iterator[httpx.Client]:
    """Somebody who may see every report, but neither its salary nor its body."""
    with attacked.client("eve") as client:
        yield client


@pytest.fixture
def report(ada: httpx.Client) -> dict[str, Any]:
    """A report of Ada's with a salary, and a title and a serial that no other has."""
    number = next(NUMBER)
    values = {"title": f"secret {number}", "body": f"needle{number}", "serial": f"SER-{number}"}
    return create_report(ada, salary=5000 + number, **values)


def create_report(client: httpx.Client, **values: Any) -> dict[str, Any]:
    """A new report of the client's."""
    answer = client.post("/api/reports", json={"title": "a report", **values})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def shape(answer: httpx.Response) -> tuple[int, Any]:
    """Everything that an answer tells, without what differs from request to request."""
    told = answer.json() if answer.content else None
    if isinstance(told, dict):
        told.pop("request", None)
    return answer.status_code, told
