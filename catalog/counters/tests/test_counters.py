"""What happens is counted by name, time and place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: links
version: 1.0.0
owner: team-links
components:
  accounts: ACCOUNTS
  counters: std/counters@^1
entities:
  Link:
    fields:
      to: {type: url!, max: 500}
      owner: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      signed-in: {read: {where: this.owner == caller}, create: {fields: [to]}}
    expose: /api/links
    traits:
      counters: {names: [opened, shared], bucket: month}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("counters"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def test_things_are_counted(service: Assembled) -> None:
    """Each call counts once more in its bucket; sums are by time and by place."""
    ann = await service.client("ann")
    link = await made(service, "ann", "/api/links", to="https://example.org/")

    for name, place in (("opened", "DE"), ("opened", "DE"), ("opened", "FR"), ("shared", "")):
        counted = await ann.post(f"/api/links/{link}/counts", json={"name": name, "place": place})
        assert counted.status == 204, counted.body

    by_time = (await ann.get(f"/api/links/{link}/counts/by-time")).json()["items"]
    by_place = (await ann.get(f"/api/links/{link}/counts/by-place")).json()["items"]
    sums = sorted((one["name"], len(one["bucket"]), one["times"]) for one in by_time)
    assert sums == [("opened", 7, 3), ("shared", 7, 1)]
    assert (by_place[0]["name"], by_place[0]["place"], by_place[0]["times"]) == ("opened", "DE", 2)


async def test_what_is_not_seen_is_not_counted(service: Assembled) -> None:
    """Nobody counts for, or reads the counts of, a row that they may not read; other names are refused."""
    ann, bob = await service.client("ann"), await service.client("bob")
    link = await made(service, "ann", "/api/links", to="https://example.org/")
    await ann.post(f"/api/links/{link}/counts", json={"name": "opened"})

    assert (await bob.post(f"/api/links/{link}/counts", json={"name": "opened"})).status == 404
    assert (await bob.get(f"/api/links/{link}/counts/by-time")).json()["items"] == []
    assert (await ann.post(f"/api/links/{link}/counts", json={"name": "sold"})).status == 422
    assert (await ann.post(f"/api/links/{link}/counts", json={"name": "opened", "place": "x" * 81})).status == 422
