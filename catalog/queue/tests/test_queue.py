"""What waits and what was given up is seen by those who look after it, and by nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = f"""
assembly: parcels
version: 1.0.0
owner: team-parcels
components:
  accounts: {ACCOUNTS}
  queue: {{use: std/queue@^1, config: {{role: boss}}}}
roles: {{boss: {{}}, clerk: {{}}, worker: {{}}}}
entities:
  Parcel:
    fields: {{number: {{type: int(0..99), required: true, unique: true}}}}
    permissions:
      worker: {{read: true, create: {{fields: [number]}}}}
      boss: {{read: true, delete: true}}
    expose: /api/parcels
operations:
  Order:
    trigger: {{http: POST /api/order}}
    access: [boss]
    input: {{number: int(0..99)!, later: bool}}
    steps:
      - {{send: Pack, set: {{number: "${{input.number}}"}}, when: "!has(input.later)"}}
      - {{send: Pack, set: {{number: "${{input.number}}"}}, at: "now + duration('1h')", when: has(input.later)}}
    returns: {{status: 202}}
  Pack:
    trigger: {{queue: {{name: packing, attempts: 1}}}}
    as: worker
    input: {{number: int(0..99)!}}
    steps:
      - {{create: Parcel, set: {{number: "${{input.number}}"}}}}
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service with a queue."""
    return assemble(DOCUMENT, tmp_path_factory.mktemp("parcels"))


@pytest.fixture
async def parcels(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service, with one message given up, one delayed and one waiting."""
    seed = Seed(people=people(bea=["boss"], cem=["clerk"]))
    async with started(dist, database, seed=seed, background=False) as service:
        bea = await service.client("bea")
        for body in ({"number": 1}, {"number": 1}):
            await bea.post("/api/order", json=body)
            await _work(service)
        for body in ({"number": 2, "later": True}, {"number": 3}):
            await bea.post("/api/order", json=body)
        yield service


async def _work(service: Assembled) -> None:
    work = service.application.engine.background
    await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(seconds=1))


async def _dead(parcels: Assembled) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await (await parcels.client("bea")).get("/api/queues/dead")).json()["letters"]
    return found


async def test_numbers_say_how_much_waits(parcels: Assembled) -> None:
    """Waiting, delayed and dead messages are counted by queue."""
    queues = (await (await parcels.client("bea")).get("/api/queues")).json()["queues"]

    assert [{name: one[name] for name in ("queue", "waiting", "delayed", "dead")} for one in queues] == [
        {"queue": "packing", "waiting": 1, "delayed": 1, "dead": 1}
    ]


async def test_a_dead_message_is_seen_and_delivered_again(parcels: Assembled) -> None:
    """Once what was wrong has been mended, a message is delivered again; its values are never shown."""
    bea = await parcels.client("bea")
    dead = (await _dead(parcels))[0]
    first = (await bea.get("/api/parcels")).json()["items"][0]
    assert (await bea.delete(f"/api/parcels/{first['id']}")).status == 204

    again = await bea.post(f"/api/queues/dead/{dead['id']}/delivery", json={})
    await _work(parcels)

    assert (dead["target"], dead["error"], dead["attempts"]) == ("Pack", "conflict", 1)
    assert set(dead) == {"id", "queue", "target", "attempts", "error", "sent_at"}
    assert again.json() == {"count": 1} and await _dead(parcels) == []
    assert sorted(row["number"] for row in (await bea.get("/api/parcels")).json()["items"]) == [1, 3]


async def test_a_dead_message_may_be_let_go(parcels: Assembled) -> None:
    """What nobody wants any more is discarded; what is not there is not found."""
    bea = await parcels.client("bea")
    dead = (await _dead(parcels))[0]

    assert (await bea.delete(f"/api/queues/dead/{dead['id']}")).status == 204
    assert (await bea.delete(f"/api/queues/dead/{dead['id']}")).status == 404
    assert (await bea.post(f"/api/queues/dead/{dead['id']}/delivery", json={})).status == 404
    assert (await bea.post("/api/queues/deliveries", json={"queue": "packing"})).json() == {"count": 0}


async def test_others_see_nothing(parcels: Assembled) -> None:
    """Who does not hold the role is refused."""
    cem = await parcels.client("cem")

    assert (await cem.get("/api/queues")).status == 403
    assert (await parcels.visitor().get("/api/queues/dead")).status == 401
