"""People follow things and each other."""

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
  follows: std/follows@^1
roles: {editor: {}, chief: {}}
entities:
  accounts.User:
    fields: {bio: text(200)}
    permissions: {signed-in: {read: {fields: [follower_count, followed]}}}
    traits: {follows: {path: "/api/people/{id}/follow", followed: /api/people-followed}}
  Article:
    fields:
      title: text(200)!
      secret: {type: bool, default: false}
      author: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      signed-in: {read: {where: "!this.secret || this.author == caller"}}
      editor: {create: {fields: [title, secret]}}
    expose: {path: /api/articles, operations: [list, get, create]}
    traits: {follows: {}}
operations:
  Feed:
    trigger: {http: GET /api/feed}
    access: [signed-in]
    steps:
      - {list: Article, where: "this.author.follows.exists(f, f.follower == caller)", sort: [-created_at], as: found}
    returns: {body: "${found}"}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("follows"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=["editor"], bob=[], eve=["editor"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def test_rows_are_followed(service: Assembled) -> None:
    """One follows once; the row says how many do and whether the reader does."""
    ann, bob = await service.client("ann"), await service.client("bob")
    article = await made(service, "ann", "/api/articles", title="One")

    for client in (ann, bob, bob):
        assert (await client.request("PUT", f"/api/articles/{article}/follow")).status == 204
    await ann.delete(f"/api/articles/{article}/follow")

    seen = [(await one.get(f"/api/articles/{article}")).json() for one in (ann, bob)]
    assert [(one["follower_count"], one["followed"]) for one in seen] == [(1, False), (1, True)]
    assert [one["id"] for one in (await bob.get("/api/articles-followed")).json()["items"]] == [article]
    assert (await ann.delete(f"/api/articles/{article}/follow")).status == 404


async def test_people_are_followed(service: Assembled) -> None:
    """A feed holds what those wrote whom one follows."""
    bob = await service.client("bob")
    wanted = await made(service, "ann", "/api/articles", title="Wanted")
    await made(service, "eve", "/api/articles", title="Unwanted")
    ann = (await bob.get(f"/api/articles/{wanted}")).json()["author"]

    await bob.request("PUT", f"/api/people/{ann}/follow")

    assert [one["title"] for one in (await bob.get("/api/feed")).json()["items"]] == ["Wanted"]
    followed = (await bob.get("/api/people-followed")).json()["items"]
    assert [(one["name"], one["follower_count"]) for one in followed] == [("Ann", 1)]


async def test_what_is_not_seen_is_not_followed(service: Assembled) -> None:
    """A row that one may not read cannot be followed, and nobody follows without signing in."""
    bob = await service.client("bob")
    secret = await made(service, "ann", "/api/articles", title="Secret", secret=True)

    assert (await bob.request("PUT", f"/api/articles/{secret}/follow")).status in (404, 422)
    assert (await service.visitor().request("PUT", f"/api/articles/{secret}/follow")).status == 401
