"""Tags come into being, are written alike, counted and looked for."""

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
  tags: std/tags@^1
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
    traits: {tags: {by: [editor], rows: this.article.author == caller, most: 3}}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("tags"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=["editor"], eve=["editor"], bob=[]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def tag(service: Assembled, person: str, article: str, *tags: str) -> int:
    """Say which tags an article has; the status."""
    client = await service.client(person)
    return (await client.request("PUT", f"/api/articles/{article}/tags", json={"tags": list(tags)})).status


async def test_tags_are_made_and_written_alike(service: Assembled) -> None:
    """Tags are made on the fly; case and blanks around make no difference; saying tags replaces those before."""
    bob = await service.client("bob")
    one, two = [await made(service, "ann", "/api/articles", title=title) for title in ("One", "Two")]

    assert await tag(service, "ann", one, "News", " news ", "Old") == 204
    assert await tag(service, "ann", two, "NEWS") == 204
    assert await tag(service, "ann", one, "news", "fresh") == 204

    assert sorted(tag["name"] for tag in (await bob.get(f"/api/articles/{one}/tags")).json()["items"]) == [
        "fresh",
        "news",
    ]
    counts = (await bob.get("/api/articles-tags")).json()["items"]
    assert {tag["name"]: tag["rows"] for tag in counts} == {"fresh": 1, "news": 2, "old": 0}


async def test_rows_are_found_by_their_tag(service: Assembled) -> None:
    """The rows with a tag are listed, as far as the reader may see them."""
    bob = await service.client("bob")
    one = await made(service, "ann", "/api/articles", title="One")
    secret = await made(service, "ann", "/api/articles", title="Secret", secret=True)
    for article in (one, secret):
        assert await tag(service, "ann", article, "news") == 204

    assert [one["title"] for one in (await bob.get("/api/articles-tags/News")).json()["items"]] == ["One"]
    assert [tag["rows"] for tag in (await bob.get("/api/articles-tags")).json()["items"]] == [1]


async def test_only_those_rows_are_tagged(service: Assembled) -> None:
    """Nobody tags a row that the condition does not name, with too many tags, or with none that can be read."""
    one = await made(service, "ann", "/api/articles", title="One")

    assert await tag(service, "eve", one, "mine") in (403, 422)
    assert await tag(service, "ann", one, "a", "b", "c", "d") == 422
    assert await tag(service, "ann", one, "x" * 41) == 422
    assert await tag(service, "bob", one, "x") == 403
    assert await tag(service, "ann", one, "<b>bold</b>") == 204
