"""Effects that leave the service: written down with the change that causes them, delivered after the commit.

Its rules:

* At least once, each with a key that stays the same over its repeats.
* A failed delivery waits longer each time; after so many it is set aside as dead, and reported.
* Any number of workers may deliver: an effect is claimed by moving its due time, in one statement.
* An effect that nobody confirmed becomes due again by itself, so a crash loses none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ..caller import Caller
from ..persistence.forms import encode_json, time_argument
from ..persistence.schema import new_id
from .run import Run
from .service import Service

ATTEMPTS = 12
_FIRST_WAIT = 2
_LONGEST_WAIT = 3_600
_CLAIM = timedelta(minutes=5)
_IDLE = 5.0
_BATCH = 20


@dataclass(frozen=True)
class Effect:
    """One thing to deliver."""

    id: str
    target: str
    payload: Any
    caller: Caller
    attempts: int


Deliver = Callable[[Effect], Awaitable[None]]


class Outbox:
    """Writes effects down and has them delivered."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._wanted = asyncio.Event()
        dialect = service.database.dialect
        mark = service.schema.placeholder
        time = "timestamptz" if dialect == "postgresql" else "text"
        places = ("text", "text", "text", "text", "text", time, time)
        marks = ", ".join(mark(number + 1, cast) for number, cast in enumerate(places))
        self._insert = (
            "INSERT INTO archwright_outbox (id, target, payload, caller, roles, created_at, due_at, attempts, dead) "
            f"VALUES ({marks}, 0, FALSE)"
        )
        lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
        self._claim = (
            f"UPDATE archwright_outbox SET due_at = {mark(1, time)}, attempts = attempts + 1 WHERE id IN ("
            f"SELECT id FROM archwright_outbox WHERE dead = FALSE AND due_at <= {mark(2, time)} "
            f"ORDER BY due_at LIMIT {_BATCH}{lock}) RETURNING id, target, payload, caller, roles, attempts"
        )
        self._due = f"SELECT 1 FROM archwright_outbox WHERE dead = FALSE AND due_at <= {mark(1, time)} LIMIT 1"
        self._done = f"DELETE FROM archwright_outbox WHERE id = {mark(1, 'text')}"
        self._failed = (
            f"UPDATE archwright_outbox SET due_at = {mark(1, time)}, error = {mark(2, 'text')}, "
            f"dead = {mark(3, 'boolean')} WHERE id = {mark(4, 'text')}"
        )

    async def put(self, run: Run, target: str, payload: Any) -> None:
        """Write an effect down within the run's transaction."""
        caller, now = run.call.caller, self._time(run.call.now)
        roles = encode_json(sorted(caller.roles))
        await run.write(self._insert, (new_id(), target, encode_json(payload), caller.id, roles, now, now))
        run.after.append(self._wanted.set)

    async def work(self, deliver: Deliver) -> None:
        """Deliver what is due until cancelled."""
        while True:
            self._wanted.clear()
            try:
                delivered = await self.round(deliver)
            except Exception as error:
                # Whatever goes wrong here must not end the work of the whole service.
                self._service.report("outbox-failed", {"error": type(error).__name__})
                delivered = 0
            if delivered == 0:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_IDLE):
                await self._wanted.wait()
        except TimeoutError:
            pass

    async def round(self, deliver: Deliver, now: datetime | None = None) -> int:
        """Deliver what is due now; how many there were."""
        moment = now or datetime.now(UTC)
        if not await self._service.database.fetch(self._due, (self._time(moment),)):
            return 0
        claimed = await self._service.database.write(self._claim, (self._time(moment + _CLAIM), self._time(moment)))
        for id, target, payload, caller, roles, attempts in claimed:
            who = Caller(caller, frozenset(msgspec.json.decode(roles)))
            await self._deliver(deliver, Effect(id, target, msgspec.json.decode(payload), who, attempts), moment)
        return len(claimed)

    async def _deliver(self, deliver: Deliver, effect: Effect, now: datetime) -> None:
        try:
            await deliver(effect)
        except Exception as error:
            await self._postpone(effect, error, now)
        else:
            await self._service.database.write(self._done, (effect.id,))

    async def _postpone(self, effect: Effect, error: Exception, now: datetime) -> None:
        dead = effect.attempts >= ATTEMPTS
        wait = min(_FIRST_WAIT * 2 ** (effect.attempts - 1), _LONGEST_WAIT)
        # The kind of the failure only: its text may hold what was to be delivered.
        kind = type(error).__name__
        arguments = (self._time(now + timedelta(seconds=wait)), kind, dead, effect.id)
        await self._service.database.write(self._failed, arguments)
        event = "effect-dead" if dead else "effect-failed"
        self._service.report(event, {"target": effect.target, "error": kind, "attempts": effect.attempts})

    def _time(self, moment: datetime) -> Any:
        return time_argument(self._service.database.dialect, moment)
