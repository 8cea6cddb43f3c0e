"""Many rows change with the rights that one would need, all or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: tasks
version: 1.0.0
owner: team-tasks
components: {accounts: ACCOUNTS, bulk: std/bulk@^1}
roles: {clerk: {}}
entities:
  Task:
    traits: {bulk: {fields: [state, helper], delete: true, by: [clerk], most: 3}}
    fields:
      name: text(100)!
      state: {enum: [open, done], default: open}
      helper: {ref: accounts.User}
      owner: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      clerk:
        read: true
        create: {fields: [name]}
        update: {fields: [state, helper], where: this.owner == caller}
        delete: {where: this.owner == caller}
    expose: /api/tasks
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("bulk"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=["clerk"], bob=["clerk"], eve=[]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def test_all_or_none(service: Assembled) -> None:
    """One row of somebody else refuses the request and leaves every row as it was."""
    own = [await made(service, "ann", "/api/tasks", name=f"{number}") for number in range(2)]
    other = await made(service, "bob", "/api/tasks", name="other")
    ann = await service.client("ann")

    done = await ann.post("/api/tasks/bulk/update", json={"ids": own, "state": "done"})
    refused = await ann.post("/api/tasks/bulk/update", json={"ids": [own[0], other], "state": "open"})

    assert (done.status, done.json()) == (200, {"changed": 2})
    assert refused.status in (403, 409)
    assert (await ann.get(f"/api/tasks/{own[0]}")).json()["state"] == "done"


async def test_bounds_and_roles(service: Assembled) -> None:
    """Too many ids are refused, so are people without the role."""
    ids = [await made(service, "ann", "/api/tasks", name=f"{number}") for number in range(4)]
    ann, eve = await service.client("ann"), await service.client("eve")

    assert (await ann.post("/api/tasks/bulk/delete", json={"ids": ids})).status == 422
    assert (await eve.post("/api/tasks/bulk/delete", json={"ids": ids[:1]})).status == 403
    assert (await ann.post("/api/tasks/bulk/delete", json={"ids": ids[:3]})).json() == {"deleted": 3}
    assert (await ann.get("/api/tasks?total=true")).json()["total"] == 1
