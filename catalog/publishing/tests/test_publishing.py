"""Drafts are seen by their authors, and what is published by all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: social
version: 1.0.0
owner: team-social
components:
  accounts: ACCOUNTS
  publishing: std/publishing@^1
roles: {editor: {}, chief: {}}
entities:
  Article:
    fields:
      title: text(200)!
      author: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      signed-in: {read: true}
      editor: {create: {fields: [title]}}
      chief: {read: true}
    expose: {path: /api/articles, operations: [list, get, create]}
    traits:
      publishing: {by: [editor], rows: this.author == caller, own: this.author == caller, seen_by: [chief]}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("publishing"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(
        dist, database, seed=Seed(people=people(ann=["editor"], eve=["editor"], bob=[], chef=["chief"]))
    ) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def seen(service: Assembled, article: str) -> list[int]:
    """What the author, another editor, a reader and somebody who sees everything get."""
    clients = [await service.client(name) for name in ("ann", "eve", "bob", "chef")]
    return [(await client.get(f"/api/articles/{article}")).status for client in clients]


async def test_a_draft_is_seen_when_it_is_published(service: Assembled) -> None:
    """A draft is seen by its author and by those who see everything; what is published is seen by all."""
    ann = await service.client("ann")
    article = await made(service, "ann", "/api/articles", title="One")

    before = await seen(service, article)
    published = await ann.post(f"/api/articles/{article}/publication")
    after = await seen(service, article)
    await ann.post(f"/api/articles/{article}/archival")
    archived = await seen(service, article)

    assert (before, published.status, published.json()["state"]) == ([200, 404, 404, 200], 200, "published")
    assert (after, archived) == ([200] * 4, [200, 404, 404, 200])


async def test_only_the_right_people_publish(service: Assembled) -> None:
    """Nobody publishes or withdraws a row that the condition does not name."""
    eve, bob = await service.client("eve"), await service.client("bob")
    article = await made(service, "ann", "/api/articles", title="One")

    assert (await eve.post(f"/api/articles/{article}/publication")).status == 404
    assert (await bob.post(f"/api/articles/{article}/publication")).status == 403
    assert await seen(service, article) == [200, 404, 404, 200]


async def test_a_row_is_published_at_its_time(service: Assembled) -> None:
    """What is scheduled waits for its time; a time that has passed is refused, and so is what is published."""
    ann = await service.client("ann")
    article = await made(service, "ann", "/api/articles", title="One")

    past = await ann.post(f"/api/articles/{article}/schedule", json={"at": "2020-01-01T00:00:00Z"})
    later = await ann.post(f"/api/articles/{article}/schedule", json={"at": "2100-01-01T00:00:00Z"})

    assert (past.status, later.status, later.json()["state"]) == (422, 200, "scheduled")
    assert await seen(service, article) == [200, 404, 404, 200]
    await ann.post(f"/api/articles/{article}/publication")
    assert (await ann.post(f"/api/articles/{article}/schedule", json={"at": "2100-01-01T00:00:00Z"})).status == 409
