"""Everything that runs without being asked: effects, triggered operations, schedules, retention, sweeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime

from ..errors import PlanError, Refusal
from ..plan import Trigger
from .call import Call
from .components import ComponentContext
from .cron import Cron
from .jobs import Job, Jobs, every
from .messages import THEN, decoded, received
from .operation import CompiledOperation, Tools
from .outbox import ATTEMPTS, MESSAGE, Effect, HopelessError, Patience, is_passing
from .retention import Sweep
from .run import Run
from .sweeps import FileSweeps, Sweeps
from .watches import TARGET

_HOUR = 3_600
_DAY = 24 * _HOUR


class Work:
    """The background of a service; safe in any number of processes."""

    def __init__(self, tools: Tools, operations: Mapping[str, CompiledOperation]) -> None:
        self._tools = tools
        self._operations = operations
        self.outbox = tools.outbox
        self.outbox.patience.update(_patience(operations))
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
        files = FileSweeps(service)
        yield Job("sweeps", every(_HOUR), Sweeps(service).run)
        yield Job("sweeps:files", every(_HOUR), files.run)
        if service.blobs.store is not None:
            yield Job("sweeps:store", every(_DAY), files.orphans)

    def _starter(self, operation: CompiledOperation) -> Callable[[datetime], Awaitable[None]]:
        async def start(now: datetime) -> None:
            await operation.run_job(Call(now=now, request_id=f"job:{operation.name}:{now.isoformat()}"))

        return start

    async def deliver(self, effect: Effect) -> None:
        """Deliver one entry of the outbox: run an operation, or a capability outside."""
        now = datetime.now(UTC)
        if effect.target.startswith(TARGET):
            call = Call(now=now, request_id=effect.id)
            await self._run(effect.target.removeprefix(TARGET), call, effect, effect.payload["id"])
        elif effect.target.startswith(MESSAGE):
            name = effect.target.removeprefix(MESSAGE)
            values = received(self._operation(name).operation.input, effect.payload)
            await self._run(name, Call(input=values, now=now, request_id=effect.id), effect)
        else:
            await self._reach_out(effect, now)

    async def _run(self, name: str, call: Call, effect: Effect, changed: str | None = None) -> None:
        async def finish(run: Run) -> None:
            await self.outbox.finish(run.write, effect)

        await self._operation(name).run_job(call, changed, finish)

    def _operation(self, name: str) -> CompiledOperation:
        operation = self._operations.get(name)
        if operation is None:
            raise PlanError("the operation is no longer part of the plan")
        return operation

    async def _reach_out(self, effect: Effect, now: datetime) -> None:
        """Run a capability; what it wrote, the end of the effect and the message that follows are one transaction."""
        capability = self._tools.components.capability(effect.target)
        types = capability.stated.input
        values = {name: decoded(types.get(name), value) for name, value in effect.payload.items() if name[0] != "$"}
        kept: Refusal | None = None
        async with self._tools.service.database.transaction() as transaction:
            context = ComponentContext(capability.owner, transaction, effect.caller, now, "", effect.id)
            try:
                output = await capability.call(context, values)
                if THEN in effect.payload:
                    target, given, results = effect.payload[THEN]
                    taken = {name: output[name] for name in results if output.get(name) is not None}
                    await self.outbox.enter(transaction.write, target, {**given, **taken}, effect.caller, now)
                    self.outbox.wake()
                await self.outbox.finish(transaction.write, effect)
            except Refusal as refusal:
                if not refusal.keep:
                    raise _seen(refusal, capability.stated.errors) from refusal
                kept = refusal
        service = self._tools.service
        service.memory.changed(("*",))
        if service.sharing is not None:
            await service.sharing.changed(("*",))
        if kept is not None:
            raise _seen(kept, capability.stated.errors) from kept


def _seen(refusal: Refusal, errors: tuple[str, ...]) -> Exception:
    """A failure that the manifest names does not pass by itself, unless it says so by its kind."""
    return HopelessError() if refusal.kind in errors and not is_passing(refusal) else refusal


def _patience(operations: Mapping[str, CompiledOperation]) -> Iterator[tuple[str, Patience]]:
    for name, operation in operations.items():
        trigger = operation.operation.trigger
        if trigger.kind == "queue":
            wait = Patience().wait if trigger.wait is None else trigger.wait
            yield MESSAGE + name, Patience(trigger.attempts or ATTEMPTS, wait)


def _following(trigger: Trigger) -> Callable[[datetime], datetime]:
    if trigger.cron is not None:
        return Cron(trigger.cron).after
    return every(trigger.every or _HOUR)
