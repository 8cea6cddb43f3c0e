"""Messages to operations that a queue runs, and what follows an effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..errors import Refusal
from ..expression import compile_closure
from ..persistence.forms import parse_instant
from ..plan import Capability, Input, Message, Plan, Step, Type
from .outbox import MESSAGE, OTHERWISE, HopelessError, Outbox
from .run import Run, evaluate
from .steps import CompiledStep, arguments, required, structured
from .values import within

THEN = "$then"


class SendStep(CompiledStep):
    """Writes a message down, to be received after the commit."""

    writes = True

    def __init__(self, step: Step, outbox: Outbox, plan: Plan) -> None:
        super().__init__(step)
        assert step.message is not None
        self._outbox = outbox
        self._message = CompiledMessage(step.message, plan)
        self._at = None if step.at is None else compile_closure(step.at)
        self._once = None if step.once is None else compile_closure(step.once)

    async def once(self, run: Run) -> None:
        at = None if self._at is None else evaluate(self._at, run.names)
        once = None if self._once is None else evaluate(self._once, run.names)
        await self._outbox.put(run, self._message.target, self._message.values(run), at=at, once=once)


class DeferStep(CompiledStep):
    """Writes an external effect down, to be delivered after the commit, with the messages that follow it."""

    writes = True

    def __init__(self, step: Step, outbox: Outbox, plan: Plan) -> None:
        super().__init__(step)
        self._outbox = outbox
        self._required = _stated(plan, step).required
        self._arguments = {name: structured(value) for name, value in step.arguments.items()}
        self._then = None if step.then is None else CompiledMessage(step.then, plan)
        self._otherwise = None if step.otherwise is None else CompiledMessage(step.otherwise, plan)

    async def once(self, run: Run) -> None:
        assert self.step.capability is not None
        payload = required(self._required, arguments(self._arguments, run))
        if self._then is not None:
            payload[THEN] = [self._then.target, self._then.values(run), self._then.results]
        if self._otherwise is not None:
            payload[OTHERWISE] = [self._otherwise.target, self._otherwise.values(run)]
        await self._outbox.put(run, self.step.capability, payload)


def _stated(plan: Plan, step: Step) -> Capability:
    component, _, short = str(step.capability).partition(".")
    return plan.components[component].capabilities[short]


class CompiledMessage:
    """What is sent to one operation."""

    def __init__(self, message: Message, plan: Plan) -> None:
        self._types = {one.name: one.type for one in plan.operations[message.operation].input}
        self.target = MESSAGE + message.operation
        self.results = message.results
        self._values = {name: structured(value) for name, value in message.values.items()}

    def values(self, run: Run) -> dict[str, Any]:
        """The inputs that are known now."""
        found = arguments(self._values, run)
        if not all(within(self._types[name], value) for name, value in found.items()):
            raise Refusal("invalid", "a value does not fit")
        return found


def received(inputs: tuple[Input, ...], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of an operation as the runtime's own values.

    Raises:
        HopelessError: a value does not fit, such as one that another service gave, or an earlier version sent.
    """
    types = {one.name: one.type for one in inputs}
    found = {name: decoded(types[name], value) for name, value in payload.items() if name in types}
    if not all(within(types[name], value) for name, value in found.items()):
        raise HopelessError
    return found


def decoded(type: Type | None, value: Any) -> Any:
    """A value of a payload as the runtime's own; payloads are kept as SQLite would keep them."""
    if type is None or value is None:
        return value
    if type.kind == "datetime":
        return parse_instant(value)
    if type.kind == "date":
        return date.fromisoformat(value)
    if type.kind == "list" and type.item is not None:
        return [decoded(type.item, item) for item in value]
    return value
