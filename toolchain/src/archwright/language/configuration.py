"""What a manifest says under one configuration.

A manifest is data with two marks, both decided by its configuration before anything else is read:

* ``only_if: {register: open, session: [cookie, both]}`` keeps the mapping that it stands in only where each named value
  is the one given, or one of those given. A mapping left empty goes as well.
  ``{only_if: {...}, then: x}`` stands for ``x``, for values and items that are no mapping.
* ``${config.path}`` is the configured value: with its type where it is the whole text, as text within a longer one.
  Keys may hold it too.

Conditions on ``parameters.x`` are left to the trait that they stand in (see ``substitution``).
Without a configuration the defaults count, so every manifest can be read and checked on its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Values
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from archwright.diagnostics import Collector, Location, did_you_mean

from .nodes import Entry, Mapping, Node, Scalar, Sequence, to_data
from .substitution import PREFIX

_USE = re.compile(r"\$\{\s*config\.([A-Za-z_][A-Za-z0-9_]*)\s*\}")
_SCHEMA, _REACH = "config", "egress"
_CONDITION, _CHOICE = "only_if", "then"


def with_defaults(schema: Any, given: Values[str, Any] | None = None) -> dict[str, Any]:
    """Return a configuration completed with the defaults that its JSON Schema states, in nested objects too."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    values = dict(given or {})
    for name, part in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(part, dict):
            continue
        if name not in values and "default" in part:
            values[name] = part["default"]
        if "properties" in part and isinstance(values.get(name), dict):
            values[name] = with_defaults(part, values[name])
    return values


def defaults(root: Mapping) -> dict[str, Any]:
    """Return the configuration that a manifest has by itself."""
    schema = root.entries.get(_SCHEMA)
    return with_defaults(to_data(schema.value)) if schema is not None else {}


def configure(
    root: Mapping, values: Values[str, Any], findings: Collector | None = None, area: str = "component"
) -> Mapping:
    """Return the tree of a manifest under a configuration; places stay those of the document.

    Args:
        root: the manifest as it is written.
        values: the configuration, completed by ``with_defaults``.
        findings: takes conditions and uses that no configuration can decide.
        area: the first part of the findings' codes.
    """
    reader = _Configured(values, Collector() if findings is None else findings, area)
    kept = {key: entry for key, entry in root.entries.items() if key == _SCHEMA}
    rest = {key: entry for key, entry in root.entries.items() if key not in (_SCHEMA, _REACH)}
    made = reader.entries(Mapping(rest, root.location))
    # Hosts decide nothing that is built, so they may be given at deployment.
    reach = {key: entry for key, entry in root.entries.items() if key == _REACH}
    made |= replace(reader, later=True).entries(Mapping(reach, root.location))
    return Mapping({**kept, **made}, root.location)


@dataclass(frozen=True)
class _Configured:
    values: Values[str, Any]
    findings: Collector
    area: str
    later: bool = False

    def entries(self, node: Mapping) -> dict[str, Entry]:
        made: dict[str, Entry] = {}
        for key, entry in node.entries.items():
            value = self.node(entry.value)
            if key != _CONDITION and value is not None:
                made[self._key(key, entry.key)] = Entry(entry.key, value)
        return made

    def node(self, node: Node) -> Node | None:
        """The node under the configuration; None where it is left out."""
        match node:
            case Scalar():
                return self._scalar(node)
            case Sequence():
                items = (self.node(item) for item in node.items)
                return Sequence(tuple(item for item in items if item is not None), node.location)
            case Mapping():
                return self._mapping(node)

    def _mapping(self, node: Mapping) -> Node | None:
        condition = node.entries.get(_CONDITION)
        if condition is not None and not self._holds(condition):
            return None
        later = _of_parameters(condition)
        if condition is not None and later is None and node.entries.keys() == {_CONDITION, _CHOICE}:
            return self.node(node.entries[_CHOICE].value)
        made = self.entries(node)
        if later is not None:
            made[_CONDITION] = later
        return Mapping(made, node.location) if made or not node.entries else None

    def _holds(self, condition: Entry) -> bool:
        if not isinstance(condition.value, Mapping):
            self._problem("bad-condition", condition.value.location, "`only_if` is not a mapping of configured values")
            return True
        own = ((name, entry) for name, entry in condition.value.entries.items() if not name.startswith(PREFIX))
        decided = [self._is(name, entry) for name, entry in own]
        return all(decided)

    def _is(self, name: str, entry: Entry) -> bool:
        admitted = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
        value = self._value(name, entry.key)
        return any(isinstance(each, Scalar) and _same(each.value, value) for each in admitted)

    def _scalar(self, node: Scalar) -> Node:
        whole = _USE.fullmatch(node.text) if isinstance(node.value, str) else None
        if whole is not None:
            return _node(self._value(whole[1], node.location), node)
        return (
            Scalar(self._text(node.text, node.location), node.text, node.plain, node.location) if _uses(node) else node
        )

    def _key(self, key: str, place: Location) -> str:
        return self._text(key, place) if "${" in key else key

    def _text(self, text: str, place: Location) -> str:
        return _USE.sub(lambda match: str(self._value(match[1], place)), text)

    def _value(self, name: str, place: Location) -> Any:
        if name not in self.values:
            hint = did_you_mean(name, self.values) or "declare it under `config` with a default"
            self._problem("unknown-config", place, f"there is no configured value `{name}`", hint)
            return None
        value = self.values[name]
        if isinstance(value, str) and "${" in value and not self.later:
            hint = "write the value itself: it decides what is built, so it cannot wait for the deployment"
            self._problem("undecided-config", place, f"`{name}` is given at deployment", hint)
        return value

    def _problem(self, name: str, place: Location, message: str, hint: str | None = None) -> None:
        self.findings.error(f"{self.area}/{name}", place, message, hint=hint)


def _of_parameters(condition: Entry | None) -> Entry | None:
    """The part of a condition that is decided where an entity takes the trait."""
    if condition is None or not isinstance(condition.value, Mapping):
        return None
    kept = {name: entry for name, entry in condition.value.entries.items() if name.startswith(PREFIX)}
    return Entry(condition.key, Mapping(kept, condition.value.location)) if kept else None


def _uses(node: Scalar) -> bool:
    return isinstance(node.value, str) and _USE.search(node.text) is not None


def _same(written: Any, value: Any) -> bool:
    return isinstance(written, bool) is isinstance(value, bool) and bool(written == value)


def _node(value: Any, origin: Scalar) -> Node:
    """A configured value as a node at the place where it is used."""
    place = origin.location
    if isinstance(value, dict):
        return Mapping({str(key): Entry(place, _node(each, origin)) for key, each in value.items()}, place)
    if isinstance(value, list | tuple):
        return Sequence(tuple(_node(each, origin) for each in value), place)
    known = value if value is None or isinstance(value, str | int | bool | Decimal) else str(value)
    return Scalar(known, "" if value is None else str(value), origin.plain, place)
