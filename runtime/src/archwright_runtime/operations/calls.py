"""Members of rows that pure capabilities make, once the statement has given what they need.

Its rules:

* A call never fails the answer: without a required argument, with one beyond its bounds, or where the capability
  fails, the member is null.
* A call knows neither who asks nor any row but its arguments, so its result is for everybody who may read these.
* The calls of one answer run in batches, between which others get their turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..errors import Refusal
from ..persistence.forms import Convert, value_to_wire
from ..persistence.shape import Waiting
from ..plan import Capability, Column, Select
from .values import within

BATCH = 32
PureCall = Callable[[datetime, dict[str, Any]], Awaitable[dict[str, Any]]]
Find = Callable[[str], tuple[Capability, PureCall]]
Report = Callable[[str, Mapping[str, Any]], None]
Row = dict[str, Any]


@dataclass(frozen=True)
class _Call:
    """One member that is called for."""

    name: str
    stated: Capability
    run: PureCall
    capability: str
    take: str
    convert: Convert | None

    async def value(self, now: datetime, given: Mapping[str, Any]) -> Any:
        """The member in wire form; None where nothing can be made of the arguments."""
        arguments = {name: value for name, value in given.items() if value is not None}
        if any(name not in arguments for name in self.stated.required):
            return None
        if not all(within(self.stated.input[name], value) for name, value in arguments.items()):
            return None
        made = (await self.run(now, arguments)).get(self.take)
        return made if made is None or self.convert is None else self.convert(made)


class Calls:
    """The calls of a select and of what is nested in it, compiled."""

    def __init__(self, select: Select, find: Find, report: Report) -> None:
        self._own = tuple(_compiled(column, find) for column in select.columns if column.call is not None)
        nested = ((one.name, Calls(one.rows, find, report)) for one in select.columns if one.rows is not None)
        self._nested = tuple((name, calls) for name, calls in nested if calls)
        self._report = report

    def __bool__(self) -> bool:
        return bool(self._own or self._nested)

    async def fill(self, rows: Iterable[Row], now: datetime) -> None:
        """Put results where rows in wire form wait for them."""
        waiting = list(self._waiting(rows))
        for start in range(0, len(waiting), BATCH):
            if start:
                await asyncio.sleep(0)
            batch = waiting[start : start + BATCH]
            if len(batch) == 1:
                await self._one(*batch[0], now)
            else:
                await asyncio.gather(*(self._one(row, call, now) for row, call in batch))

    def _waiting(self, rows: Iterable[Row]) -> Iterator[tuple[Row, _Call]]:
        for row in rows:
            for call in self._own:
                if call.name in row:
                    yield row, call
            for name, calls in self._nested:
                below = row.get(name)
                if below:
                    yield from calls._waiting([below] if isinstance(below, dict) else below)

    async def _one(self, row: Row, call: _Call, now: datetime) -> None:
        waiting: Waiting = row[call.name]
        row[call.name] = None
        try:
            row[call.name] = await call.value(now, waiting.arguments)
        except Refusal:
            return
        except Exception as error:
            # Whatever goes wrong in a component must not take a page of other values with it.
            self._report("call-failed", {"capability": call.capability, "error": type(error).__name__})


def _compiled(column: Column, find: Find) -> _Call:
    assert column.call is not None and column.take is not None
    stated, run = find(column.call)
    convert = value_to_wire(column.type or stated.output[column.take])
    return _Call(column.name, stated, run, column.call, column.take, convert)
