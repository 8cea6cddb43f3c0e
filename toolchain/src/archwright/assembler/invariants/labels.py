"""Labels: which data classes a value carries, and where each came from.

A label is a set of classes. A value carries the classes of everything it was computed from and of everything that
decided it; a class is dropped by a declassification alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...diagnostics import Location, Related
from ...language.expression import Typed
from ...language.model import Path
from .. import plan
from ..resolve import Resolution
from ..resolve.source import Place

Label = Mapping[str, tuple[Related, ...]]
"""Data classes with the path on which each came."""

NOTHING: Label = {}

Written = Mapping[tuple[int, Path], tuple[tuple[Place, Typed], ...]]
"""Every typed expression by the document and the two first parts of its place, such as `operations`, `DecideLeave`."""


def written(resolution: Resolution) -> Written:
    """The expressions of an assembly, grouped so that those of one operation are found at once."""
    found: dict[tuple[int, Path], list[tuple[Place, Typed]]] = {}
    for place, typed in resolution.typed.items():
        found.setdefault((id(place.source), place.path[:2]), []).append((place, typed))
    return {key: tuple(value) for key, value in found.items()}


def join(*labels: Label) -> Label:
    """Everything that any of them carries; of several paths the first is kept."""
    joined: dict[str, tuple[Related, ...]] = {}
    for label in labels:
        for name, path in label.items():
            joined.setdefault(name, path)
    return joined


@dataclass
class Labels:
    """Labels of fields, inputs and results within one operation or permission.

    Attributes:
        inputs: classes of the operation's inputs with their places.
        written: every expression, for those that ask for all of a mapping.
        bound: labels of what steps bound, by name and member; `*` stands for every member.
    """

    resolution: Resolution
    written: Written
    inputs: Mapping[str, tuple[tuple[str, ...], Location]] = field(default_factory=dict)
    bound: dict[str, Mapping[str, Label]] = field(default_factory=dict)

    def of_field(self, entity: str, name: str) -> Label:
        """What a field carries; a computed one carries what it is computed from."""
        draft = self.resolution.world.entities.get(entity)
        found = draft.fields.get(name) if draft else None
        if found is None:
            return NOTHING
        declared = {label: (Related(found.place.key, f"`{entity}.{name}` is {label}"),) for label in found.classes}
        if found.computed is None:
            return declared
        return join(declared, self.of(found.computed, found.place / "computed"))

    def of(self, typed: Typed | None, place: Place) -> Label:
        """What the value of an expression carries, its conditions included."""
        if typed is None:
            return NOTHING
        return join(*(self._read(read.path, read.entity, read.field, place) for read in typed.reads))

    def at(self, place: Place) -> Label:
        """What the expression that is written at a place carries."""
        return self.of(self.resolution.typed.get(place), place)

    def below(self, place: Place) -> Label:
        """What all expressions below a place carry, as in a mapping of values."""
        depth = len(place.path)
        near = self.written.get((id(place.source), place.path[:2]), ())
        return join(*(self.of(typed, here) for here, typed in near if here.path[:depth] == place.path))

    def _read(self, path: tuple[str, ...], entity: str | None, name: str | None, place: Place) -> Label:
        if path and path[0] in self.bound:
            members = self.bound[path[0]]
            member = path[1] if len(path) > 1 else "*"
            label = members.get(member, members.get("*", NOTHING))
            own = self.of_field(entity, name) if entity is not None and name is not None else NOTHING
            return self._passing(join(label, own), place)
        if len(path) > 1 and path[0] == "input" and path[1] in self.inputs:
            classes, location = self.inputs[path[1]]
            return self._passing(
                {one: (Related(location, f"the input `{path[1]}` is {one}"),) for one in classes}, place
            )
        if entity is not None and name is not None:
            return self._passing(self.of_field(entity, name), place)
        return NOTHING

    def _passing(self, label: Label, place: Place) -> Label:
        step = Related(place.location, "used here")
        return {name: (*path, step) for name, path in label.items()}


_PRESENCE = frozenset({"and", "or", "not", "present", "absent"})


def tests_presence(node: plan.Expr) -> bool:
    """Whether a condition asks only if values came, never what they are."""
    if node.get("op") in ("present", "absent"):
        return True
    parts = node.get("args", [node["value"]] if node.get("op") == "not" else [])
    return node.get("op") in _PRESENCE and bool(parts) and all(tests_presence(part) for part in parts)


def is_subject(where: plan.Expr | None, subject: str | None) -> bool:
    """Whether a condition admits only rows whose subject is the caller: a conjunct `this.<subject> == caller`."""
    if where is None or subject is None:
        return False
    if where.get("op") == "and":
        return any(is_subject(part, subject) for part in where["args"])
    if where.get("op") != "compare" or where.get("operator") != "==":
        return False
    sides = (where["left"], where["right"])
    return any(_is_caller(one) and _is_member(other, subject) for one, other in (sides, sides[::-1]))


def _is_caller(node: plan.Expr) -> bool:
    return node.get("op") == "name" and node.get("name") == "caller"


def _is_member(node: plan.Expr, name: str) -> bool:
    of = node.get("of", {})
    return (
        node.get("op") == "field" and node.get("field") == name and of.get("op") == "name" and of.get("name") == "this"
    )
