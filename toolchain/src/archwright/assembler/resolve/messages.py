"""Messages: what steps write down for operations that a queue runs, typed against their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...diagnostics import did_you_mean
from ...language.expression import Scope, Type
from ...language.steps import Message, Step
from .. import plan
from .source import Place
from .world import World


@dataclass(frozen=True)
class Receiver:
    """What an operation takes from its queue, and the types that expressions see."""

    inputs: tuple[plan.Input, ...]
    types: Mapping[str, Type]


@dataclass
class Messages:
    """Resolves messages, once it is known who receives any."""

    world: World
    receivers: dict[str, Receiver] = field(default_factory=dict)

    def step(self, step: Step, place: Place, scope: Scope) -> plan.Message | None:
        """The message of a step `send`."""
        given = step.set if isinstance(step.set, Mapping) else {}
        return self._message(step.send or "", given, {}, place / "send", place / "set", scope)

    def after(
        self, message: Message | None, results: Mapping[str, Type], place: Place, scope: Scope
    ) -> plan.Message | None:
        """The message that follows an effect, which takes over results of the names of its inputs."""
        if message is None:
            return None
        return self._message(message.send, message.set, results, place / "send", place / "set", scope)

    def _message(
        self, send: str, given: Mapping[str, Any], results: Mapping[str, Type], here: Place, below: Place, scope: Scope
    ) -> plan.Message | None:
        name = here.source.name(send) if "." not in send else send
        receiver = self.receivers.get(name)
        if receiver is None:
            self.world.findings.error(
                "assembly/unknown-receiver",
                here.location,
                f"no operation `{name}` takes messages",
                expected="an operation with `trigger: {queue: ...}`",
                found=f"`{name}`",
                hint=did_you_mean(name, self.receivers),
            )
            return None
        taken = tuple(one.name for one in receiver.inputs if one.name in results and one.name not in given)
        self._fit(taken, results, receiver, here)
        self._complete({*given, *taken}, receiver, name, below if given else here)
        values = self._values(given, receiver, name, below, scope)
        return plan.Message(operation=name, values=values, results=taken)

    def _values(
        self, given: Mapping[str, Any], receiver: Receiver, name: str, below: Place, scope: Scope
    ) -> dict[str, plan.Expr]:
        found: dict[str, plan.Expr] = {}
        for key, value in given.items():
            expected = receiver.types.get(key)
            if expected is None:
                self.world.findings.error(
                    "assembly/unknown-argument",
                    (below / key).key,
                    f"`{name}` takes no `{key}`",
                    hint=did_you_mean(key, receiver.types),
                )
            elif expected.kind == "json" or isinstance(value, (Mapping, list)):
                record = self.world.expressions.record(value, below / key, scope)
                found.update({} if record is None else {key: record[0]})
            else:
                typed = self.world.expressions.template(value, below / key, scope, expected)
                found.update({} if typed is None else {key: typed.node})
        return found

    def _fit(self, taken: Iterable[str], results: Mapping[str, Type], receiver: Receiver, here: Place) -> None:
        for key in taken:
            wanted, given = receiver.types[key], results[key]
            if (wanted.kind, wanted.entity) != (given.kind, given.entity) or (given.optional and not wanted.optional):
                self.world.findings.error(
                    "expression/type-mismatch",
                    here.location,
                    f"the result `{key}` does not fit the input `{key}`",
                    expected=str(wanted),
                    found=str(given),
                )

    def _complete(self, given: set[str], receiver: Receiver, name: str, here: Place) -> None:
        missing = [one.name for one in receiver.inputs if one.required and one.name not in given]
        if missing:
            self.world.findings.error(
                "assembly/missing-argument",
                here.location,
                f"`{name}` needs `{missing[0]}`",
                expected=", ".join(f"`{key}`" for key in missing),
                found="nothing",
            )
