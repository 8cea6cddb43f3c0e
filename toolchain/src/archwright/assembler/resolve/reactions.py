"""Changes that start operations within their transaction: that they end, and how failures look to their authors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import plan
from .source import Place
from .world import World

LONGEST = 8
"""How many operations may start one another within one transaction."""

_ACTIONS = {"create": ("create",), "update": ("update",), "delete": ("delete",), "upsert": ("create", "update")}
Change = tuple[str, str]


class Reactions:
    """The operations that changes start within their transaction."""

    def __init__(self, world: World, operations: Mapping[str, plan.Operation]) -> None:
        self._world = world
        self._operations = operations
        self._started: dict[Change, list[str]] = {}
        for name, operation in operations.items():
            if operation.trigger.within:
                for action in operation.trigger.actions:
                    self._started.setdefault((operation.trigger.entity or "", action), []).append(name)
        self._lengths: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._started)

    def check(self) -> None:
        """Report operations that start themselves, and chains without a sensible end."""
        for source in self._world.sources:
            for written in source.model.operations:
                name = source.name(written)
                if name in self._operations and self._operations[name].trigger.within:
                    self._check(name, Place(source, ("operations", written, "trigger")))

    def _check(self, name: str, place: Place) -> None:
        circle = self._path(name, name, ())
        if circle is not None:
            self._world.findings.error(
                "assembly/change-cycle",
                place.location,
                f"`{name}` starts itself within one transaction",
                expected="changes that come to an end",
                found=" -> ".join(f"`{one}`" for one in (name, *circle)),
                hint="narrow one of them to other fields or another action, or let it run after the commit",
            )
        elif self._length(name) > LONGEST:
            self._world.findings.error(
                "assembly/change-cycle",
                place.location,
                f"`{name}` starts a chain of {self._length(name)} operations within one transaction",
                expected=f"at most {LONGEST}",
                found=str(self._length(name)),
                hint="let one of them run after the commit",
            )

    def _path(self, here: str, goal: str, seen: tuple[str, ...]) -> tuple[str, ...] | None:
        for following in self._following(here):
            if following == goal:
                return (following,)
            if following not in seen:
                further = self._path(following, goal, (*seen, following))
                if further is not None:
                    return (following, *further)
        return None

    def _length(self, name: str, above: tuple[str, ...] = ()) -> int:
        """The longest chain that begins here; one that is part of a circle is reported as such."""
        if name not in self._lengths:
            further = [one for one in self._following(name) if one not in above and one != name]
            self._lengths[name] = 1 + max((self._length(one, (*above, name)) for one in further), default=0)
        return self._lengths[name]

    def _following(self, name: str) -> Iterator[str]:
        found: dict[str, None] = {}
        for step in self._operations[name].steps:
            for action in _ACTIONS.get(step.kind, ()):
                found.update(dict.fromkeys(self._started.get((step.entity or "", action), ())))
        return iter(found)

    def completed(self) -> dict[str, plan.Operation]:
        """The operations, each with the failures of those that its writes start."""
        return {name: self._completed(name, operation) for name, operation in self._operations.items()}

    def _completed(self, name: str, operation: plan.Operation) -> plan.Operation:
        failures: dict[str, plan.Failure] = {}
        for one in self._all(name, {}):
            failures = {**self._operations[one].failures, **failures}
        both = {**failures, **operation.failures}
        return replace(operation, failures=dict(sorted(both.items()))) if failures else operation

    def _all(self, name: str, found: dict[str, None]) -> dict[str, None]:
        for following in self._following(name):
            if following not in found:
                found[following] = None
                self._all(following, found)
        return found
