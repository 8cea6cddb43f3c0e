"""What waits in the outbox and what was given up, for those who look after a service; never what is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..persistence.database import DialectName, Transaction
from ..persistence.forms import parse_instant, time_argument
from ..plan import Plan
from .outbox import MESSAGE

_EFFECTS = "effects"
"""The queue in which everything is counted that is no message."""
_MOST = 1_000


class Letters:
    """The outbox as one call of a component sees it."""

    def __init__(self, plan: Plan, transaction: Transaction, dialect: DialectName, now: datetime) -> None:
        self._queues = _queues(plan)
        self._transaction = transaction
        self._dialect: DialectName = dialect
        self._now = now

    async def waiting(self) -> list[dict[str, Any]]:
        """Numbers by queue."""
        due = f"due_at <= {self._mark(1, time=True)}"
        rows = await self._transaction.fetch(
            f"SELECT target, SUM(CASE WHEN dead = FALSE AND {due} THEN 1 ELSE 0 END), "
            f"SUM(CASE WHEN dead = FALSE AND NOT ({due}) THEN 1 ELSE 0 END), "
            "SUM(CASE WHEN dead THEN 1 ELSE 0 END), MIN(CASE WHEN dead = FALSE THEN created_at END) "
            "FROM archwright_outbox GROUP BY target",
            (self._moment,),
        )
        found = {queue: _empty(queue) for queue in sorted(set(self._queues.values()))}
        for target, waiting, delayed, dead, oldest in rows:
            entry = found.setdefault(self._queue(target), _empty(self._queue(target)))
            for name, number in (("waiting", waiting), ("delayed", delayed), ("dead", dead)):
                entry[name] += int(number)
            first = self._instant(oldest)
            if first is not None and (entry["oldest"] is None or first < entry["oldest"]):
                entry["oldest"] = first
        return list(found.values())

    async def dead(self, queue: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """What was given up, the latest first."""
        rows = await self._transaction.fetch(
            "SELECT id, target, attempts, error, created_at FROM archwright_outbox WHERE dead "
            f"ORDER BY created_at DESC, id LIMIT {min(limit, _MOST)}",
            (),
        )
        found = [
            {
                "id": id,
                "queue": self._queue(target),
                "target": target.removeprefix(MESSAGE),
                "attempts": attempts,
                "error": error,
                "sent_at": self._instant(sent),
            }
            for id, target, attempts, error, sent in rows
        ]
        return [one for one in found if queue is None or one["queue"] == queue]

    async def redrive(self, id: str | None = None, queue: str | None = None) -> int:
        """Deliver again, with all attempts before it."""
        found = 0
        for one in [id] if id is not None else [entry["id"] for entry in await self.dead(queue, limit=_MOST)]:
            rows = await self._transaction.write(
                f"UPDATE archwright_outbox SET dead = FALSE, attempts = 0, due_at = {self._mark(1, time=True)} "
                f"WHERE dead AND id = {self._mark(2)} RETURNING id",
                (self._moment, one),
            )
            found += len(rows)
        return found

    async def discard(self, id: str) -> int:
        """Let it go."""
        sql = f"DELETE FROM archwright_outbox WHERE dead AND id = {self._mark(1)} RETURNING id"
        return len(await self._transaction.write(sql, (id,)))

    def _queue(self, target: str) -> str:
        return self._queues.get(target, _EFFECTS)

    @property
    def _moment(self) -> Any:
        return time_argument(self._dialect, self._now)

    def _instant(self, stored: Any) -> datetime | None:
        return parse_instant(stored) if isinstance(stored, str) else stored

    def _mark(self, number: int, *, time: bool = False) -> str:
        if self._dialect != "postgresql":
            return f"?{number}"
        return f"${number}::{'timestamptz' if time else 'text'}"


def _queues(plan: Plan) -> Mapping[str, str]:
    triggers = ((name, operation.trigger) for name, operation in plan.operations.items())
    return {MESSAGE + name: one.queue for name, one in triggers if one.kind == "queue" and one.queue is not None}


def _empty(queue: str) -> dict[str, Any]:
    return {"queue": queue, "waiting": 0, "delayed": 0, "dead": 0, "oldest": None}
