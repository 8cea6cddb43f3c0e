"""Workers in processes of their own: they share the work, and one that is killed loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acceptance.services import SECRETS
from acceptance.test_queues import LETTERS
from archwright_runtime.application.seeding import Seed
from testing_support.assembled import SERVICE_KEY, Assembled, assemble, people, started

_PATIENCE = 60.0
_MESSAGES = 200


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service that sends letters to itself."""
    return assemble(LETTERS, tmp_path_factory.mktemp("worked"))


def _worker(dist: Path, database: str) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "archwright_runtime", "work", str(dist), "--database", database]
    assert SECRETS["ARCHWRIGHT_SECRET_SERVICE_KEY"] == SERVICE_KEY
    return subprocess.Popen(line, env={**os.environ, **SECRETS}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


async def _received(service: Assembled) -> list[int]:
    rows = await service.application.database.fetch("SELECT number FROM letter ORDER BY number")
    return [row[0] for row in rows]


async def _left(service: Assembled) -> int:
    return int((await service.application.database.fetch("SELECT COUNT(*) FROM archwright_outbox"))[0][0])


async def _until_some_are_received(service: Assembled, worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while not await _received(service):
        assert worker.poll() is None and time.monotonic() < end


async def test_a_killed_worker_loses_nothing(dist: Path, database: str) -> None:
    """What a worker held when it was killed is received by another one, and everything is received once."""
    if database.startswith("sqlite"):
        pytest.skip("an embedded database has one process")
    seed = Seed(people=people(bea=["boss"]))
    async with started(dist, database, seed=seed, background=False) as service:
        bea = await service.client("bea")
        for start in range(0, _MESSAGES, 20):
            times = list(range(start + 1, start + 20))
            assert (await bea.post("/api/write", json={"number": start, "times": times})).status == 202
        worker = _worker(dist, database)
        try:
            await _until_some_are_received(service, worker)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.communicate()

        work = service.application.engine.background
        while await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(minutes=6)):
            pass

        assert await _received(service) == list(range(_MESSAGES))
        assert await _left(service) == 0


def test_an_embedded_database_is_worked_on_by_its_one_process(dist: Path, tmp_path: Path) -> None:
    """`work` on an embedded database is refused, and says who does the work."""
    worker = _worker(dist, f"sqlite:///{tmp_path}/letters.sqlite")

    _, said = worker.communicate(timeout=_PATIENCE)

    assert worker.returncode == 2
    assert b"let `serve` do the work" in said
