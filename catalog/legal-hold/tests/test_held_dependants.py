"""What a hold keeps does not go, or change, because something else goes; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

COURT = f"""
assembly: court
version: 1.0.0
owner: team-court
components:
  accounts: {ACCOUNTS}
  rights: {{use: std/data-subject@^1}}
  hold: {{use: std/legal-hold@^1}}
roles:
  clerk: {{}}
entities:
  Matter:
    subject: person
    fields:
      name: text(50)!
      person: {{ref: accounts.User, default: "${{caller}}", immutable: true}}
    permissions: {{clerk: {{read: true, create: true, delete: true}}}}
    retention: {{for: 1y, from: this.created_at, then: delete}}
    expose: /api/matters
  Folder:
    fields:
      matter: {{ref: Matter, on_delete: cascade}}
      within: {{ref: Folder, on_delete: cascade}}
    permissions: {{clerk: {{read: true, create: true, delete: true}}}}
    expose: /api/folders
  Evidence:
    traits: {{legal-hold: {{by: [clerk]}}}}
    fields: {{folder: {{ref: Folder, required: true, on_delete: cascade}}}}
    permissions: {{clerk: {{read: true, create: true}}}}
    expose: {{path: /api/evidence, operations: [list, get, create]}}
  Note:
    traits: {{legal-hold: {{by: [clerk]}}}}
    fields: {{matter: {{ref: Matter, on_delete: clear}}}}
    permissions: {{clerk: {{read: true, create: true}}}}
    expose: {{path: /api/notes, operations: [list, get, create]}}
  Receipt:
    hold: this.until != null && this.until > today
    fields: {{until: date}}
    permissions: {{clerk: {{read: true, create: true}}}}
    retention: {{for: 1d, from: this.created_at, then: delete}}
    expose: {{path: /api/receipts, operations: [create]}}
operations:
  Receipts:
    trigger: {{http: GET /api/receipts}}
    access: [clerk]
    remember: 10m
    steps: [{{list: Receipt, as: receipts}}]
    returns: {{body: "${{receipts}}"}}
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built once."""
    return assemble(COURT, tmp_path_factory.mktemp("court"))


@pytest.fixture
async def court(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with two clerks and an officer."""
    roles = people(ann=["clerk"], bob=["clerk"], dpo=["data-protection-officer"])
    async with started(dist, database, seed=Seed(people=roles)) as service:
        yield service


async def _made(court: Assembled, path: str, **values: str) -> str:
    answer = await (await court.client("ann")).post(f"/api/{path}", json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def _hold(court: Assembled, path: str) -> None:
    answer = await (await court.client("ann")).post(f"/api/{path}/hold", json={"reason": "A dispute"})
    assert answer.status == 204, answer.body


async def _work(court: Assembled, now: datetime) -> None:
    jobs = court.application.engine.background.jobs
    await jobs.enter(now)
    assert "retention:Receipt" in await jobs.round(now + timedelta(days=3))


async def test_a_row_stays_while_a_held_one_would_go_with_it(court: Assembled) -> None:
    """A hold keeps a row from going with what it belongs to, however far up that is, and until it is released."""
    ann = await court.client("ann")
    matter = await _made(court, "matters", name="A")
    folder = await _made(court, "folders", matter=matter)
    inner = await _made(court, "folders", within=folder)
    evidence = await _made(court, "evidence", folder=inner)
    await _hold(court, f"evidence/{evidence}")

    refused = [(await ann.delete(path)).status for path in (f"/api/matters/{matter}", f"/api/folders/{folder}")]
    kept = (await ann.get(f"/api/evidence/{evidence}")).status
    await ann.delete(f"/api/evidence/{evidence}/hold")
    released = (await ann.delete(f"/api/matters/{matter}")).status

    assert refused == [403, 403]
    assert kept == 200
    assert released == 204
    assert (await ann.get(f"/api/evidence/{evidence}")).status == 404


async def test_a_held_row_keeps_its_reference(court: Assembled) -> None:
    """A row stays while a held one would lose its reference to it."""
    ann = await court.client("ann")
    matter = await _made(court, "matters", name="B")
    note = await _made(court, "notes", matter=matter)
    await _hold(court, f"notes/{note}")

    refused = (await ann.delete(f"/api/matters/{matter}")).status

    assert refused == 403
    assert (await ann.get(f"/api/notes/{note}")).json()["matter"] == matter


async def test_folders_too_deep_to_follow_stay(court: Assembled) -> None:
    """A row deeper than holds are followed never goes unseen: what is above it stays."""
    ann = await court.client("ann")
    folders = [await _made(court, "folders", matter=await _made(court, "matters", name="C"))]
    for _ in range(6):
        folders.append(await _made(court, "folders", within=folders[-1]))
    evidence = await _made(court, "evidence", folder=folders[-1])
    await _hold(court, f"evidence/{evidence}")

    refused = (await ann.delete(f"/api/folders/{folders[0]}")).status

    assert refused == 403
    assert (await ann.get(f"/api/evidence/{evidence}")).status == 200


async def test_erasure_spares_what_holds_something(court: Assembled) -> None:
    """Erasing a person leaves and counts the rows with which a held one would go."""
    ann, officer = await court.client("ann"), await court.client("dpo")
    person = (await ann.get("/api/accounts/me")).json()["id"]
    folder = await _made(court, "folders", matter=await _made(court, "matters", name="D"))
    evidence = await _made(court, "evidence", folder=folder)
    await _hold(court, f"evidence/{evidence}")
    free = await _made(court, "matters", name="E")

    erased = await officer.post(f"/api/my-data/people/{person}/erasure", json={})

    assert erased.status == 200, erased.body
    assert erased.json()["held"] == 1
    bob = await court.client("bob")
    assert (await bob.get(f"/api/evidence/{evidence}")).status == 200
    assert (await bob.get(f"/api/matters/{free}")).status == 404


async def test_retention_spares_rows_on_hold_today(court: Assembled) -> None:
    """A hold may depend on the day; answers remembered before retention has deleted rows are forgotten."""
    ann = await court.client("ann")
    kept = await _made(court, "receipts", until="2999-01-01")
    gone = await _made(court, "receipts")
    before = (await ann.get("/api/receipts")).json()["items"]

    await _work(court, datetime.now(UTC))

    after = (await ann.get("/api/receipts")).json()["items"]
    assert {one["id"] for one in before} == {kept, gone}
    assert [one["id"] for one in after] == [kept]
