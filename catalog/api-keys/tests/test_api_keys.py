"""Programs act as people with keys, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_runtime.testing.client import Client
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

NOTES = f"""
assembly: notes
version: 1.0.0
owner: team-notes
components:
  accounts: {ACCOUNTS}
  keys: {{use: std/api-keys@^1, config: {{most: 3, remember: 0s}}}}
roles:
  reader: {{}}
  writer: {{includes: [reader]}}
entities:
  Note:
    fields: {{title: text(100)!}}
    permissions:
      reader: {{read: true}}
      writer: {{create: true}}
    expose: /api/notes
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built once."""
    return assemble(NOTES, tmp_path_factory.mktemp("notes"))


@pytest.fixture
async def notes(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with a writer, a reader and an administrator."""
    seed = Seed(people=people(ann=["writer", "reader"], bob=["reader"], eve=["admin"]))
    async with started(dist, database, seed=seed) as service:
        yield service


async def _key(service: Assembled, person: str, **more: Any) -> dict[str, Any]:
    answer = await (await service.client(person)).post("/api/keys", json={"name": "script", **more})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json()
    return made


def _program(service: Assembled, key: str) -> Client:
    return Client(service.application, token=key, scheme="ApiKey")


async def test_a_key_acts_as_its_owner(notes: Assembled) -> None:
    """A program with a key writes what its owner may write."""
    key = await _key(notes, "ann")

    answer = await _program(notes, key["key"]).post("/api/notes", json={"title": "By a program"})

    assert answer.status == 201


async def test_a_key_has_no_more_roles_than_it_was_given(notes: Assembled) -> None:
    """A key that may only read does not write, and nobody gives a key what they lack themselves."""
    key = await _key(notes, "ann", roles=["reader"])
    program = _program(notes, key["key"])

    read, written = await program.get("/api/notes"), await program.post("/api/notes", json={"title": "No"})
    more = await (await notes.client("bob")).post("/api/keys", json={"name": "greedy", "roles": ["writer"]})

    assert (read.status, written.status) == (200, 403)
    assert (more.status, more.problems) == (422, {"/roles": "not-held"})


async def test_a_key_loses_what_its_owner_loses(notes: Assembled) -> None:
    """Roles are those held now, and the keys of somebody who was deactivated do nothing."""
    key = await _key(notes, "ann", roles=["writer"])
    program, admin = _program(notes, key["key"]), await notes.client("eve")
    ann = (await (await notes.client("ann")).get("/api/accounts/me")).json()["id"]

    await admin.request("PUT", f"/api/accounts/users/{ann}/roles", json={"roles": ["reader"]})
    less = await program.post("/api/notes", json={"title": "Too late"})
    await admin.post(f"/api/accounts/users/{ann}/deactivation")
    gone = await program.get("/api/notes")

    assert (less.status, gone.status) == (403, 401)


async def test_a_revoked_key_opens_nothing(notes: Assembled) -> None:
    """A key ends at once, and only its owner ends it."""
    key = await _key(notes, "ann")
    program = _program(notes, key["key"])
    assert (await program.get("/api/notes")).status == 200

    others = await (await notes.client("bob")).delete(f"/api/keys/{key['id']}")
    own = await (await notes.client("ann")).delete(f"/api/keys/{key['id']}")

    assert (others.status, own.status) == (404, 204)
    assert (await program.get("/api/notes")).status == 401


async def test_a_key_makes_no_keys(notes: Assembled) -> None:
    """Whoever steals a key can neither make another one nor end one."""
    key = await _key(notes, "ann")
    program = _program(notes, key["key"])

    made = await program.post("/api/keys", json={"name": "more"})
    ended = await program.delete(f"/api/keys/{key['id']}")

    assert (made.status, ended.status) == (403, 403)


async def test_a_key_is_shown_once(notes: Assembled) -> None:
    """Lists show how a key begins, never the key or its digest, and only to its owner."""
    key = await _key(notes, "ann")

    own = (await (await notes.client("ann")).get("/api/keys")).json()["items"]
    others = (await (await notes.client("bob")).get("/api/keys")).json()["items"]

    assert [one["begins"] for one in own] == [key["key"][:8]]
    assert key["key"] not in str(own) and "digest" not in own[0]
    assert others == []


async def test_one_person_has_so_many_keys(notes: Assembled) -> None:
    """The fourth of three keys is refused."""
    for _ in range(3):
        await _key(notes, "ann")

    answer = await (await notes.client("ann")).post("/api/keys", json={"name": "one more"})

    assert answer.status == 409


@pytest.mark.parametrize("token", ["key_", "key_x", "key_" + "a" * 5000, "x" * 43, "key_' or 1=1 --"])
async def test_what_is_no_key_is_nobodys(notes: Assembled, token: str) -> None:
    """Other texts are refused like an ended key."""
    assert (await _program(notes, token).get("/api/notes")).status in (401, 431)


async def test_a_page_makes_and_lists_keys(notes: Assembled) -> None:
    """People make keys on a page and see those that they have."""
    ann = await notes.client("ann")
    await _key(notes, "ann", name="on a page")

    page = await ann.get("/keys")

    assert page.status == 200
    assert b"on a page" in page.body
