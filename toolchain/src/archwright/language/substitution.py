"""What a trait becomes for one entity; decided before anything else is read, so every part of it may depend on it.

* ``Self`` is the entity's name, also within longer ones: ``SelfRevision``, ``KeepSelf``.
* ``${parameters.x}`` is what the entity says to the trait: with its type where it is the whole text, as text within a
  longer one. A list that is a whole item is spliced into the list around it; an absent value leaves out its key.
* A key that is wholly a list stands for one entry for each item, and ``${each}`` is that item in it.
* ``only_if: {parameters.x: value}`` keeps its mapping only where the parameter has (one of) the values;
  ``true`` also means that it was given and is not empty, ``false`` that it was not.
* ``${self.path}``, ``${self.name}``, ``${self.field}``, ``${self.label}`` are where the entity is exposed, its name as
  addresses and as fields write it, and what people call it; ``${self.people}`` is the entity of accounts.
* In ``fields`` and ``input``, ``{like: title}`` is the type of that field of the entity, with its bounds, classes and
  label; a value must be given where every row of the entity has one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Values
from dataclasses import dataclass, field, replace
from typing import Any

from archwright.diagnostics import Location

from .nodes import Entry, Mapping, Node, Scalar, Sequence, to_data

CONDITION, CHOICE = "only_if", "then"
PREFIX = "parameters."
_SELF = re.compile(r"Self(?![a-z])")
_USE = re.compile(r"\$\{\s*(parameters|self)\.([a-z][a-z0-9_]*)\s*\}|\$\{\s*(each)\s*\}")
_ALIKE = (
    "type",
    "enum",
    "ref",
    "list",
    "file",
    "image",
    "min",
    "max",
    "pattern",
    "class",
    "label",
    "help",
    "on_delete",
)
_OWN_MEANING = ("parameters", "summary")
_ABSENT = object()


def _ignored(name: str, place: Location) -> None:
    """Nobody asks which names are unknown."""


@dataclass(frozen=True)
class Substitution:
    """Fills in the marks of a trait; places stay those of the manifest.

    Attributes:
        entity: the name of the entity that takes the trait.
        parameters: what the entity says, completed by the trait's defaults.
        facts: what ``${self.x}`` means.
        fields: the fields of the entity as they are written, for ``like``; None takes any name.
        everything: keep what conditions would leave out, to check a manifest on its own.
        unknown: is told of names that mean nothing.
    """

    entity: str
    parameters: Values[str, Any]
    facts: Values[str, str] = field(default_factory=dict)
    fields: Values[str, Node] | None = None
    everything: bool = False
    unknown: Callable[[str, Location], None] = _ignored
    each: Any = _ABSENT

    def trait(self, root: Mapping) -> Mapping:
        """The body of a trait."""
        kept = {key: entry for key, entry in root.entries.items() if key in _OWN_MEANING}
        rest = Mapping({key: entry for key, entry in root.entries.items() if key not in _OWN_MEANING}, root.location)
        return Mapping({**kept, **self._entries(rest)}, root.location)

    def text(self, text: str, place: Location) -> str:
        """A text with its marks filled in."""
        own = _SELF.sub(lambda match: self._name(text, match.start(), match.end()), text)
        return _USE.sub(lambda use: _written(self._value(use, place)), own)

    def _name(self, text: str, start: int, end: int) -> str:
        """The entity's name; without its component's within a longer one."""
        longer = text[end : end + 1].isalnum() or text[max(start - 1, 0) : start].isalnum()
        return self.entity.rpartition(".")[2] if longer else self.entity

    # -- nodes ----------------------------------------------------------------------------------------------------

    def _entries(self, node: Mapping) -> dict[str, Entry]:
        made: dict[str, Entry] = {}
        for key, entry in node.entries.items():
            if key == CONDITION:
                continue
            for name, inside in self._keys(key, entry.key):
                value = inside._alike(entry.value) if key in ("fields", "input") else inside._node(entry.value)
                if value is not None:
                    made[name] = Entry(entry.key, value)
        return made

    def _keys(self, key: str, place: Location) -> Iterator[tuple[str, Substitution]]:
        whole = _USE.fullmatch(key)
        value = self._value(whole, place) if whole is not None else None
        if isinstance(value, list):
            yield from ((str(item), replace(self, each=item)) for item in value)
        else:
            yield self.text(key, place), self

    def _node(self, node: Node) -> Node | None:
        match node:
            case Scalar():
                return self._scalar(node)
            case Sequence():
                return Sequence(tuple(self._items(node)), node.location)
            case Mapping():
                return self._mapping(node)

    def _mapping(self, node: Mapping) -> Node | None:
        condition = node.entries.get(CONDITION)
        if condition is not None and not self._holds(condition.value):
            return None
        if condition is not None and node.entries.keys() == {CONDITION, CHOICE}:
            return self._node(node.entries[CHOICE].value)
        made = self._entries(node)
        return Mapping(made, node.location) if made or not node.entries else None

    def _items(self, node: Sequence) -> Iterator[Node]:
        for item in node.items:
            made = self._node(item)
            if isinstance(item, Scalar) and isinstance(made, Sequence):
                yield from made.items
            elif made is not None:
                yield made

    def _scalar(self, node: Scalar) -> Node | None:
        if not isinstance(node.value, str):
            return node
        whole = _USE.fullmatch(node.value)
        if whole is None:
            filled = self.text(node.value, node.location)
            return node if filled == node.value else _of_data(filled, node.location)
        value = self._value(whole, node.location)
        return None if value is None else _of_data(value, node.location)

    def _value(self, use: re.Match[str], place: Location) -> Any:
        known = self.parameters if use[1] == "parameters" else self.facts
        if use[3]:
            if self.each is not _ABSENT:
                return self.each
            self.unknown("each", place)
        elif use[2] in known:
            return known[use[2]]
        else:
            self.unknown(f"{use[1]}.{use[2]}", place)
        return None

    # -- conditions and copies ------------------------------------------------------------------------------------

    def _holds(self, condition: Node) -> bool:
        if self.everything or not isinstance(condition, Mapping):
            return True
        return all(self._is(name, entry.value) for name, entry in condition.entries.items())

    def _is(self, name: str, wanted: Node) -> bool:
        value = self.parameters.get(name.removeprefix(PREFIX))
        admitted = wanted.items if isinstance(wanted, Sequence) else (wanted,)
        return any(isinstance(one, Scalar) and _fits(one.value, value) for one in admitted)

    def _alike(self, node: Node) -> Node | None:
        """A mapping of fields or inputs, in which ``like`` names a field of the entity."""
        made = self._node(node)
        if not isinstance(made, Mapping):
            return made
        entries = {
            name: Entry(entry.key, self._copied(entry.value) if isinstance(entry.value, Mapping) else entry.value)
            for name, entry in made.entries.items()
        }
        return Mapping(entries, made.location)

    def _copied(self, node: Mapping) -> Mapping:
        like = node.entries.get("like")
        if like is None or not isinstance(like.value, Scalar):
            return node
        own = {key: entry for key, entry in node.entries.items() if key != "like"}
        if self.fields is None:
            return Mapping({"type": Entry(like.key, _of_data("text(40)", like.key)), **own}, node.location)
        found = self.fields.get(str(like.value.value))
        if found is None:
            self.unknown(str(like.value.value), like.value.location)
            return Mapping({"type": Entry(like.key, _of_data("text(40)", like.key)), **own}, node.location)
        return Mapping({**_definition(found, node.location, "required" not in own), **own}, node.location)


def _definition(field: Node, place: Location, required: bool) -> dict[str, Entry]:
    """What the values of a field are.

    Args:
        required: whether a value must be given where every row has one; what stands beside ``like`` decides otherwise.
    """
    data = to_data(field)
    written = data if isinstance(data, dict) else {"type": str(data)}
    known = {key: written[key] for key in _ALIKE if key in written}
    short = str(known.get("type", ""))
    if "type" in known:
        known["type"] = short.removesuffix("!")
    present = short.endswith("!") or written.get("required") is True or written.get("default") is not None
    if required and present:
        known["required"] = True
    return {key: Entry(place, _of_data(value, place)) for key, value in known.items()}


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool) and not isinstance(value, bool):
        return bool(value) is wanted
    return isinstance(wanted, bool) is isinstance(value, bool) and bool(wanted == value)


def _written(value: Any) -> str:
    """A value within a text, as expressions write it."""
    if value is None:
        return "null"
    if isinstance(value, bool | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _of_data(value: Any, location: Location) -> Node:
    if isinstance(value, dict):
        return Mapping({str(key): Entry(location, _of_data(item, location)) for key, item in value.items()}, location)
    if isinstance(value, list | tuple):
        return Sequence(tuple(_of_data(item, location) for item in value), location)
    return Scalar(value, str(value), isinstance(value, str), location)
