"""Operations that a change starts: written down in the transaction of the change, run after it.

The condition is about the row before and after the change as it really is, whoever changed it; the operation itself
reads the row with the rights of the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Watch:
    """One operation and when it starts."""

    operation: str
    where: Closure | None
    asks_old: bool


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
        self._watches = [_Watch(name, *_condition(trigger.where)) for name, trigger in triggers]
        self._entity = entity
        self._conditions = conditions
        self._before = any(watch.asks_old for watch in self._watches) or (kind == "delete" and bool(conditions))

    @cached_property
    def _row(self) -> Reading:
        wanted = paths(self._conditions)
        return bare_row(self._service, self._entity, wanted.get("this", set()) | wanted.get("old", set()))

    def __bool__(self) -> bool:
        return bool(self._watches)

    async def before(self, run: Run, writer: Writer) -> Mapping[str, Bound]:
        """The rows as they are, where a condition asks for them."""
        if not self._before or self._kind == "create":
            return {}
        sighting = writer.sighting(lock=True)
        found = await run.write(sighting.sql, sighting.arguments(run.names))
        return {record[0]: await self._bare(run, record[0]) for record in found}

    async def after(self, run: Run, id: str, before: Mapping[str, Bound]) -> None:
        """Write down what the change of a row starts."""
        if self._before and self._kind != "create" and id not in before:
            raise ContentionError("the row appeared in between")
        old = before.get(id, Bound(id=id))
        asks = any(watch.where is not None for watch in self._watches)
        row = old if self._kind == "delete" else await self._bare(run, id) if asks else Bound(id=id)
        names = {**run.names, "this": row, "old": old}
        for watch in self._watches:
            if self._holds(watch, names):
                await self._outbox.put(run, TARGET + watch.operation, {"id": id, "action": self._kind})

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


def bare_row(service: Service, entity: str, wanted: set[str]) -> Reading:
    """Reads one row by its id as it really is."""
    columns = tuple(path_columns(service.plan, entity, wanted | {"id"}))
    select = Select(entity=entity, columns=columns, where=own_row(entity))
    return Reader(service.schema, service.policy.everything, select).reading(_SINGLE)


class ChangedRow:
    """Reads the row for an operation that a change started, with the rights of the job."""

    def __init__(self, service: Service, operation: Operation) -> None:
        self._service = service
        entity = operation.trigger.entity or ""
        wanted = paths(expressions((operation.steps, operation.returns))).get("row", set())
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
