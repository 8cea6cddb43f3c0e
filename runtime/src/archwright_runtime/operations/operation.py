"""An operation, compiled: from a call to an outcome.

Its rules:

* One operation is one transaction; one that is a single statement needs none.
* An operation that reads before it writes begins before it reads, so that what it read still holds when it writes.
* Whoever meets another transaction runs again, a bounded number of times.
* A refusal takes back what was written, unless it says that this is to be kept.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from ..authorization.policy import Standing
from ..errors import FieldProblem, Refusal
from ..expression import Closure, compile_closure
from ..persistence.database import ContentionError
from ..plan import Column, Expr, Input, Operation, Step
from .access import Gate
from .answers import Answer
from .call import Call, Outcome
from .components import Components
from .idempotency import Idempotency
from .messages import DeferStep, SendStep
from .outbox import Outbox
from .prefetch import Prefetch
from .reaction import OwnReaction
from .remembered import Remembered, written
from .run import Run, evaluate, first_names
from .service import Service
from .sharing import Sharing
from .steps import (
    CallStep,
    CompiledStep,
    FetchStep,
    Found,
    GetStep,
    ListStep,
    RequireStep,
    ValueStep,
    WriteStep,
    write_step,
)
from .trees import expressions, path_columns, paths, plain_name
from .uploads import Uploads
from .values import holds_files
from .watches import ChangedRow

_PAUSE = 0.002
_LONGEST_PAUSE = 0.1
Finish = Callable[[Run], Awaitable[None]]
Fast = Callable[[Call, Standing], Awaitable[Outcome]]


@dataclass
class Tools:
    """What compiling operations needs."""

    service: Service
    components: Components
    outbox: Outbox
    idempotency: Idempotency
    uploads: Uploads


class CompiledOperation:
    """One operation of the plan.

    Args:
        watched: whether writes of these steps start other operations, which takes a transaction.
    """

    def __init__(self, name: str, operation: Operation, tools: Tools, gate: Gate) -> None:
        self.name = name
        self.operation = operation
        self._tools = tools
        self._service = tools.service
        self._gate = gate
        self._principal = f"operation:{name}"
        self._standings: dict[Standing, Standing] = {}
        self._wanted = paths((*expressions((operation.steps, operation.returns)), *self._filled_in()))
        self._bodies = _bodies(operation)
        self._prefetch = Prefetch(tools.service, operation, self._wanted)
        self._defaults = self._input_defaults()
        self._required = [one for one in operation.input if one.required]
        self.answer = Answer(operation, tools.service.plan.wire)
        self._steps = [self._compile(number, step) for number, step in enumerate(operation.steps)]
        self._files = any(holds_files(one.type) for one in operation.input)
        self._begins = self._reads_before_writing()
        self._needs_transaction = self._takes_transaction()
        if operation.trigger.within:
            rights = self.standing(self._own_rights())
            tools.service.reactions[name] = OwnReaction(tools.service, operation, rights, self._steps_of)
        is_watch = operation.trigger.kind == "changed"
        self._changed = ChangedRow(tools.service, operation) if is_watch else None
        self._fast = self._fast_path()
        memory, plan = tools.service.memory, tools.service.plan
        self._remembered = Remembered(memory, plan, name, operation) if operation.remember is not None else None
        self._written = written(plan, operation)

    def _filled_in(self) -> Iterator[Expr]:
        """What writes add by themselves: defaults of fields and presets of permissions."""
        for step in self.operation.steps:
            if step.kind in ("create", "upsert", "update") and step.entity is not None:
                entity = self._service.plan.entities[step.entity]
                if step.kind != "update":
                    yield from (field.default for field in entity.fields.values() if field.default is not None)
                for grant in entity.grants:
                    yield from grant.preset.values()

    # -- compiling -----------------------------------------------------------------------------------------------

    def _input_defaults(self) -> list[tuple[str, Closure]]:
        return [(one.name, compile_closure(one.default)) for one in self.operation.input if one.default is not None]

    def _compile(self, number: int, step: Step) -> CompiledStep:
        service, tools = self._service, self._tools
        valued = step.bind is not None and (step.bind in self._wanted or step.bind not in self._bodies)
        if step.kind == "get":
            return GetStep(service, step, self._further(step), valued)
        if step.kind == "list":
            name = f"{self.name}.{number}"
            paged = self._is_paged(step)
            counted = paged and self.operation.returns.total is not None
            return ListStep(service, step, self._further(step), valued, name, paged, counted)
        if step.kind == "require":
            return RequireStep(step)
        if step.kind == "value":
            return ValueStep(step)
        if step.kind == "send":
            return SendStep(step, tools.outbox, service.plan)
        if step.kind == "call":
            assert step.capability is not None
            if step.deferred:
                return DeferStep(step, tools.outbox, service.plan)
            capability = tools.components.capability(step.capability)
            asks = any(effect.startswith("fetch:") for effect in capability.stated.effects)
            return FetchStep(step, capability) if asks else CallStep(step, capability)
        first = all(before.kind not in ("update", "delete", "upsert") for before in self.operation.steps[:number])
        return write_step(service, tools.outbox, self.operation, self.name, step, self._further(step), valued, first)

    def _further(self, step: Step) -> Sequence[Column]:
        """What later expressions look up beyond the members that the answer shows."""
        entity = step.entity or (step.select.entity if step.select is not None else None)
        wanted = set(self._wanted.get(step.bind or "", ()))
        for other in self.operation.steps:
            if other.each is not None and step.bind is not None and plain_name(other.each) == step.bind:
                wanted |= self._wanted.get("item", set())
        if entity is None or not wanted:
            return ()
        return tuple(path_columns(self._service.plan, entity, wanted))

    def _is_paged(self, step: Step) -> bool:
        lists = [one for one in self.operation.steps if one.kind == "list"]
        answered = [
            one for one in lists if one.bind is not None and one.bind == plain_name(self.operation.returns.body)
        ]
        return step is (answered or lists)[0]

    def _reads_before_writing(self) -> bool:
        reading = False
        for step in self._steps:
            if step.writes and reading:
                return True
            reading = reading or (step.reads and not isinstance(step, CallStep))
        return False

    def _takes_transaction(self) -> bool:
        if any(isinstance(step, CallStep | DeferStep | SendStep) for step in self._steps):
            return True
        writing = [step for step in self._steps if step.writes]
        if not writing:
            return False
        single = len(writing) == len(self._steps) == 1 and writing[0].step.each is None
        step = writing[0]
        if not single or not isinstance(step, WriteStep) or not self._service.schema.postgresql:
            return True
        return step.statement.links or self._files or step.statement.watched

    # -- running -------------------------------------------------------------------------------------------------

    def standing(self, base: Standing) -> Standing:
        """The caller's, with the rights that the operation itself holds."""
        found = self._standings.get(base)
        if found is None:
            found = self._standings[base] = self._service.policy.joined(base, self._principal)
        return found

    async def run(self, call: Call, base: Standing) -> Outcome:
        """Run for somebody.

        Raises:
            Refusal: the caller gets a failure.
        """
        for one in self._required:
            if one.name not in call.input:
                raise _missing(one)
        if self._remembered is not None:
            return await self._again(self._remembered, call, base)
        return await self._anew(call, base)

    async def _again(self, remembered: Remembered, call: Call, base: Standing) -> Outcome:
        """A remembered answer, or one that is remembered from now on."""
        if self._service.sharing is not None:
            return await self._shared(self._service.sharing, remembered, call, base)
        seen = remembered.seen()
        known = remembered.find(call, base, seen)
        if known is not None:
            await self._gate.require(base, first_names(self._service, call), self._service.database.fetch)
            return known
        outcome = await self._anew(call, base)
        remembered.keep(call, base, seen, outcome)
        return outcome

    async def _shared(self, sharing: Sharing, remembered: Remembered, call: Call, base: Standing) -> Outcome:
        """The same over all processes; while what they share is away, nothing is remembered."""
        known, marks = await remembered.again(sharing, call, base)
        if known is not None:
            await self._gate.require(base, first_names(self._service, call), self._service.database.fetch)
            return known
        outcome = await self._anew(call, base)
        if marks is not None:
            await remembered.share(sharing, call, base, marks, outcome)
        return outcome

    async def _changed_rows(self) -> None:
        """Forget answers that may depend on what was written."""
        service = self._service
        service.memory.changed(self._written)
        if service.sharing is not None and self._written:
            await service.sharing.changed(self._written)

    async def _anew(self, call: Call, base: Standing) -> Outcome:
        if self._fast is not None:
            return await self._fast(call, base)
        try:
            return await self._attempts(call, base)
        except Refusal as refusal:
            # Only here is it certain that nothing was committed.
            if call.staged and not refusal.keep:
                await self._tools.uploads.discard(call)
            raise

    async def _attempts(self, call: Call, base: Standing) -> Outcome:
        fetched = await self._ask(call, base)
        for attempt in range(self._service.attempts):
            try:
                return await self._attempt(call, base, attempt, fetched=fetched)
            except ContentionError:
                await asyncio.sleep(_pause(attempt))
        raise Refusal("busy", "others keep changing the same", retry_after=1)

    async def _ask(self, call: Call, base: Standing) -> Found | None:
        """What another service answers, where the first step asks one: nothing is held meanwhile."""
        first = self._steps[0] if self._steps else None
        if not isinstance(first, FetchStep):
            return None
        run = Run(self._service, call, self.standing(base), first_names(self._service, call))
        await self._gate.require(base, run.names, self._service.database.fetch)
        if self._defaults:
            self._fill(run)
        if self._prefetch.needed:
            await self._prefetch.fetch(run)
        return await first.ask(run)

    async def run_job(self, call: Call, changed: str | None = None, finish: Finish | None = None) -> Outcome:
        """Run with the rights of its principal, when no person started it.

        Args:
            changed: the id of the row whose change started it.
            finish: done at the end, in the same transaction.
        """
        for one in self._required:
            if one.name not in call.input:
                raise _missing(one)
        base = self._own_rights()
        for attempt in range(self._service.attempts):
            try:
                return await self._attempt(call, base, attempt, changed, job=True, finish=finish)
            except ContentionError:
                await asyncio.sleep(_pause(attempt))
        raise Refusal("busy", "others keep changing the same", retry_after=1)

    def _own_rights(self) -> Standing:
        """Those of the role as which it runs when no person started it."""
        policy, principal = self._service.policy, self.operation.principal
        return policy.of(frozenset() if principal is None else policy.expand((principal,)) | {principal})

    async def _attempt(
        self,
        call: Call,
        base: Standing,
        attempt: int,
        changed: str | None = None,
        *,
        job: bool = False,
        finish: Finish | None = None,
        fetched: Found | None = None,
    ) -> Outcome:
        service = self._service
        run = Run(service, call, self.standing(base), first_names(service, call), attempt, fetched=fetched)
        if not job:
            await self._gate.require(base, run.names, service.database.fetch)
        if changed is not None and self._changed is not None:
            run.names["row"] = await self._changed.read(run, changed)
        if not self._needs_transaction and call.idempotency_key is None and finish is None:
            outcome = await self._steps_of(run)
            await self._changed_rows()
            return outcome
        if self._files:
            await self._tools.uploads.stage(call)
        kept: Refusal | None = None
        async with service.database.transaction() as transaction:
            run.transaction = transaction
            try:
                outcome = await self._recorded(run)
                if finish is not None:
                    await finish(run)
            except Refusal as refusal:
                if not refusal.keep:
                    raise
                kept = refusal
        for work in run.after:
            work()
        await self._changed_rows()
        if kept is not None:
            raise kept
        return outcome

    async def _recorded(self, run: Run) -> Outcome:
        key = run.call.idempotency_key
        if key is None or not self.operation.idempotent:
            return await self._steps_of(run)
        idempotency = self._tools.idempotency
        known = await idempotency.claim(run, self.name, key)
        if known is not None:
            if known.file is not None:
                known.file = self._tools.uploads.open(msgspec.structs.asdict(known.file))
            return known
        outcome = await self._steps_of(run)
        await idempotency.record(run, self.name, key, outcome)
        return outcome

    async def _steps_of(self, run: Run) -> Outcome:
        if self._begins and run.transaction is not None:
            await run.transaction.begin()
        if self._defaults:
            self._fill(run)
        if self._files:
            await self._tools.uploads.store(run)
        if self._prefetch.needed:
            await self._prefetch.fetch(run)
        for step in self._steps:
            await step.execute(run)
        outcome = self.answer.outcome(run)
        if self.answer.file is not None:
            outcome.file = self._tools.uploads.open(evaluate(self.answer.file, run.names))
        return outcome

    def _fill(self, run: Run) -> None:
        missing = [(name, closure) for name, closure in self._defaults if name not in run.call.input]
        if missing:
            run.names["input"] = {**run.names["input"], **{name: closure(run.names) for name, closure in missing}}

    # -- the short way -------------------------------------------------------------------------------------------

    def _fast_path(self) -> Fast | None:
        """An operation that only gets one row, or one page, and shows it."""
        if len(self._steps) != 1 or self._defaults or self._prefetch.needed or not self.answer.plain:
            return None
        step = self._steps[0]
        shown = step.step.bind is not None and step.step.bind == self.answer.name
        if not shown or step.step.when is not None or step.step.each is not None or step.step.bind in self._wanted:
            return None
        if isinstance(step, GetStep):
            return self._fast_get(step)
        return None

    def _fast_get(self, step: GetStep) -> Fast:
        gate, service, answer, fetch = self._gate, self._service, self.answer, self._service.database.fetch
        single, refusal = step.rows.single, step.step.refusal or "not-found"
        settled, calls = step.settled, step.rows.calls or None
        standings, status, media, envelope = self._standings, answer.status, answer.media, answer.envelope

        async def get(call: Call, base: Standing) -> Outcome:
            names = first_names(service, call)
            await gate.require(base, names, fetch)
            reading = single(standings.get(base) or self.standing(base))
            if reading is None:
                raise Refusal(refusal)
            records = await fetch(reading.sql, [bind(names) for bind in reading.binds])
            if not records:
                raise Refusal(refusal)
            record = records[0]
            body = reading.wire(record)
            if calls is not None:
                await calls.fill([body], call.now)
            version = None if reading.version is None else record[reading.version]
            shown = body if envelope is None else {envelope: body}
            return Outcome(status, shown, version=version, media=media, settled=settled)

        return get


def _missing(one: Input) -> Refusal:
    name = one.wire or one.name
    pointer = f"/{name}" if one.source == "body" else f"?{name}"
    return Refusal("invalid", "a value is required", (FieldProblem(pointer, "required", "a value is required"),))


def _pause(attempt: int) -> float:
    return float(min(_PAUSE * 2**attempt, _LONGEST_PAUSE) * random.random())


def _bodies(operation: Operation) -> set[str]:
    """Names that the answer only shows whole."""
    name = plain_name(operation.returns.body)
    return set() if name is None else {name}
