"""Messages to operations: sent in a transaction, received after it, tried again, kept when they are dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_runtime.testing.client import Client
from testing_support.assembled import ACCOUNTS, Assembled, RefusedAssemblyError, assemble, people, started

LETTERS = f"""
assembly: letters
version: 1.0.0
owner: team-post
components: {{accounts: {ACCOUNTS}}}
roles: {{worker: {{}}, boss: {{}}}}
entities:
  Letter:
    fields: {{number: {{type: int(0..1000), required: true, unique: true}}, day: date}}
    permissions:
      worker: {{read: true, create: {{fields: [number, day]}}}}
      boss: {{read: true}}
    expose: /api/letters
operations:
  Write:
    trigger: {{http: POST /api/write}}
    access: [boss]
    input: {{number: int(0..1000)!, key: text(20), times: {{list: int(0..1000), max: 20}}, refuse: bool}}
    steps:
      - {{send: Deliver, set: {{number: "${{input.number}}", day: "${{today}}"}}, once: "${{input.key}}",
          when: input.key != null}}
      - {{send: Deliver, set: {{number: "${{input.number}}", day: "${{today}}"}}, when: input.key == null}}
      - {{send: Deliver, each: input.times, set: {{number: "${{item}}"}}, when: has(input.times)}}
      - {{require: "!has(input.refuse)"}}
    returns: {{status: 202}}
  Later:
    trigger: {{http: POST /api/later}}
    access: [boss]
    steps:
      - {{send: Deliver, set: {{number: 7}}, at: "now + duration('10m')"}}
    returns: {{status: 202}}
  Beyond:
    trigger: {{http: POST /api/beyond}}
    access: [boss]
    input: {{number: int(0..1000)!}}
    steps:
      - {{send: Deliver, set: {{number: "${{input.number * 2}}"}}}}
    returns: {{status: 202}}
  Deliver:
    trigger: {{queue: {{name: letters, attempts: 3, wait: 1s}}}}
    as: worker
    input: {{number: int(0..1000)!, day: date}}
    steps:
      - {{create: Letter, set: {{number: "${{input.number}}", day: "${{input.day}}"}}}}
"""
_YEAR = timedelta(days=365)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service that sends letters to itself."""
    return assemble(LETTERS, tmp_path_factory.mktemp("letters"))


@pytest.fixture
async def letters(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service, working in the background only when a test says so."""
    async with started(dist, database, seed=Seed(people=people(bea=["boss"])), background=False) as service:
        yield service


async def _work(service: Assembled, after: timedelta = timedelta(seconds=1)) -> int:
    work = service.application.engine.background
    return await work.outbox.round(work.deliver, datetime.now(UTC) + after)


async def _numbers(client: Client) -> list[int]:
    return sorted(row["number"] for row in (await client.get("/api/letters")).json()["items"])


async def _entries(service: Assembled) -> list[Any]:
    sql = "SELECT target, attempts, dead, error FROM archwright_outbox ORDER BY created_at"
    return [tuple(row) for row in await service.application.database.fetch(sql)]


async def test_a_message_is_received_after_the_commit(letters: Assembled) -> None:
    """An operation runs for each message, with typed input and the rights of its own principal."""
    bea = await letters.client("bea")

    sent = await bea.post("/api/write", json={"number": 1, "times": [2, 3]})
    before = await _numbers(bea)
    await _work(letters)

    assert sent.status == 202 and before == []
    assert await _numbers(bea) == [1, 2, 3]
    days = {row["number"]: row["day"] for row in (await bea.get("/api/letters")).json()["items"]}
    assert days[1] is not None and days[2] is None
    assert await _entries(letters) == []


async def test_what_is_rolled_back_was_never_sent(letters: Assembled) -> None:
    """A message is part of the transaction that sends it."""
    bea = await letters.client("bea")

    refused = await bea.post("/api/write", json={"number": 1, "refuse": True})

    assert refused.status == 403 and await _entries(letters) == []


async def test_a_message_beyond_the_bounds_of_its_receiver_is_not_sent(letters: Assembled) -> None:
    """What is computed has to fit the inputs of the receiver too, and whoever sends it is told."""
    bea = await letters.client("bea")

    refused = await bea.post("/api/beyond", json={"number": 900})

    assert refused.status == 422 and await _entries(letters) == []


async def test_a_key_is_sent_once(letters: Assembled) -> None:
    """Of two messages with one key, the first is sent."""
    bea = await letters.client("bea")

    for number in (1, 2):
        assert (await bea.post("/api/write", json={"number": number, "key": "same"})).status == 202
    await _work(letters)

    assert await _numbers(bea) == [1]


async def test_a_delayed_message_waits(letters: Assembled) -> None:
    """A message with `at` is not received before that time."""
    bea = await letters.client("bea")
    assert (await bea.post("/api/later", json={})).status == 202

    early = await _work(letters, timedelta(minutes=9))
    late = await _work(letters, timedelta(minutes=11))

    assert (early, late) == (0, 1)
    assert await _numbers(bea) == [7]


async def test_a_message_that_fails_too_often_is_dead_and_kept(letters: Assembled) -> None:
    """After the attempts of its queue, a message waits for somebody, and is no longer tried."""
    bea = await letters.client("bea")
    for _ in range(2):
        await bea.post("/api/write", json={"number": 5})
    await _work(letters)

    for years in (1, 2, 3):
        await _work(letters, years * _YEAR)

    assert await _entries(letters) == [("message:Deliver", 3, True, "conflict")]
    assert await _work(letters, 9 * _YEAR) == 0


async def test_what_a_dead_worker_held_is_received_by_another(letters: Assembled) -> None:
    """A message that somebody claimed and never confirmed becomes due again."""
    bea = await letters.client("bea")
    await bea.post("/api/write", json={"number": 5})

    claimed = asyncio.Event()

    async def die(effect: Any) -> None:
        claimed.set()
        await asyncio.Event().wait()

    outbox = letters.application.engine.background.outbox
    worker = asyncio.create_task(outbox.round(die, datetime.now(UTC) + timedelta(seconds=1)))
    await claimed.wait()
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)

    assert await _work(letters) == 0
    assert await _work(letters, timedelta(minutes=6)) == 1
    assert await _numbers(bea) == [5]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{send: Deliver, set: {number: many}}", "expression/"),
        ("{send: Deliver}", "assembly/missing-argument"),
        ("{send: Deliver, set: {number: 1, colour: red}}", "assembly/unknown-argument"),
        ("{send: Write, set: {number: 1}}", "assembly/unknown-receiver"),
    ],
)
def test_a_message_has_to_fit_its_receiver(step: str, code: str, tmp_path: Path) -> None:
    """What does not fit the inputs of the operation is found when the service is built."""
    wrong = LETTERS.replace("{send: Deliver, set: {number: 7}, at: \"now + duration('10m')\"}", step)

    with pytest.raises(RefusedAssemblyError, match=code):
        assemble(wrong, tmp_path)
