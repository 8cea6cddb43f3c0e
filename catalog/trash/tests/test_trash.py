"""Rows go to the trash, come back, and are gone for good."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: notes
version: 1.0.0
owner: team-notes
components:
  accounts: ACCOUNTS
  trash: std/trash@^1
roles: {librarian: {}}
entities:
  Note:
    fields:
      title: text(200)!
      owner: {ref: accounts.User, default: "${caller}", immutable: true}
      parts: {reverse: Part.note}
    permissions: {signed-in: {read: true, create: {fields: [title]}, update: {fields: [title]}}}
    expose: /api/notes
    traits:
      trash: {by: [signed-in], rows: this.owner == caller, emptied_by: [librarian]}
  Part:
    part_of: note
    fields: {note: {ref: Note, required: true, on_delete: cascade}, text: text(100)!}
    permissions: {signed-in: {read: true, create: true}}
    expose: /api/parts
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("trash"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[], lea=["librarian"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def test_what_is_trashed_is_hidden_from_everybody(service: Assembled) -> None:
    """A trashed row is neither shown, listed nor changed, and what is part of it is not seen either."""
    ann, bob = await service.client("ann"), await service.client("bob")
    note = await made(service, "ann", "/api/notes", title="One")
    part = await made(service, "bob", "/api/parts", note=note, text="of it")

    trashed = await ann.post(f"/api/notes/{note}/trash")

    assert trashed.status == 204
    assert [(await one.get(f"/api/notes/{note}")).status for one in (ann, bob)] == [404, 404]
    assert (await bob.get("/api/notes")).json()["items"] == []
    assert (await ann.patch(f"/api/notes/{note}", json={"title": "Two"})).status == 404
    assert (await bob.get(f"/api/parts/{part}")).status == 404
    assert (await bob.get("/api/parts")).json()["items"] == []
    assert (await bob.post("/api/parts", json={"note": note, "text": "more"})).status == 422


async def test_only_those_rows_may_be_trashed(service: Assembled) -> None:
    """Nobody trashes, sees in the trash or restores a row that the condition does not name."""
    ann, bob = await service.client("ann"), await service.client("bob")
    note = await made(service, "ann", "/api/notes", title="One")

    refused = await bob.post(f"/api/notes/{note}/trash")
    await ann.post(f"/api/notes/{note}/trash")

    assert refused.status == 403
    assert (await bob.get("/api/notes-trash")).json()["items"] == []
    assert (await bob.post(f"/api/notes/{note}/restoration")).status == 404


async def test_a_row_comes_back(service: Assembled) -> None:
    """What is restored is as it was before."""
    ann = await service.client("ann")
    note = await made(service, "ann", "/api/notes", title="One")
    await ann.post(f"/api/notes/{note}/trash")
    listed = (await ann.get("/api/notes-trash")).json()["items"]

    restored = await ann.post(f"/api/notes/{note}/restoration")

    assert [one["title"] for one in listed] == ["One"]
    assert restored.status == 200
    assert (await ann.get(f"/api/notes/{note}")).json()["title"] == "One"
    assert (await ann.post(f"/api/notes/{note}/restoration")).status == 404


async def test_the_trash_is_emptied(service: Assembled) -> None:
    """Who may empty the trash deletes for good what lies in it, and nothing else."""
    ann, lea = await service.client("ann"), await service.client("lea")
    gone = await made(service, "ann", "/api/notes", title="Gone")
    kept = await made(service, "ann", "/api/notes", title="Kept")
    await ann.post(f"/api/notes/{gone}/trash")

    assert (await ann.delete("/api/notes-trash")).status == 403
    assert (await lea.delete("/api/notes-trash")).status == 204

    assert (await ann.post(f"/api/notes/{gone}/restoration")).status == 404
    assert (await ann.get(f"/api/notes/{kept}")).status == 200
