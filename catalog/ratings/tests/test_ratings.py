"""Everybody rates once; averages are exact and made of what the reader may read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: wines
version: 1.0.0
owner: team-wine
components: {accounts: ACCOUNTS, ratings: std/ratings@^1}
roles: {keeper: {}}
entities:
  Wine:
    traits: {ratings: {most: 10, comment: false, by: [signed-in]}}
    fields: {name: text(100)!, hidden: {type: bool, default: false}}
    permissions:
      signed-in: {read: {where: "!this.hidden"}}
      keeper: {read: true, create: true}
    expose: {path: /api/wines, sort: [rating]}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("ratings"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[], kim=["keeper"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def test_one_person_rates_once(service: Assembled) -> None:
    """A second rating replaces the first, and the average has two exact digits."""
    wine = await made(service, "kim", "/api/wines", name="Red")
    for person, stars in (("ann", 1), ("ann", 10), ("bob", 7), ("kim", 8)):
        answer = await (await service.client(person)).request("PUT", f"/api/wines/{wine}/rating", json={"stars": stars})
        assert answer.status == 200, answer.body

    row = (await (await service.client("ann")).get(f"/api/wines/{wine}")).json()
    assert (row["rating"], row["rated"]) == ("8.33", 3)
    assert "comment" not in answer.json()


async def test_a_hidden_row_is_not_rated(service: Assembled) -> None:
    """What somebody may not see looks like what is not there, and stars have bounds."""
    wine = await made(service, "kim", "/api/wines", name="Secret", hidden=True)
    ann = await service.client("ann")

    assert (await ann.request("PUT", f"/api/wines/{wine}/rating", json={"stars": 5})).status == 404
    assert (await ann.request("PUT", f"/api/wines/{wine}/rating", json={"stars": 11})).status == 422
    assert (await service.visitor().request("PUT", f"/api/wines/{wine}/rating", json={"stars": 5})).status == 401
