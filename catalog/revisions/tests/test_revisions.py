"""Versions are kept, compared and restored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: pages
version: 1.0.0
owner: team-pages
components:
  accounts: ACCOUNTS
  content: std/content@^1
  revisions: std/revisions@^1
roles: {librarian: {}}
entities:
  Page:
    fields:
      title: text(200)!
      body: markdown(20000)!
      note: text(50)
      owner: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      signed-in:
        read: {where: "this.note == null || this.note != 'secret' || this.owner == caller"}
        create: {fields: [title, body, note]}
        update: {fields: [title, body, note]}
    expose: /api/pages
    traits:
      revisions: {of: [title, body, note], compared: body, restored_by: [librarian]}
views:
  Contributions:
    of: PageRevision
    group: [author]
    fields: [author, {revisions: count()}]
    expose: /api/contributions
    access: [signed-in]
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("revisions"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[], lea=["librarian"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def versions(service: Assembled, person: str, page: str) -> list[dict[str, Any]]:
    """The versions that a person may see, the latest first."""
    found: list[dict[str, Any]] = (await (await service.client(person)).get(f"/api/pages/{page}/revisions")).json()[
        "items"
    ]
    return found


async def test_every_version_is_kept(service: Assembled) -> None:
    """The first version and each changed one is kept with its author; writing the same again keeps nothing."""
    bob = await service.client("bob")
    page = await made(service, "ann", "/api/pages", title="One", body="first")

    await bob.patch(f"/api/pages/{page}", json={"body": "second"})
    await bob.patch(f"/api/pages/{page}", json={"body": "second"})
    await bob.patch(f"/api/pages/{page}", json={"note": "now there"})

    found = await versions(service, "ann", page)
    assert [(one["body"], one["note"]) for one in found] == [
        ("second", "now there"), ("second", None), ("first", None)
    ]  # fmt: skip
    assert found[0]["author"] == found[1]["author"] != found[2]["author"]
    counts = (await bob.get("/api/contributions")).json()["items"]
    assert sorted(one["revisions"] for one in counts) == [1, 2]


async def test_versions_are_compared(service: Assembled) -> None:
    """The difference of two versions of one row is shown line by line; those of two rows have none."""
    ann = await service.client("ann")
    page = await made(service, "ann", "/api/pages", title="One", body="a\nb\nc")
    other = await made(service, "ann", "/api/pages", title="Two", body="x")
    await ann.patch(f"/api/pages/{page}", json={"body": "a\nB\nc"})
    later, earlier = await versions(service, "ann", page)
    (foreign,) = await versions(service, "ann", other)

    difference = await ann.get(f"/api/pages-revisions/{later['id']}/difference?from={earlier['id']}")
    refused = await ann.get(f"/api/pages-revisions/{later['id']}/difference?from={foreign['id']}")

    assert difference.status == 200, difference.body
    assert (difference.json()["added"], difference.json()["removed"]) == (1, 1)
    assert "-b" in difference.json()["unified"] and "+B" in difference.json()["unified"]
    assert refused.status == 404


async def test_a_version_comes_back(service: Assembled) -> None:
    """Who may restore brings a version back, which becomes the latest one."""
    ann, lea = await service.client("ann"), await service.client("lea")
    page = await made(service, "ann", "/api/pages", title="One", body="first")
    await ann.patch(f"/api/pages/{page}", json={"title": "Two", "body": "second"})
    _, first = await versions(service, "ann", page)

    refused = await ann.post(f"/api/pages-revisions/{first['id']}/restoration")
    restored = await lea.post(f"/api/pages-revisions/{first['id']}/restoration")

    assert (refused.status, restored.status) == (403, 200)
    assert restored.json()["title"] == "One"
    assert [one["body"] for one in await versions(service, "lea", page)] == ["first", "second", "first"]


async def test_versions_are_seen_with_their_row_only(service: Assembled) -> None:
    """Whoever may not read the row reads none of its versions, not by their id either."""
    page = await made(service, "ann", "/api/pages", title="One", body="first", note="secret")
    (version,) = await versions(service, "ann", page)

    bob = await service.client("bob")

    assert await versions(service, "bob", page) == []
    assert (await bob.get(f"/api/pages-revisions/{version['id']}")).status == 404


async def test_nobody_forges_a_version(service: Assembled) -> None:
    """There is no operation that makes, changes or deletes a version."""
    ann = await service.client("ann")
    page = await made(service, "ann", "/api/pages", title="One", body="first")
    (version,) = await versions(service, "ann", page)

    statuses = [
        (await ann.request(method, f"/api/pages-revisions/{version['id']}", json={"body": "forged"})).status
        for method in ("PATCH", "DELETE", "PUT")
    ]

    assert statuses == [405, 405, 405]
