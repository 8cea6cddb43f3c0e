"""People react once for each kind, and take it back."""

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
  reactions: std/reactions@^1
roles: {editor: {}, chief: {}}
entities:
  accounts.User:
    fields: {bio: text(200)}
  Article:
    fields:
      title: text(200)!
      secret: {type: bool, default: false}
      author: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      signed-in: {read: {where: "!this.secret || this.author == caller"}}
      editor: {create: {fields: [title, secret]}}
    expose: {path: /api/articles, operations: [list, get, create]}
    traits: {reactions: {kinds: [like, wow]}}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("reactions"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=["editor"], bob=[], cid=[]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def test_people_react_once_for_each_kind(service: Assembled) -> None:
    """A second reaction of one kind changes nothing; counts are per kind, with what the reader said."""
    ann, bob = await service.client("ann"), await service.client("bob")
    article = await made(service, "ann", "/api/articles", title="One")

    for client, kind in ((ann, "like"), (bob, "like"), (bob, "like"), (bob, "wow")):
        assert (await client.request("PUT", f"/api/articles/{article}/reactions/{kind}")).status == 204

    counts = (await ann.get(f"/api/articles/{article}/reactions")).json()["items"]
    assert counts == [{"kind": "like", "people": 2, "mine": 1}, {"kind": "wow", "people": 1, "mine": 0}]
    shown = (await ann.get(f"/api/articles/{article}")).json()
    assert (shown["reaction_count"], shown["reacted"]) == (3, True)
    cid = await service.client("cid")
    assert (await cid.get(f"/api/articles/{article}")).json()["reacted"] is False


async def test_a_reaction_is_taken_back(service: Assembled) -> None:
    """Only one's own reaction is taken back."""
    ann, bob = await service.client("ann"), await service.client("bob")
    article = await made(service, "ann", "/api/articles", title="One")
    await ann.request("PUT", f"/api/articles/{article}/reactions/like")

    foreign = await bob.delete(f"/api/articles/{article}/reactions/like")
    own = await ann.delete(f"/api/articles/{article}/reactions/like")

    assert (foreign.status, own.status) == (404, 204)
    assert (await bob.get(f"/api/articles/{article}/reactions")).json()["items"] == []


async def test_other_kinds_and_unseen_rows_are_refused(service: Assembled) -> None:
    """A kind that is not configured, a row that is not seen, and visitors get a clear answer."""
    bob = await service.client("bob")
    article = await made(service, "ann", "/api/articles", title="One")
    secret = await made(service, "ann", "/api/articles", title="Secret", secret=True)

    statuses = [
        (await bob.request("PUT", f"/api/articles/{where}/reactions/{kind}")).status
        for where, kind in ((article, "hate"), (secret, "like"), ("n" * 22, "like"))
    ]

    assert all(status in (404, 422) for status in statuses), statuses
    assert (await service.visitor().request("PUT", f"/api/articles/{article}/reactions/like")).status == 401
