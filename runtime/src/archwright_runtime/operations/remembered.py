"""Answers that are given again to the same caller for the same question, for a stated time.

Its rules:

* An answer belongs to one operation, one caller with the roles that they hold, one input and one page.
* Who may not run the operation any more gets no remembered answer either: access is tested each time.
* What this process writes is seen at once: an answer ends with the first write to an entity that it may depend on.
  What other processes write is seen when the time has passed.
* There is room for so many answers and so many bytes; the oldest goes first, and what is large is not remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec

from ..authorization.policy import Standing
from ..plan import Operation, Plan
from .call import Call, Outcome
from .sharing import Sharing

_ROOM = 2_000
_BYTES = 32 * 1024 * 1024
_LARGEST = 512 * 1024
Key = tuple[str, str | None, Standing, bytes]


@dataclass
class Memory:
    """The answers that one process remembers.

    Attributes:
        changes: how often each entity was written; the name ``*`` counts writes that may concern any.
    """

    changes: dict[str, int] = field(default_factory=dict)
    _answers: dict[Key, tuple[datetime, tuple[int, ...], Outcome, int]] = field(default_factory=dict)
    _bytes: int = 0

    def changed(self, entities: Iterable[str]) -> None:
        """Forget what may depend on rows of these."""
        for entity in entities:
            self.changes[entity] = self.changes.get(entity, 0) + 1

    def get(self, key: Key, seen: tuple[int, ...], now: datetime) -> Outcome | None:
        """The answer that still holds."""
        known = self._answers.get(key)
        if known is None or known[0] <= now or known[1] != seen:
            return None
        return known[2]

    def put(self, key: Key, until: datetime, seen: tuple[int, ...], outcome: Outcome) -> None:
        """Remember an answer."""
        self._drop(key)
        size = len(msgspec.json.encode(outcome.body))
        if size > _LARGEST:
            return
        while self._answers and (len(self._answers) >= _ROOM or self._bytes + size > _BYTES):
            self._drop(next(iter(self._answers)))
        self._answers[key] = (until, seen, outcome, size)
        self._bytes += size

    def _drop(self, key: Key) -> None:
        known = self._answers.pop(key, None)
        if known is not None:
            self._bytes -= known[3]


class Remembered:
    """What one operation remembers."""

    def __init__(self, memory: Memory, plan: Plan, name: str, operation: Operation) -> None:
        assert operation.remember is not None
        self._memory = memory
        self._name = name
        self._lasts = timedelta(seconds=operation.remember)
        self._reads = ("*", *sorted(_read(plan, operation)))

    def seen(self) -> tuple[int, ...]:
        """The state of what the operation reads; taken before it reads."""
        return tuple(self._memory.changes.get(entity, 0) for entity in self._reads)

    def find(self, call: Call, base: Standing, seen: tuple[int, ...]) -> Outcome | None:
        """The answer to this call, if it is remembered."""
        return self._memory.get(self._key(call, base), seen, call.now)

    def keep(self, call: Call, base: Standing, seen: tuple[int, ...], outcome: Outcome) -> None:
        """Remember the answer to this call; what is streamed is not kept."""
        if outcome.file is None:
            self._memory.put(self._key(call, base), call.now + self._lasts, seen, outcome)

    async def again(self, sharing: Sharing, call: Call, base: Standing) -> tuple[Outcome | None, str | None]:
        """The answer that any process remembers, and the state in which it may be."""
        marks = await sharing.marks(self._reads)
        return (None, None) if marks is None else (await sharing.find(self._digest(call, base), marks), marks)

    async def share(self, sharing: Sharing, call: Call, base: Standing, marks: str, outcome: Outcome) -> None:
        """Let every process remember an answer."""
        await sharing.keep(self._digest(call, base), marks, int(self._lasts.total_seconds()), outcome)

    def _digest(self, call: Call, base: Standing) -> bytes:
        name, caller, _, question = self._key(call, base)
        who = msgspec.json.encode([name, caller, sorted(call.caller.principals)])
        return sha256(who + question).digest()

    def _key(self, call: Call, base: Standing) -> Key:
        question = msgspec.json.encode([call.input, call.page], order="sorted")
        return self._name, call.caller.id, base, sha256(question).digest()


def written(plan: Plan, operation: Operation) -> frozenset[str]:
    """The entities that an operation may change; ``*`` where that cannot be said."""
    found: set[str] = set()
    for step in operation.steps:
        if step.kind in ("create", "update", "delete", "upsert") and step.entity is not None:
            found |= _with_dependants(plan, step.entity) if step.kind == "delete" else {step.entity}
        elif step.kind == "call" and not step.deferred and "subjects" in _effects(plan, step.capability or ""):
            return frozenset({"*"})
        elif step.kind == "call" and not step.deferred and _effects(plan, step.capability or ""):
            alias = (step.capability or "").partition(".")[0]
            found |= {name for name, entity in plan.entities.items() if entity.component in (alias, None)}
    within = (one.trigger.entity for one in plan.operations.values() if one.trigger.within)
    return frozenset({"*"}) if found & set(within) else frozenset(found)


def _with_dependants(plan: Plan, entity: str) -> set[str]:
    """An entity, and those whose rows go or change with its rows."""
    found, waiting = {entity}, [entity]
    while waiting:
        target = waiting.pop()
        for name, other in plan.entities.items():
            follows = any(
                how != "refuse" and other.fields[reference].type.entity == target
                for reference, how in other.on_delete.items()
            )
            if follows and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _effects(plan: Plan, capability: str) -> tuple[str, ...]:
    alias, _, name = capability.partition(".")
    component = plan.components.get(alias)
    known = component.capabilities.get(name) if component is not None else None
    return ("unknown",) if known is None else known.effects


def _read(plan: Plan, operation: Operation) -> set[str]:
    """Every entity that is named where the operation reads, and by the permissions on those."""
    found: set[str] = set()
    waiting = list(_entities(msgspec.to_builtins((operation.steps, operation.returns, operation.access))))
    while waiting:
        name = waiting.pop()
        entity = plan.entities.get(name)
        if name in found or entity is None:
            continue
        found.add(name)
        computed = [one.computed for one in entity.fields.values() if one.computed is not None]
        related = [one.entity for one in entity.relations.values()]
        waiting += [*_entities(msgspec.to_builtins((entity.grants, computed))), *related]
    return found


def _entities(tree: Any) -> Iterable[str]:
    if isinstance(tree, Mapping):
        named = tree.get("entity")
        if isinstance(named, str):
            yield named
        for part in tree.values():
            yield from _entities(part)
    elif isinstance(tree, list | tuple):
        for part in tree:
            yield from _entities(part)
