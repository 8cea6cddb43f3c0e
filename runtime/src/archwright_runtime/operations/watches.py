"""Operations that a change starts: within its transaction, or written down in it and run after it.

Its rules:

* The condition is about the row before and after the change as it really is, whoever changed it.
* What the operation itself knows of the row it reads with rights of its own: those granted to it, and those of the role
  as which it runs. So it does the same whoever made the change.
* Within the transaction, a refusal takes the change back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..authorization.policy import Standing
from ..expression import Closure, compile_closure, names
from ..persistence.audit import Kind
from ..persistence.database import ContentionError
from ..persistence.select import Reader, Reading, Variant
from ..persistence.statement import Names
from ..persistence.write import Writer
from ..plan import Expr, Operation, Select
from .outbox import Outbox
from .run import Bound, Run
from .service import Service
from .trees import expressions, own_row, path_columns, paths

TARGET = "operation:"
_SINGLE = Variant(single=True)
_WRITES = ("create", "update", "delete", "upsert")


@dataclass(frozen=True)
class _Watch:
    """One operation and when it starts."""

    operation: str
    where: Closure | None
    asks_old: bool
    within: bool


@dataclass(frozen=True)
class _Before:
    """A row before its change: as it really is, and as each operation within the transaction may see it."""

    bare: Bound
    seen: Mapping[str, Any] = field(default_factory=dict)


class Watches:
    """The operations that writes of one entity start."""

    def __init__(self, service: Service, outbox: Outbox, entity: str, kind: Kind) -> None:
        self._service = service
        self._outbox = outbox
        self._kind = kind
        triggers = [
            (name, operation.trigger)
            for name, operation in service.plan.operations.items()
            if operation.trigger.kind == "changed"
            and operation.trigger.entity == entity
            and kind in operation.trigger.actions
        ]
        conditions = [trigger.where for _, trigger in triggers if trigger.where is not None]
        self._watches = [_Watch(name, *_condition(trigger.where), trigger.within) for name, trigger in triggers]
        self._entity = entity
        self._conditions = conditions

    @cached_property
    def _before(self) -> bool:
        """Whether the rows must be looked at before they change."""
        if self._kind == "create":
            return False
        if self._kind == "delete":
            return bool(self._conditions) or any(watch.within for watch in self._watches)
        reactions = self._service.reactions
        return any(watch.asks_old or (watch.within and reactions[watch.operation].asks_old) for watch in self._watches)

    @cached_property
    def _row(self) -> Reading:
        wanted = paths(self._conditions)
        return bare_row(self._service, self._entity, wanted.get("this", set()) | wanted.get("old", set()))

    def __bool__(self) -> bool:
        return bool(self._watches)

    @cached_property
    def rewrite(self) -> bool:
        """Whether the row may have changed once more when its own change is done."""
        within = [watch.operation for watch in self._watches if watch.within]
        return self._kind != "delete" and self._entity in written_by(self._service, within)

    async def before(self, run: Run, writer: Writer) -> Mapping[str, _Before]:
        """The rows as they are, where something asks for them."""
        if not self._before:
            return {}
        sighting = writer.sighting(lock=True)
        found = await run.write(sighting.sql, sighting.arguments(run.names))
        return {record[0]: await self._as_it_was(run, record[0]) for record in found}

    async def _as_it_was(self, run: Run, id: str) -> _Before:
        name = "row" if self._kind == "delete" else "old"
        reactions = self._service.reactions
        within = (watch.operation for watch in self._watches if watch.within)
        seen = {operation: await reactions[operation].seen(run, name, id) for operation in within}
        return _Before(await self._bare(run, id), seen)

    async def after(self, run: Run, id: str, before: Mapping[str, _Before]) -> None:
        """Run, or write down, what the change of a row starts."""
        if self._before and id not in before:
            raise ContentionError("the row appeared in between")
        old = before.get(id, _Before(Bound(id=id)))
        asks = any(watch.where is not None for watch in self._watches)
        row = old.bare if self._kind == "delete" else await self._bare(run, id) if asks else Bound(id=id)
        names = {**run.names, "this": row, "old": old.bare}
        for watch in self._watches:
            if not self._holds(watch, names):
                continue
            if watch.within:
                await self._react(run, watch.operation, id, old)
            else:
                await self._outbox.put(run, TARGET + watch.operation, {"id": id, "action": self._kind})

    async def _react(self, run: Run, operation: str, id: str, old: _Before) -> None:
        reaction = self._service.reactions[operation]
        if self._kind == "delete":
            rows = {"row": old.seen[operation]}
        else:
            rows = {"row": await reaction.seen(run, "row", id), "old": old.seen.get(operation)}
        await reaction.react(run, rows)

    def _holds(self, watch: _Watch, names: Names) -> bool:
        if watch.where is None:
            return True
        try:
            return bool(watch.where(names))
        except TypeError:
            # A new row has nothing before it with which it could be compared.
            if self._kind != "create":
                raise
            return False

    async def _bare(self, run: Run, id: str) -> Bound:
        records = await run.fetch(self._row.sql, self._row.arguments({**run.names, "$given": id}))
        return Bound(self._row.value(records[0])) if records else Bound(id=id)


def _condition(where: Expr | None) -> tuple[Closure | None, bool]:
    return (None, False) if where is None else (compile_closure(where), "old" in names(where))


def written_by(service: Service, operations: list[str]) -> frozenset[str]:
    """The entities that operations write, with those that are written within the transaction because of it."""
    found: set[str] = set()
    waiting = list(operations)
    while waiting:
        for entity in _entities(service.plan.operations[waiting.pop()]):
            if entity not in found:
                found.add(entity)
                waiting.extend(_within(service, entity))
    return frozenset(found)


def _entities(operation: Operation) -> Iterator[str]:
    return (step.entity for step in operation.steps if step.kind in _WRITES and step.entity is not None)


def _within(service: Service, entity: str) -> Iterator[str]:
    for name, operation in service.plan.operations.items():
        if operation.trigger.within and operation.trigger.entity == entity:
            yield name


def bare_row(service: Service, entity: str, wanted: set[str]) -> Reading:
    """Reads one row by its id as it really is."""
    columns = tuple(path_columns(service.plan, entity, wanted | {"id"}))
    select = Select(entity=entity, columns=columns, where=own_row(entity))
    return Reader(service.schema, service.policy.everything, select).reading(_SINGLE)


class ChangedRow:
    """Reads the row for an operation that a change started, with the rights of the operation.

    Args:
        name: under which the steps look at it: ``row``, or ``old`` for what it was before.
    """

    def __init__(self, service: Service, operation: Operation, name: str = "row") -> None:
        self._service = service
        entity = operation.trigger.entity or ""
        wanted = paths(expressions((operation.steps, operation.returns))).get(name, set())
        self.asked = bool(wanted)
        columns = tuple(path_columns(service.plan, entity, wanted | {"id"}))
        self._select = Select(entity=entity, columns=columns, where=own_row(entity))
        self._readings: dict[Standing, Reading | None] = {}

    async def read(self, run: Run, id: str) -> Bound:
        """The row; only its id where it is gone or may not be read."""
        reading = self._reading(run.standing)
        records: Any = await run.fetch(reading.sql, reading.arguments({**run.names, "$given": id})) if reading else ()
        return Bound(reading.value(records[0])) if reading and records else Bound(id=id)

    def _reading(self, standing: Standing) -> Reading | None:
        if standing not in self._readings:
            policy = self._service.policy
            reader = Reader(self._service.schema, lambda entity: policy.readable(entity, standing), self._select)
            self._readings[standing] = reader.reading(_SINGLE) if reader.readable else None
        return self._readings[standing]
