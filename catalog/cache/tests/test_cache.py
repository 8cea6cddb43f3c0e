"""Answers and limits that processes share, on a real Redis; and a service that goes on when it is away."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_std_cache.implementation import Store
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started
from testing_support.ports import free_port

NOTES = f"""
assembly: notes
version: 1.0.0
owner: team-notes
components:
  accounts: {ACCOUNTS}
  cache: {{use: std/cache@^1, config: {{host: 127.0.0.1, port: PORT, tls: false}}}}
roles: {{writer: {{}}}}
entities:
  Note:
    fields:
      words: text(200)!
      owner: {{ref: accounts.User, default: "${{caller}}", immutable: true}}
    permissions:
      writer: {{read: {{where: this.owner == caller}}, create: {{fields: [words]}}}}
    expose: {{path: /api/notes, operations: [create]}}
operations:
  Mine:
    trigger: {{http: GET /api/mine}}
    access: [writer]
    remember: 1h
    steps:
      - {{list: Note, as: notes}}
    returns: {{body: "${{notes}}"}}
  Seldom:
    trigger: {{http: GET /api/seldom}}
    access: [writer]
    limits: {{rate: 2}}
    steps:
      - {{list: Note, as: notes}}
    returns: {{body: "${{notes}}"}}
"""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    folder = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen([program, *options], cwd=folder, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, check=False).returncode:
        assert time.monotonic() < end
    yield port
    server.terminate()
    server.wait(20)


def _dist(port: int, folder: Path) -> Path:
    return assemble(NOTES.replace("PORT", str(port)), folder)


async def _mine(service: Assembled, person: str = "ada") -> list[str]:
    answer = await (await service.client(person)).get("/api/mine")
    assert answer.status == 200, answer.body
    return [row["words"] for row in answer.json()["items"]]


async def test_processes_share_answers_and_limits(redis: int, tmp_path: Path, database: str) -> None:
    """What one process remembers, another gives; a write through either ends it; requests are counted together."""
    dist = _dist(redis, tmp_path)
    async with AsyncExitStack() as stack:
        seed = Seed(people=people(ada=["writer"], bob=["writer"]))
        one = await stack.enter_async_context(started(dist, database, seed=seed, background=False))
        two = await stack.enter_async_context(started(dist, database, background=False))
        ada = await one.client("ada")
        for person in ("ada", "bob"):
            await two.client(person)  # Whoever signs in changes people, on whom answers may depend.
        assert (await ada.post("/api/notes", json={"words": "first"})).status == 201
        assert await _mine(one) == ["first"]
        await one.application.database.write("UPDATE note SET words = 'changed'", ())

        remembered = [await _mine(two), await _mine(two, "bob")]
        await (await two.client("ada")).post("/api/notes", json={"words": "second"})
        after = sorted(await _mine(one))
        statuses = [
            (await (await service.client("ada")).get("/api/seldom")).status
            for service in (one, two, one, two, one, two)
        ]

        assert remembered == [["first"], []]
        assert after == ["changed", "second"]
        assert statuses.count(200) <= 4 and statuses[-1] == 429


async def test_without_its_cache_a_service_goes_on(tmp_path: Path, database: str) -> None:
    """While the server is away, nothing is remembered and every process counts by itself."""
    dist = _dist(free_port(), tmp_path)
    async with started(dist, database, seed=Seed(people=people(ada=["writer"])), background=False) as service:
        ada = await service.client("ada")

        assert (await ada.post("/api/notes", json={"words": "kept"})).status == 201
        assert await _mine(service) == ["kept"]
        assert [(await ada.get("/api/seldom")).status for _ in range(3)] == [200, 200, 429]


async def test_everything_is_forgotten_on_demand(redis: int) -> None:
    """Values of the own prefix go, and nothing else."""
    own = Store({"host": "127.0.0.1", "port": redis, "tls": False, "prefix": "own"}, None)
    other = Store({"host": "127.0.0.1", "port": redis, "tls": False, "prefix": "other"}, None)
    for store in (own, other):
        await store.put("a", b"1", 60)

    await own.clear()

    assert await own.get(["a"]) == [None] and await other.get(["a"]) == [b"1"]
    assert [await own.count("n", 60), await own.count("n", 60)] == [1, 2]
    for store in (own, other):
        await store.close()
