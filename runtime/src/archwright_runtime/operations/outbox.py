"""What happens after the commit: written down with the change that causes it, delivered then.

An entry is an effect that leaves the service, or a message to one of its operations. Its rules:

* At least once, each with a key that stays the same over its repeats. What an operation writes and the end of its
  message are one transaction, so that its rows change once.
* A failed delivery waits longer each time; after so many, or at a failure that no repeat mends, it is dead: kept,
  reported, and delivered again when somebody asks for it.
* Any number of workers may deliver: an entry is claimed by moving its due time, in one statement.
* An entry that nobody confirmed becomes due again by itself, so a crash loses none. A delivery ends before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ..caller import Caller
from ..errors import Refusal
from ..persistence.forms import encode_json, time_argument
from ..persistence.schema import new_id
from .run import Run
from .service import Service

ATTEMPTS = 12
MESSAGE = "message:"
"""Before the name of an operation: what it receives from its queue."""
OTHERWISE = "$otherwise"
_FIRST_WAIT = 2
_LONGEST_WAIT = 3_600
_CLAIM = timedelta(minutes=5)
_LONGEST_DELIVERY = 240.0
_IDLE = 5.0
_AT_ONCE = 8
_PASSING = frozenset({"busy", "timeout", "too-many"})

Write = Callable[[str, Sequence[Any]], Awaitable[Any]]


@dataclass
class Effect:
    """One thing to deliver.

    Attributes:
        finished: whoever delivered it has taken it off in a transaction of its own.
    """

    id: str
    target: str
    payload: Any
    caller: Caller
    attempts: int
    finished: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Patience:
    """How often a target is tried, and how long it waits before the second time."""

    attempts: int = ATTEMPTS
    wait: int = _FIRST_WAIT


class HopelessError(Exception):
    """A failure that no repeat mends."""


Deliver = Callable[[Effect], Awaitable[None]]


class Outbox:
    """Writes entries down and has them delivered.

    Attributes:
        patience: for targets that say how often they are tried.
        rest: seconds between two looks for what others wrote down.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._wanted = asyncio.Event()
        self.patience: dict[str, Patience] = {}
        self.rest = _IDLE
        dialect = service.database.dialect
        mark = service.schema.placeholder
        time = "timestamptz" if dialect == "postgresql" else "text"
        places = ("text", "text", "text", "text", "text", time, time)
        marks = ", ".join(mark(number + 1, cast) for number, cast in enumerate(places))
        self._insert = (
            "INSERT INTO archwright_outbox (id, target, payload, caller, roles, created_at, due_at, attempts, dead) "
            f"VALUES ({marks}, 0, FALSE)"
        )
        self._first = (
            "INSERT INTO archwright_idempotency (operation, caller, name, digest, outcome, created_at) "
            f"VALUES ({mark(1, 'text')}, '', {mark(2, 'text')}, '', '', {mark(3, time)}) "
            "ON CONFLICT (operation, caller, name) DO NOTHING RETURNING name"
        )
        lock = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
        self._claim = (
            f"UPDATE archwright_outbox SET due_at = {mark(1, time)}, attempts = attempts + 1 WHERE id IN ("
            f"SELECT id FROM archwright_outbox WHERE dead = FALSE AND due_at <= {mark(2, time)} "
            f"ORDER BY due_at LIMIT {_AT_ONCE}{lock}) RETURNING id, target, payload, caller, roles, attempts"
        )
        self._due = f"SELECT 1 FROM archwright_outbox WHERE dead = FALSE AND due_at <= {mark(1, time)} LIMIT 1"
        self._done = f"DELETE FROM archwright_outbox WHERE id = {mark(1, 'text')}"
        self._failed = (
            f"UPDATE archwright_outbox SET due_at = {mark(1, time)}, error = {mark(2, 'text')}, "
            f"dead = {mark(3, 'boolean')} WHERE id = {mark(4, 'text')}"
        )

    # -- writing down --------------------------------------------------------------------------------------------

    async def put(
        self, run: Run, target: str, payload: Any, *, at: datetime | None = None, once: str | None = None
    ) -> None:
        """Write an entry down within the run's transaction.

        Args:
            at: not to be delivered before.
            once: of entries for one target with this key within a day, only the first is written.
        """
        now = run.call.now
        if once is not None and not await run.write(self._first, (target, once, self._time(now))):
            return
        await self.enter(run.write, target, payload, run.call.caller, now, at)
        run.after.append(self._wanted.set)

    async def enter(
        self, write: Write, target: str, payload: Any, caller: Caller, now: datetime, at: datetime | None = None
    ) -> None:
        """Write an entry down through any transaction."""
        due = now if at is None or at < now else at
        roles = encode_json(sorted(caller.roles))
        arguments = (new_id(), target, encode_json(payload), caller.id, roles, self._time(now), self._time(due))
        await write(self._insert, arguments)

    async def finish(self, write: Write, effect: Effect) -> None:
        """Take an entry off in the transaction that does what it says."""
        await write(self._done, (effect.id,))
        effect.finished = True

    def wake(self) -> None:
        """There is something to deliver."""
        self._wanted.set()

    # -- delivering ----------------------------------------------------------------------------------------------

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
            async with asyncio.timeout(self.rest):
                await self._wanted.wait()
        except TimeoutError:
            pass

    async def round(self, deliver: Deliver, now: datetime | None = None) -> int:
        """Deliver what is due now, several at a time; how many there were."""
        moment = now or datetime.now(UTC)
        if not await self._service.database.fetch(self._due, (self._time(moment),)):
            return 0
        claimed = await self._service.database.write(self._claim, (self._time(moment + _CLAIM), self._time(moment)))
        async with asyncio.TaskGroup() as group:
            for id, target, payload, caller, roles, attempts in claimed:
                who = Caller(caller, frozenset(msgspec.json.decode(roles)))
                effect = Effect(id, target, msgspec.json.decode(payload), who, attempts)
                group.create_task(self._deliver(deliver, effect, moment))
        return len(claimed)

    async def _deliver(self, deliver: Deliver, effect: Effect, now: datetime) -> None:
        try:
            async with asyncio.timeout(_LONGEST_DELIVERY):
                await deliver(effect)
        except Exception as error:
            await self._postpone(effect, error, now)
        else:
            if not effect.finished:
                await self._service.database.write(self._done, (effect.id,))

    async def _postpone(self, effect: Effect, error: Exception, now: datetime) -> None:
        patience = self.patience.get(effect.target, _USUAL)
        dead = effect.attempts >= patience.attempts or isinstance(error, HopelessError)
        wait = min(patience.wait * 2 ** min(effect.attempts - 1, 20), _LONGEST_WAIT)
        if isinstance(error, Refusal) and error.retry_after is not None:
            wait = max(wait, min(error.retry_after, _LONGEST_WAIT))
        kind = _kind(error)
        event = "effect-dead" if dead else "effect-failed"
        self._service.report(event, {"target": effect.target, "error": kind, "attempts": effect.attempts})
        if dead and isinstance(effect.payload, dict) and OTHERWISE in effect.payload:
            await self._hand_over(effect, now)
            return
        arguments = (self._time(now + timedelta(seconds=wait)), kind, dead, effect.id)
        await self._service.database.write(self._failed, arguments)

    async def _hand_over(self, effect: Effect, now: datetime) -> None:
        """What was given up becomes the message that somebody named for this, in one transaction."""
        target, values = effect.payload[OTHERWISE]
        async with self._service.database.transaction() as transaction:
            await self.enter(transaction.write, target, values, effect.caller, now)
            await self.finish(transaction.write, effect)
        self.wake()

    def _time(self, moment: datetime) -> Any:
        return time_argument(self._service.database.dialect, moment)


_USUAL = Patience()


def _kind(error: Exception) -> str:
    """The kind of the failure only: its text may hold what was to be delivered."""
    cause = (error.__cause__ or error) if isinstance(error, HopelessError) else error
    return cause.kind if isinstance(cause, Refusal) else type(cause or error).__name__


def is_passing(refusal: Refusal) -> bool:
    """Whether a later attempt may succeed."""
    return refusal.kind in _PASSING
