"""Work that the clock starts.

Its rules:

* Each job runs in one process at a time: whoever moves its due time in the database runs it.
* A job that was due while nothing ran, runs once, not once for every time it missed.
* A failure is reported; the job is tried again when it is due next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..persistence.forms import time_argument
from .service import Service

_LONGEST_SLEEP = 30.0
_SHORTEST_SLEEP = 0.2


@dataclass(frozen=True)
class Job:
    """Something to do again and again.

    Attributes:
        following: when it is due next, seen from a moment.
    """

    name: str
    following: Callable[[datetime], datetime]
    work: Callable[[datetime], Awaitable[None]]


def every(seconds: int) -> Callable[[datetime], datetime]:
    """Due after a fixed time."""
    return lambda moment: moment + timedelta(seconds=seconds)


class Jobs:
    """Runs jobs when they are due."""

    def __init__(self, service: Service, jobs: Sequence[Job]) -> None:
        self._service = service
        self._jobs = jobs
        mark, postgresql = service.schema.placeholder, service.schema.postgresql
        time = "timestamptz" if postgresql else "text"
        self._enter = (
            f"INSERT INTO archwright_job (name, due_at) VALUES ({mark(1, 'text')}, {mark(2, time)}) "
            "ON CONFLICT (name) DO NOTHING"
        )
        self._claim = (
            f"UPDATE archwright_job SET due_at = {mark(1, time)}, ran_at = {mark(2, time)} "
            f"WHERE name = {mark(3, 'text')} AND due_at <= {mark(2, time)} RETURNING name"
        )
        self._due = f"SELECT name FROM archwright_job WHERE due_at <= {mark(1, time)}"

    async def work(self) -> None:
        """Run what is due until cancelled."""
        if not self._jobs:
            return
        entered = False
        while True:
            try:
                if not entered:
                    await self.enter(datetime.now(UTC))
                    entered = True
                await self.round(datetime.now(UTC))
            except Exception as error:
                # Whatever goes wrong here must not end the work of the whole service.
                self._service.report("jobs-failed", {"error": type(error).__name__})
            await asyncio.sleep(self._sleep())

    def _sleep(self) -> float:
        now = datetime.now(UTC)
        nearest = min((job.following(now) - now).total_seconds() for job in self._jobs)
        return max(_SHORTEST_SLEEP, min(nearest, _LONGEST_SLEEP))

    async def enter(self, now: datetime) -> None:
        """Make jobs known that are new."""
        for job in self._jobs:
            await self._service.database.write(self._enter, (job.name, self._time(job.following(now))))

    async def round(self, now: datetime) -> list[str]:
        """Run what is due now; returns the names of what ran here."""
        due = {row[0] for row in await self._service.database.fetch(self._due, (self._time(now),))}
        ran = []
        for job in self._jobs:
            if job.name in due and await self._claimed(job, now):
                ran.append(job.name)
                await self._run(job, now)
        return ran

    async def _claimed(self, job: Job, now: datetime) -> bool:
        following = self._time(job.following(now))
        return bool(await self._service.database.write(self._claim, (following, self._time(now), job.name)))

    async def _run(self, job: Job, now: datetime) -> None:
        try:
            await job.work(now)
        except Exception as error:
            # The kind of the failure only: its text may hold data.
            self._service.report("job-failed", {"job": job.name, "error": type(error).__name__})

    def _time(self, moment: datetime) -> Any:
        return time_argument(self._service.database.dialect, moment)
