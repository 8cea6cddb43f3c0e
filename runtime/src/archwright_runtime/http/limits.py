"""Bounds on what requests may take of a service."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from ..errors import Refusal


@dataclass(frozen=True)
class Limits:
    """Bounds of one process.

    Attributes:
        url: bytes of path and query.
        headers: how many headers.
        header_bytes: bytes of all headers.
        seconds: until a request is given up.
        stream_seconds: until sending a large answer is given up.
        concurrent: requests at a time.
        drain_seconds: for running requests when the service stops.
    """

    url: int = 8_192
    headers: int = 100
    header_bytes: int = 32_768
    seconds: float = 30.0
    stream_seconds: float = 300.0
    concurrent: int = 1_000
    drain_seconds: float = 20.0


class Deadlines:
    """Gives up on requests that take too long.

    One look over all running requests a few times per second costs less than a timer for each of them.
    """

    def __init__(self, every: float = 0.1) -> None:
        self._every = every
        self._running: dict[asyncio.Task[object], float] = {}
        self._expired: set[asyncio.Task[object]] = set()
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> int:
        """Requests that are being answered."""
        return len(self._running)

    def begin(self, task: asyncio.Task[object], until: float) -> None:
        """Watch a request until ``end``; ``until`` is a reading of ``time.perf_counter``."""
        self._running[task] = until

    def end(self, task: asyncio.Task[object]) -> None:
        """Stop watching."""
        self._running.pop(task, None)

    def expired(self, task: asyncio.Task[object]) -> bool:
        """Whether a cancellation was ours; then it is taken back, so that the task can still answer."""
        if task not in self._expired:
            return False
        self._expired.discard(task)
        task.uncancel()
        return True

    def start(self) -> None:
        """Begin to watch; needs a running loop."""
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop watching altogether."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None

    async def drain(self, seconds: float) -> int:
        """Wait for running requests; how many were given up."""
        until = time.monotonic() + seconds
        while self._running and time.monotonic() < until:
            await asyncio.sleep(0.02)
        return len(self._running)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            now = time.perf_counter()
            for task, until in list(self._running.items()):
                if now > until:
                    self._expired.add(task)
                    self._running.pop(task, None)
                    task.cancel()


class Rate:
    """At most so many requests per minute and caller, with the whole allowance available at once (a token bucket).

    Counted per process: with several replicas, each counts for itself.
    """

    def __init__(self, per_minute: int, remembered: int = 20_000) -> None:
        self._most = float(per_minute)
        self._per_second = per_minute / 60.0
        self._remembered = remembered
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, caller: str, now: float) -> None:
        """Count one request.

        Raises:
            Refusal: there were too many; it says when to come back.
        """
        left, since = self._buckets.get(caller, (self._most, now))
        left = min(self._most, left + (now - since) * self._per_second)
        if left < 1.0:
            raise Refusal("too-many", "Too many requests.", retry_after=max(1, round((1.0 - left) / self._per_second)))
        if len(self._buckets) >= self._remembered:
            self._forget(now)
        self._buckets[caller] = (left - 1.0, now)

    def _forget(self, now: float) -> None:
        full = [
            caller
            for caller, (left, since) in self._buckets.items()
            if left + (now - since) * self._per_second >= self._most
        ]
        for caller in full:
            del self._buckets[caller]
        # All of them busy: drop the oldest half rather than grow; those callers start afresh.
        if len(self._buckets) >= self._remembered:
            for caller in list(self._buckets)[: self._remembered // 2]:
                del self._buckets[caller]
