"""A file holds what its reader may read, and no formulas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: staff
version: 1.0.0
owner: team-staff
components: {accounts: ACCOUNTS, spreadsheets: std/spreadsheets@^1, transfer: std/transfer@^1}
roles: {clerk: {}, chief: {}}
entities:
  Person:
    traits: {export: {fields: [name, salary], by: [clerk, chief]}}
    fields: {name: text(100)!, salary: {type: money(EUR)}, secret: {type: bool, default: false}}
    permissions:
      clerk: {read: {where: "!this.secret", fields: [id, name]}}
      chief: {read: true, create: true}
    expose: /api/persons
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("transfer"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=["clerk"], kim=["chief"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def test_each_reader_exports_what_it_may_read(service: Assembled) -> None:
    """Hidden rows are not in the file, hidden columns are empty, and no cell begins a formula."""
    await made(service, "kim", "/api/persons", name="=cmd|' /C calc'!A0", salary="10.00")
    await made(service, "kim", "/api/persons", name='Quiet, "Q"', salary="99.00", secret=True)
    files = {}
    for person in ("ann", "kim"):
        answer = await (await service.client(person)).post("/api/persons-exports", json={"format": "csv"})
        assert answer.status == 200, answer.body
        files[person] = answer.body.decode("utf-8-sig")

    assert "10.00" not in files["ann"] and "Quiet" not in files["ann"]
    assert "99.00" in files["kim"] and "Quiet" in files["kim"]
    assert all(not line.startswith(("=", "+", "-", "@", '"=')) for text in files.values() for line in text.splitlines())


async def test_exporting_json(service: Assembled) -> None:
    """A record for each row that its reader may see, with the values that the API shows; hidden ones are null."""
    await made(service, "kim", "/api/persons", name="=1+1", salary="10.00")
    await made(service, "kim", "/api/persons", name="Quiet", salary="99.00", secret=True)
    files = {}
    for person in ("ann", "kim"):
        answer = await (await service.client(person)).post("/api/persons-exports", json={"format": "json"})
        assert answer.status == 200, answer.body
        files[person] = answer.json()

    assert files["ann"] == [{"name": "=1+1", "salary": None}]
    assert files["kim"] == [{"name": "=1+1", "salary": "10.00"}, {"name": "Quiet", "salary": "99.00"}]
