"""The steps of an operation, compiled.

A step reads or writes through statements that stand ready, evaluates closures, and leaves under its name what later
expressions and the answer use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ..errors import Refusal
from ..expression import Closure, compile_closure
from ..persistence.audit import Audit
from ..persistence.conditions import VERSION
from ..plan import Assign, Column, Expr, Input, Operation, Select, Step
from .call import PageRequest
from .components import AheadContext, ComponentContext
from .components import Bound as Capability
from .outbox import Outbox
from .reads import Reads
from .run import Bound, Result, Run, evaluate
from .service import Service
from .transforms import transform
from .trees import type_node
from .writes import Writes

Found = tuple[Any, Result]
"""What later expressions see, and what the answer shows."""


class CompiledStep(ABC):
    """One step; ``execute`` adds what ``when`` and ``each`` say around ``once``."""

    writes = False
    reads = False

    def __init__(self, step: Step) -> None:
        self.step = step
        self._when = compile_closure(step.when) if step.when is not None else None
        self._each = compile_closure(step.each) if step.each is not None else None

    async def execute(self, run: Run) -> None:
        """Run the step as often as it says."""
        if self._when is not None and not evaluate(self._when, run.names):
            if self.step.bind is not None:
                run.names[self.step.bind] = [] if self._each is not None else None
            return
        if self._each is None:
            found = await self.once(run)
            if found is not None and self.step.bind is not None:
                run.names[self.step.bind], run.results[self.step.bind] = found
            return
        await self._for_each(run, list(evaluate(self._each, run.names) or ()))

    async def _for_each(self, run: Run, items: Sequence[Any]) -> None:
        found = []
        for item in items:
            run.names["item"] = item
            one = await self.once(run)
            if one is not None:
                found.append(one)
        run.names.pop("item", None)
        if self.step.bind is not None:
            run.names[self.step.bind] = [value for value, _ in found]
            results = [result for _, result in found]
            run.results[self.step.bind] = Result(lambda: [one.wire() for one in results], many=True)

    @abstractmethod
    async def once(self, run: Run) -> Found | None:
        """Run the step once."""

    def refuse(self, kind: str = "not-found") -> Refusal:
        """The failure that this step names, or a built-in one."""
        return Refusal(self.step.refusal or kind)


class GetStep(CompiledStep):
    """Reads one row."""

    reads = True

    def __init__(self, service: Service, step: Step, further: Sequence[Column], valued: bool) -> None:
        super().__init__(step)
        assert step.select is not None
        self.rows = Reads(service, step.select, further)
        self.settled = self.rows.settled
        self._valued = valued

    async def once(self, run: Run) -> Found:
        reading = self.rows.single(run.standing)
        records = [] if reading is None else await run.fetch(reading.sql, reading.arguments(run.names))
        if reading is None or not records:
            raise self.refuse()
        record = records[0]
        version = None if reading.version is None else record[reading.version]
        value = Bound(reading.value(record)) if self._valued else None
        if not self.rows.calls:
            return value, Result(lambda: reading.wire(record), version=version, settled=self.settled)
        row = reading.wire(record)
        await self.rows.calls.fill([row], run.call.now)
        return value, Result(lambda: row, version=version)


class ListStep(CompiledStep):
    """Reads a page of rows; what the caller asks of the page goes to the list that is answered."""

    reads = True

    def __init__(
        self,
        service: Service,
        step: Step,
        further: Sequence[Column],
        valued: bool,
        name: str,
        paged: bool,
        counted: bool,
    ) -> None:
        super().__init__(step)
        assert step.select is not None
        self.rows = Reads(service, step.select, further, name)
        self._valued = valued
        self._paged = paged
        self._counted = counted
        self._first = PageRequest(total=True) if counted else None

    async def once(self, run: Run) -> Found:
        request = (run.call.page or self._first) if self._paged else None
        if self._counted and request is not None and not request.total:
            request = msgspec.structs.replace(request, total=True)
        found = await self.rows.page(run.fetch, run.standing, run.names, request)
        value = [Bound(found.reading.value(record)) for record in found.records] if self._valued else None
        return value, Result(found.wire, many=True, next=found.next, total=found.total)


class WriteStep(CompiledStep):
    """Creates, changes or deletes."""

    writes = True

    def __init__(self, writes: Writes, step: Step, valued: bool, versioned: bool) -> None:
        super().__init__(step)
        self.statement = writes
        self._valued = valued
        self._versioned = versioned

    async def once(self, run: Run) -> Found:
        versioned = self._versioned and run.call.version is not None
        if versioned:
            run.names[VERSION] = run.call.version
        done = await self.statement.run(run, versioned=versioned)
        if done is None:
            raise self.refuse()
        return done.value() if self._valued else None, done.result()


class UpsertStep(CompiledStep):
    """Changes the row with a unique key, or creates it; a row that appears in between makes the operation run again."""

    writes = True

    def __init__(self, update: Writes, create: Writes, step: Step, valued: bool) -> None:
        super().__init__(step)
        self._update = update
        self._create = create
        self._valued = valued

    async def once(self, run: Run) -> Found:
        done = await self._update.run(run, versioned=False) or await self._create.run(run, versioned=False)
        if done is None:
            raise self.refuse("forbidden")
        return done.value() if self._valued else None, done.result()


class EnsureStep(CompiledStep):
    """Finds the row with a unique key, or creates it: an upsert that would change nothing needs no right to change."""

    writes = True

    def __init__(self, found: Reads, create: Writes, step: Step, valued: bool) -> None:
        super().__init__(step)
        self._found = found
        self._create = create
        self._valued = valued

    async def once(self, run: Run) -> Found:
        reading = self._found.single(run.standing)
        records = [] if reading is None else await run.fetch(reading.sql, reading.arguments(run.names))
        if reading is not None and records:
            record = records[0]
            return Bound(reading.value(record)) if self._valued else None, Result(lambda: reading.wire(record))
        done = await self._create.run(run, versioned=False)
        if done is None:
            raise self.refuse("forbidden")
        return done.value() if self._valued else None, done.result()


class RequireStep(CompiledStep):
    """Goes on only where a condition holds."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        assert step.condition is not None
        self._condition = compile_closure(step.condition)

    async def once(self, run: Run) -> None:
        if not evaluate(self._condition, run.names):
            raise self.refuse("forbidden")


class ValueStep(CompiledStep):
    """Binds a value, transformed on the way where it is declassified."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        assert step.condition is not None
        self._value = compile_closure(step.condition)
        self._transform = transform(step.transform)

    async def once(self, run: Run) -> Found:
        value = self._transform(evaluate(self._value, run.names))
        return value, Result(lambda: value)


class CallStep(CompiledStep):
    """Runs a capability within the transaction."""

    reads = True

    def __init__(self, step: Step, capability: Capability) -> None:
        super().__init__(step)
        self._capability = capability
        self._rows = {name: bind for name, value in step.arguments.items() if (bind := shown(value)) is not None}
        plain = {name: value for name, value in step.arguments.items() if name not in self._rows}
        self._arguments = {name: structured(value) for name, value in plain.items()}

    async def once(self, run: Run) -> Found:
        given = {name: run.results[bind].wire() for name, bind in self._rows.items() if bind in run.results}
        values = required(self._capability.stated.required, {**arguments(self._arguments, run), **given})
        output = await self._capability.call(self.context(run), values)
        return output, Result(lambda: output)

    def context(self, run: Run) -> ComponentContext | AheadContext:
        """What the capability is given besides its input."""
        assert run.transaction is not None
        call = run.call
        key = call.idempotency_key or call.request_id
        return ComponentContext(self._capability.owner, run.transaction, call.caller, call.now, call.source, key)


class FetchStep(CallStep):
    """Asks another service before the transaction begins, so that nothing is held while it answers.

    An operation that runs again, since it met another one, uses the answer that it has.
    """

    async def ask(self, run: Run) -> Found:
        """The answer."""
        return await super().once(run)

    async def once(self, run: Run) -> Found:
        """What was answered before."""
        assert run.fetched is not None
        return run.fetched

    def context(self, run: Run) -> AheadContext:
        """No rows: there is no transaction yet."""
        call = run.call
        return AheadContext(call.caller, call.now, call.source, call.idempotency_key or call.request_id)


def shown(value: Expr) -> str | None:
    """The name of the step whose rows an argument is: a component gets them as an answer would show them."""
    kind = value["type"].get("kind") if isinstance(value.get("type"), dict) else None
    return str(value["name"]) if value.get("op") == "name" and kind in ("row", "rows") else None


def structured(value: Expr) -> Closure:
    """An expression, or a record of them, as one function."""
    if value.get("op") != "record":
        return compile_closure(value)
    members = {name: structured(one) for name, one in value["fields"].items()}
    return lambda names: {name: one(names) for name, one in members.items()}


def arguments(closures: Mapping[str, Closure], run: Run) -> dict[str, Any]:
    """The input of a capability; what is absent is left out."""
    found = {name: evaluate(closure, run.names) for name, closure in closures.items()}
    return {name: value for name, value in found.items() if value is not None}


def required(names: Sequence[str], given: dict[str, Any]) -> dict[str, Any]:
    """What was given, where nothing that must be is missing: it can only be what the caller may not read.

    Raises:
        Refusal: ``forbidden``.
    """
    if any(name not in given for name in names):
        raise Refusal("forbidden", "something that this needs may not be read")
    return given


def write_step(
    service: Service,
    outbox: Outbox,
    operation: Operation,
    name: str,
    step: Step,
    further: Sequence[Column],
    valued: bool,
    first: bool,
) -> CompiledStep:
    """A step that writes rows."""
    audit = Audit(name)
    inputs: tuple[Input, ...] = operation.input
    if step.kind == "upsert":
        where = _key_condition(service, step)
        if {assign.field for assign in step.set} <= set(step.key):
            whole = service.whole(step.entity or "")
            select = Select(entity=whole.entity, columns=whole.columns, where=where, single=True)
            create = Writes(service, step, "create", audit, inputs, outbox, further)
            return EnsureStep(Reads(service, select, further), create, step, valued)
        update = Writes(service, _without(step), "update", audit, inputs, outbox, further, where)
        return UpsertStep(update, Writes(service, step, "create", audit, inputs, outbox, further), step, valued)
    assert step.kind in ("create", "update", "delete")
    writes = Writes(service, step, step.kind, audit, inputs, outbox, further)
    return WriteStep(writes, step, valued, first and step.kind != "create")


def _key_condition(service: Service, step: Step) -> Expr:
    """The row whose unique key has the values that would be written."""
    entity = service.plan.entities[step.entity or ""]
    values = {assign.field: assign.value for assign in step.set}
    this = {"op": "name", "name": "this", "type": {"kind": "row", "entity": step.entity}}
    parts = []
    for name in step.key:
        field = entity.fields[name]
        left = {"op": "field", "of": this, "field": name, "entity": step.entity, "type": type_node(field.type)}
        parts.append({"op": "compare", "type": "bool", "operator": "==", "left": left, "right": values[name]})
    return parts[0] if len(parts) == 1 else {"op": "and", "type": "bool", "args": parts}


def _without(step: Step) -> Step:
    """The fields of the key decide and are not changed; others may be told by what is there already."""
    kept = tuple(
        Assign(field=one.field, value=one.again or one.value, given=one.given)
        for one in step.set
        if one.field not in step.key
    )
    return Step(kind=step.kind, entity=step.entity, set=kept)
