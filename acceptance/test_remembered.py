"""Answers that are remembered: for the same caller, until something changes, and never for somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, RefusedAssemblyError, assemble, people, started

NOTES = f"""
assembly: notes
version: 1.0.0
owner: team-notes
components: {{accounts: {ACCOUNTS}}}
roles: {{writer: {{}}}}
entities:
  Note:
    fields:
      words: text(200)!
      owner: {{ref: accounts.User, default: "${{caller}}", immutable: true}}
    permissions:
      writer:
        read: {{where: this.owner == caller}}
        create: {{fields: [words]}}
    expose: {{path: /api/notes, operations: [create]}}
operations:
  Mine:
    trigger: {{http: GET /api/mine}}
    access: [writer]
    remember: 1h
    steps:
      - {{list: Note, as: notes}}
    returns: {{body: "${{notes}}"}}
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that remembers."""
    return assemble(NOTES, tmp_path_factory.mktemp("notes"))


@pytest.fixture
async def notes(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with two writers."""
    seed = Seed(people=people(ada=["writer"], bob=["writer"], cat=[]))
    async with started(dist, database, seed=seed, background=False) as service:
        yield service


async def _mine(notes: Assembled, person: str) -> list[str]:
    answer = await (await notes.client(person)).get("/api/mine")
    assert answer.status == 200, answer.body
    return [row["words"] for row in answer.json()["items"]]


async def _behind_its_back(notes: Assembled, words: str) -> None:
    await notes.application.database.write(f"UPDATE note SET words = '{words}'", ())


async def test_an_answer_is_given_again_until_something_is_written(notes: Assembled) -> None:
    """What is remembered is not asked of the database again; a write by an operation ends it at once."""
    ada = await notes.client("ada")
    await ada.post("/api/notes", json={"words": "one"})
    first = await _mine(notes, "ada")
    await _behind_its_back(notes, "changed")
    again = await _mine(notes, "ada")

    await ada.post("/api/notes", json={"words": "two"})

    assert first == again == ["one"]
    assert sorted(await _mine(notes, "ada")) == ["changed", "two"]


async def test_nobody_gets_another_ones_answer(notes: Assembled) -> None:
    """An answer belongs to its caller; who may not run the operation gets none."""
    await (await notes.client("ada")).post("/api/notes", json={"words": "private"})
    assert await _mine(notes, "ada") == ["private"]

    refused: Any = await (await notes.client("cat")).get("/api/mine")
    unknown = await notes.visitor().get("/api/mine")

    assert await _mine(notes, "bob") == []
    assert (refused.status, unknown.status) == (403, 401)


async def test_another_page_is_another_question(notes: Assembled) -> None:
    """What is asked for is part of what is remembered."""
    ada = await notes.client("ada")
    for words in ("one", "two"):
        await ada.post("/api/notes", json={"words": words})
    assert len(await _mine(notes, "ada")) == 2

    assert len((await ada.get("/api/mine?limit=1")).json()["items"]) == 1


def test_what_writes_does_not_remember(tmp_path: Path) -> None:
    """An operation that changes something cannot give an old answer instead."""
    wrong = NOTES.replace("{list: Note, as: notes}", "{create: Note, set: {words: x}, as: notes}")

    with pytest.raises(RefusedAssemblyError, match="assembly/remembered-write"):
        assemble(wrong, tmp_path)
