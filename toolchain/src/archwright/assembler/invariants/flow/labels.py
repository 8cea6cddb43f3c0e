"""Labels: which data classes a value carries, and where each came from.

A label is a set of marks. A value carries the marks of everything it was computed from and of everything that decided
it; a class is dropped by a declassification alone. The origin of a mark says what its caller knows already: what they
sent, and what is stored about themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ....diagnostics import Related
from ....language.expression import Typed
from ....language.expression.check import Read
from ....language.model import Path
from ... import plan
from ...resolve import Resolution
from ...resolve.source import Place
from ..personal_data import PERSONAL


class Origin(Enum):
    """Where a class comes from, as far as it matters to the one who runs the operation."""

    DATA = "data"
    OWN = "own"
    """Personal data of the caller."""
    PERMITTED = "permitted"
    """A column that a permission shows to everybody who may run the operation; it is read with their rights."""
    INPUT = "input"
    """What the caller sent."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One data class of a value."""

    name: str
    origin: Origin = Origin.DATA


Label = Mapping[Mark, tuple[Related, ...]]
"""Marks with the path on which each came."""

NOTHING: Label = {}
EVERY = "*"
"""Stands for all members of what a step bound."""

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
    joined: dict[Mark, tuple[Related, ...]] = {}
    for label in labels:
        for mark, path in label.items():
            joined.setdefault(mark, path)
    return joined


def without(label: Label, *origins: Origin) -> Label:
    """The label without the marks of some origins."""
    return {mark: path for mark, path in label.items() if mark.origin not in origins}


def classes(label: Label) -> Iterator[tuple[str, tuple[Related, ...]]]:
    """Each class once, with a path of it, sorted by name."""
    found: dict[str, tuple[Related, ...]] = {}
    for mark, path in label.items():
        found.setdefault(mark.name, path)
    return iter(sorted(found.items(), key=lambda item: item[0]))


class Facts:
    """What is the same for every operation: the expressions, and the labels of fields."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self.written = written(resolution)
        self._fields: dict[tuple[str, str], Label] = {}
        self.checks: dict[str, tuple[tuple[Place, Typed], ...]] = {}
        identity = resolution.plan.identity if resolution.plan is not None else None
        self.people = identity.entity if identity is not None else None

    @cached_property
    def refusing(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """By entity the labelled references that keep its rows from being deleted."""
        found: dict[str, list[tuple[str, str]]] = {}
        for entity in self.resolution.world.entities.values():
            for one in entity.fields.values():
                refuses = one.written is not None and (one.written.on_delete or "refuse") == "refuse"
                if refuses and one.classes and one.type is not None and one.type.kind == "ref":
                    found.setdefault(one.type.entity or "", []).append((entity.name, one.name))
        return {name: tuple(fields) for name, fields in found.items()}

    def typed(self, place: Place) -> Typed | None:
        """The expression that is written at a place."""
        return self.resolution.typed.get(place)

    def of_field(self, entity: str, name: str) -> Label:
        """What a field carries: its own classes, and those of what it is computed or reached from."""
        key = (entity, name)
        if key not in self._fields:
            self._fields[key] = NOTHING  # ends what refers to itself
            self._fields[key] = self._of_field(entity, name)
        return self._fields[key]

    def of_entity(self, entity: str) -> Label:
        """What a whole row carries."""
        draft = self.resolution.world.entities.get(entity)
        fields = draft.fields.values() if draft is not None else ()
        return join(*(self.of_field(entity, one.name) for one in fields if one.relation is None and one.readable))

    def _of_field(self, entity: str, name: str) -> Label:
        draft = self.resolution.world.entities.get(entity)
        found = draft.fields.get(name) if draft else None
        if found is None:
            return NOTHING
        note = f"`{entity}.{name}` is "
        declared = {Mark(label): (Related(found.place.key, note + label),) for label in found.classes}
        relation = found.relation
        back = self.of_field(relation.entity, relation.field) if relation is not None and relation.field else NOTHING
        computed = Labels(self).of(found.computed, found.place / "computed") if found.computed else NOTHING
        return join(declared, back, computed)


def _never(entity: str, field: str) -> bool:
    return False


@dataclass
class Labels:
    """Labels within one operation or permission.

    Attributes:
        inputs: what each of the operation's inputs carries.
        bound: labels of what steps bound, by name and member.
        own: names of rows about the caller.
        permitted: whether a permission shows a field to every caller; rows are read with their rights.
    """

    facts: Facts
    inputs: Mapping[str, Label] = field(default_factory=dict)
    bound: dict[str, Mapping[str, Label]] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    permitted: Callable[[str, str], bool] = _never

    def of(self, typed: Typed | None, place: Place) -> Label:
        """What the value of an expression carries, its conditions included."""
        if typed is None:
            return NOTHING
        whole = (self._whole(node) for node in whole_names(typed.node))
        return _passing(join(*(self._read(read) for read in typed.reads), *whole), place)

    def at(self, place: Place) -> Label:
        """What the expression that is written at a place carries."""
        return self.of(self.facts.typed(place), place)

    def below(self, place: Place) -> Label:
        """What all expressions at or below a place carry, as in a mapping of values."""
        return join(*(self.of(typed, here) for here, typed in self.expressions(place)))

    def rows_below(self, place: Place) -> Label:
        """What the whole rows carry that stand at or below a place."""
        names = (node for _, typed in self.expressions(place) for node in whole_names(typed.node))
        rows = (_entity(node) for node in names if _kind(node) in ("row", "rows"))
        return _passing(join(*(self.facts.of_entity(entity) for entity in rows if entity)), place)

    def expressions(self, place: Place) -> Iterator[tuple[Place, Typed]]:
        """The expressions at or below a place."""
        depth = len(place.path)
        near = self.facts.written.get((id(place.source), place.path[:2]), ())
        return ((here, typed) for here, typed in near if here.path[:depth] == place.path)

    def _read(self, read: Read) -> Label:
        root, *members = read.path or ("",)
        own = self._of_field(read.entity, read.field) if read.entity and read.field else NOTHING
        own = self._about_caller(own) if root in self.own and len(members) == 1 else own
        if root in self.bound:
            bound = self.bound[root]
            given = bound.get(members[0], NOTHING) if members else join(*bound.values())
            return join(own, given, bound.get(EVERY, NOTHING))
        if root == "input" and members:
            return self.inputs.get(members[0], NOTHING)
        return own

    def _whole(self, node: plan.Expr) -> Label:
        """What a name carries that is used as a whole: every input, or every member of a result."""
        if node["name"] == "input":
            return join(*self.inputs.values())
        return join(*self.bound.get(node["name"], {}).values())

    def _of_field(self, entity: str, name: str) -> Label:
        label = self.facts.of_field(entity, name)
        if not label or not self.permitted(entity, name):
            return label
        return {Mark(mark.name, Origin.PERMITTED): path for mark, path in label.items()}

    def _about_caller(self, label: Label) -> Label:
        return {
            Mark(mark.name, Origin.OWN) if mark.name in PERSONAL and mark.origin is Origin.DATA else mark: path
            for mark, path in label.items()
        }


def _passing(label: Label, place: Place) -> Label:
    if not label:
        return label
    step = Related(place.location, "used here")
    return {mark: (*path, step) for mark, path in label.items()}


# -- shapes of conditions and values ----------------------------------------------------------------------------------

_BRANCHES = {"if": ("then", "otherwise"), "record": ("fields",), "list": ("items",), "concat": ("parts",)}
_PRESENCE = frozenset({"and", "or", "not", "present", "absent"})


def whole_names(node: plan.Expr) -> Iterator[plan.Expr]:
    """The names that become part of a value as a whole: records, rows and lists of rows."""
    if node.get("op") == "name" and _kind(node) in ("record", "row", "rows"):
        yield node
    for key in _BRANCHES.get(node.get("op", ""), ()):
        below = node.get(key, ())
        parts: Iterable[plan.Expr] = (
            below.values()
            if isinstance(below, dict) and key == "fields"
            else ([below] if isinstance(below, dict) else below)
        )
        for part in parts:
            yield from whole_names(part)


def _kind(node: plan.Expr) -> str:
    type = node.get("type")
    return str(type.get("kind")) if isinstance(type, dict) else str(type)


def _entity(node: plan.Expr) -> str | None:
    type = node.get("type")
    return type.get("entity") if isinstance(type, dict) else None


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
