"""Others that share most come first, as far as their reader may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: songs
version: 1.0.0
owner: team-songs
components: {accounts: ACCOUNTS, recommendations: std/recommendations@^1}
roles: {keeper: {}}
entities:
  Mood:
    fields: {name: {type: text(40)!, unique: true}}
    permissions: {signed-in: {read: true}, keeper: {create: true}}
    expose: /api/moods
  Song:
    traits: {related: {by: moods, most: 2}}
    fields: {name: text(100)!, hidden: {type: bool, default: false}, moods: {many: Mood}}
    permissions: {signed-in: {read: {where: "!this.hidden"}}, keeper: {read: true, create: true}}
    expose: /api/songs
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("recommendations"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], kim=["keeper"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def test_those_that_share_most_come_first(service: Assembled) -> None:
    """At most as many as the trait says, none that may not be seen, never the row itself."""
    moods = [await made(service, "kim", "/api/moods", name=name) for name in ("calm", "glad", "slow")]
    songs = {}
    for name, count, hidden in (
        ("one", 3, False),
        ("three", 3, False),
        ("two", 2, False),
        ("alone", 0, False),
        ("secret", 3, True),
    ):
        songs[name] = await made(service, "kim", "/api/songs", name=name, moods=moods[:count], hidden=hidden)
    ann, kim = await service.client("ann"), await service.client("kim")

    shown = (await ann.get(f"/api/songs/{songs['one']}/related")).json()["items"]
    assert [row["name"] for row in shown] == ["three", "two"]
    assert {row["name"] for row in (await kim.get(f"/api/songs/{songs['one']}/related")).json()["items"]} == {
        "three",
        "secret",
    }
    assert (await ann.get(f"/api/songs/{songs['alone']}/related")).json()["items"] == []
    assert (await ann.get(f"/api/songs/{songs['secret']}/related")).status == 404
