"""Everything that runs without being asked: effects, triggered operations, schedules, retention, sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ..errors import PlanError
from ..persistence.forms import form
from ..plan import Trigger, Type
from .call import Call
from .components import ComponentContext
from .cron import Cron
from .jobs import Job, Jobs, every
from .operation import CompiledOperation, Tools
from .outbox import Effect
from .retention import Sweep
from .sweeps import Sweeps
from .watches import TARGET

_HOUR = 3_600


class Work:
    """The background of a service; safe in any number of processes."""

    def __init__(self, tools: Tools, operations: Mapping[str, CompiledOperation]) -> None:
        self._tools = tools
        self._operations = operations
        self.outbox = tools.outbox
        self.jobs = Jobs(tools.service, list(self._jobs()))

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.outbox.work(self.deliver))
            group.create_task(self.jobs.work())

    def _jobs(self) -> Iterator[Job]:
        service = self._tools.service
        for name, operation in self._operations.items():
            if operation.operation.trigger.kind == "schedule":
                following = _following(operation.operation.trigger)
                yield Job(f"{TARGET}{name}", following, self._starter(operation))
        for name, table in service.schema.tables.items():
            if table.entity.retention is not None:
                yield Job(f"retention:{name}", every(_HOUR), Sweep(service, table, table.entity.retention).run)
        yield Job("sweeps", every(_HOUR), Sweeps(service).run)

    def _starter(self, operation: CompiledOperation) -> Callable[[datetime], Awaitable[None]]:
        async def start(now: datetime) -> None:
            await operation.run_job(Call(now=now, request_id=f"job:{operation.name}:{now.isoformat()}"))

        return start

    async def deliver(self, effect: Effect) -> None:
        """Deliver one effect: run a triggered operation, or a capability outside."""
        now = datetime.now(UTC)
        if effect.target.startswith(TARGET):
            operation = self._operations.get(effect.target.removeprefix(TARGET))
            if operation is None:
                raise PlanError("the operation is no longer part of the plan")
            await operation.run_job(Call(now=now, request_id=effect.id), effect.payload["id"])
            return
        capability = self._tools.components.capability(effect.target)
        values = {name: _decoded(capability.stated.input.get(name), value) for name, value in effect.payload.items()}
        async with self._tools.service.database.transaction() as transaction:
            context = ComponentContext(capability.owner, transaction, effect.caller, now, "", effect.id)
            await capability.call(context, values)


def _decoded(type: Type | None, value: Any) -> Any:
    """A value of a payload as the runtime's own; payloads are kept as SQLite would keep them."""
    if type is None or value is None:
        return value
    convert = form(type, "sqlite").value if type.kind in ("date", "datetime") else None
    return value if convert is None else convert(value)


def _following(trigger: Trigger) -> Callable[[datetime], datetime]:
    if trigger.cron is not None:
        return Cron(trigger.cron).after
    return every(trigger.every or _HOUR)
