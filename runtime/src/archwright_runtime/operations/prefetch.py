"""What expressions need of the caller's own row, and of rows that inputs refer to, read before the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..authorization.policy import Standing
from ..persistence.select import Reader, Reading, Variant
from ..plan import Operation, Select
from .run import Run
from .service import Service
from .trees import own_row, path_columns

_SINGLE = Variant(single=True)


@dataclass
class _Wanted:
    """Members of one row that is referred to; ``name`` is ``caller`` or an input."""

    name: str
    select: Select


class Prefetch:
    """Reads what closures look up through references."""

    def __init__(self, service: Service, operation: Operation, wanted: Mapping[str, set[str]]) -> None:
        self._service = service
        self._rows = [*self._of_caller(wanted.get("caller", set())), *self._of_inputs(operation, wanted)]
        self._readings: dict[tuple[int, Standing], Reading | None] = {}

    @property
    def needed(self) -> bool:
        """Whether there is anything to read."""
        return bool(self._rows)

    def _of_caller(self, dotted: set[str]) -> list[_Wanted]:
        identity = self._service.plan.identity
        if identity is None or not dotted:
            return []
        return [_Wanted("caller", self._select(identity.entity, dotted))]

    def _of_inputs(self, operation: Operation, wanted: Mapping[str, set[str]]) -> list[_Wanted]:
        types = {one.name: one.type for one in operation.input}
        inside: dict[str, set[str]] = {}
        for path in wanted.get("input", ()):
            name, _, rest = path.partition(".")
            if rest:
                inside.setdefault(name, set()).add(rest)
        return [
            _Wanted(name, self._select(types[name].entity or "", dotted))
            for name, dotted in inside.items()
            if name in types and types[name].entity is not None
        ]

    def _select(self, entity: str, dotted: set[str]) -> Select:
        plan = self._service.plan
        return Select(entity=entity, columns=tuple(path_columns(plan, entity, dotted)), where=own_row(entity))

    async def fetch(self, run: Run) -> None:
        """Read, and add what was found under dotted names."""
        for number, one in enumerate(self._rows):
            own = one.name == "caller"
            given = run.names["caller"] if own else run.names["input"].get(one.name)
            found = await self._one(run, number, one, given, own) if given is not None else {}
            prefix = f"{one.name}."
            values = {prefix + column.name: found.get(column.name) for column in one.select.columns}
            if own:
                run.names.update(values)
            else:
                run.names["input"] = {**run.names["input"], **values}

    async def _one(self, run: Run, number: int, one: _Wanted, given: str, own: bool) -> dict[str, object]:
        reading = self._reading(run.standing, number, one, own)
        records = await run.fetch(reading.sql, reading.arguments({**run.names, "$given": given})) if reading else []
        return reading.value(records[0]) if reading and records else {}

    def _reading(self, standing: Standing, number: int, one: _Wanted, own: bool) -> Reading | None:
        key = (number, standing)
        if key not in self._readings:
            policy, schema = self._service.policy, self._service.schema
            # What decides about the caller is known of the caller, whoever may read it.
            rules = policy.everything if own else (lambda entity: policy.readable(entity, standing))
            reader = Reader(schema, rules, one.select)
            self._readings[key] = reader.reading(_SINGLE) if reader.readable else None
        return self._readings[key]
