"""JSON Schemas as alternatives of one type each, so that two of them can be compared.

OpenAPI 3.0 is read as what it means in 3.1: ``nullable`` is one more type, exclusive bounds are numbers. ``oneOf`` is
read as ``anyOf``: that exactly one alternative fits is nothing that an answer could be proven to keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .interface import Spot

_ALL = ("null", "boolean", "object", "array", "number", "string")
_MOST_ALTERNATIVES = 64
_MOST_PARTS = 256
_MOST_NAMES = 2000
"""Members of an object, and values of an enum."""
_BEYOND = frozenset(
    {"not", "if", "patternProperties", "propertyNames", "contains", "prefixItems", "dependentRequired"}
    | {"dependentSchemas", "dependencies", "unevaluatedItems", "$dynamicRef", "$recursiveRef"}
)
"""Keywords that comparing does not understand."""
_OBJECT = ("properties", "additionalProperties", "required", "unevaluatedProperties")

Conjunction = tuple[Spot, ...]
"""Schemas that hold together."""


class TooComplexError(Exception):
    """A schema has more alternatives than anybody reads."""


@dataclass(frozen=True)
class Members:
    """What one schema says about the members of an object.

    Attributes:
        rest: about members without a name here: a schema, ``True``, ``False``, or nothing where it is not said.
    """

    properties: Mapping[str, Spot]
    rest: Spot | bool | None
    spot: Spot


@dataclass(kw_only=True)
class Atom:
    """One alternative: values of one type, and what else holds for them.

    Attributes:
        where: the schema that a keyword stands in.
        untyped: whether no schema names a type.
    """

    type: str
    spot: Spot
    untyped: bool
    enum: list[Any] | None = None
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    multiple: Any = None
    shortest: int | None = None
    longest: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    members: list[Members] = field(default_factory=list)
    required: dict[str, Spot] = field(default_factory=dict)
    items: list[Spot] = field(default_factory=list)
    unique: bool = False
    beyond: set[str] = field(default_factory=set)
    where: dict[str, Spot] = field(default_factory=dict)

    def named(self, name: str) -> Conjunction | None:
        """What holds for a member of this name; nothing where it must not be there."""
        found: list[Spot] = []
        for one in self.members:
            if name in one.properties:
                found.append(one.properties[name])
            elif one.rest is False:
                return None
            elif isinstance(one.rest, Spot):
                found.append(one.rest)
        return tuple(found)

    def knows(self, name: str) -> bool:
        """Whether a schema names the member."""
        return any(name in one.properties for one in self.members)

    @property
    def names(self) -> tuple[str, ...]:
        """Every member that is named and may be there."""
        named = dict.fromkeys(name for one in self.members for name in one.properties)
        return tuple(name for name in named if self.named(name) is not None)

    @property
    def rest(self) -> bool | None:
        """Whether members may be there that nobody names: yes, no, or not said."""
        if any(one.rest is False for one in self.members):
            return False
        return True if any(one.rest is not None for one in self.members) else None

    def place(self, keyword: str) -> Spot:
        """Where a keyword stands, or else the schema."""
        owner = self.where.get(keyword)
        return owner.at(keyword) if owner is not None else self.spot


def atoms(schemas: Conjunction) -> list[Atom]:
    """Every alternative of schemas that hold together.

    Raises:
        TooComplexError: there are too many.
    """
    found: list[Atom] = []
    for facts in _expanded(schemas):
        found += _atoms(facts)
        if len(found) > _MOST_ALTERNATIVES * len(_ALL):
            raise TooComplexError
    return found


def _expanded(schemas: Iterable[Spot]) -> Iterator[list[Spot]]:
    """Schemas without combinations, once for every way to choose alternatives."""
    waiting: list[tuple[list[Spot], list[Spot], list[list[Spot]]]] = [(list(schemas), [], [])]
    yielded = 0
    while waiting:
        todo, facts, choices = waiting.pop()
        if not _gathered(todo, facts, choices):
            continue
        if choices:
            first, *others = choices
            waiting += [([one], list(facts), list(others)) for one in reversed(first)]
        else:
            yielded += 1
            yield facts
        if yielded + len(waiting) > _MOST_ALTERNATIVES:
            raise TooComplexError


def _gathered(todo: list[Spot], facts: list[Spot], choices: list[list[Spot]]) -> bool:
    """Take schemas apart into facts and choices; whether any value can fit."""
    seen = {fact.pointer for fact in facts}
    while todo:
        spot = todo.pop(0)
        if spot.value is False:
            return False
        if spot.pointer in seen:
            continue
        if not spot.is_mapping:
            spot = Spot(spot.document, spot.pointer, {})
        seen.add(spot.pointer)
        if len(seen) > _MOST_PARTS:
            raise TooComplexError
        if spot.reference is not None:
            todo.append(spot.followed())
            if spot.document.is_older:
                continue
        facts.append(spot)
        if "allOf" in spot.value:
            todo += spot.at("allOf").items()
        choices += [found for key in ("anyOf", "oneOf") if key in spot.value and (found := list(spot.at(key).items()))]
    return True


def _atoms(facts: list[Spot]) -> Iterator[Atom]:
    types, untyped = _types(facts)
    spot = next((fact for fact in facts if len(fact.value) > ("$ref" in fact.value)), None)
    spot = spot or (facts[0] if facts else None)
    if spot is None:
        return
    for type_ in types:
        atom = Atom(type=type_, spot=spot, untyped=untyped)
        for fact in facts:
            _take(atom, fact)
        if atom.enum is None or atom.enum:
            yield atom


def _types(facts: list[Spot]) -> tuple[list[str], bool]:
    """The types that all facts allow."""
    allowed = set(_ALL) | {"integer"}
    untyped = True
    for fact in facts:
        written = fact.value.get("type")
        if not written or not isinstance(written, (str, list)):
            continue
        untyped = False
        named = {one for one in ([written] if isinstance(written, str) else written) if isinstance(one, str)}
        if fact.document.is_older and fact.value.get("nullable") is True:
            named.add("null")
        if "number" in named:
            named.add("integer")
        allowed &= named
    if "number" in allowed:
        allowed.discard("integer")
    return sorted(allowed), untyped


def _take(atom: Atom, fact: Spot) -> None:
    """Add what one schema says."""
    said: dict[str, Any] = fact.value
    for key in said:
        atom.where.setdefault(key, fact)
    atom.beyond |= _BEYOND & said.keys()
    if "enum" in said or "const" in said:
        _choices(atom, fact)
    match atom.type:
        case "string":
            _lengths(atom, said, "minLength", "maxLength")
            atom.patterns += _texts(said, "pattern")
            atom.formats += _texts(said, "format")
        case "number" | "integer":
            _numbers(atom, said)
            atom.formats += _texts(said, "format")
        case "array":
            _lengths(atom, said, "minItems", "maxItems")
            atom.items += [fact.at("items")] if "items" in said else []
            atom.unique |= said.get("uniqueItems") is True
        case "object":
            _lengths(atom, said, "minProperties", "maxProperties")
            _object(atom, fact)
        case _:
            pass


def _texts(said: dict[str, Any], key: str) -> list[str]:
    found = said.get(key)
    return [found] if isinstance(found, str) else []


def _number(said: dict[str, Any], key: str) -> Any:
    found = said.get(key)
    return found if isinstance(found, (int, Decimal)) and not isinstance(found, bool) else None


def _choices(atom: Atom, fact: Spot) -> None:
    listed: Any = fact.at("enum").value
    values: list[Any] | None = listed if isinstance(listed, list) else None
    if fact.has("const"):
        values = [fact.at("const").value]
    if values is None:
        return
    if len(values) > _MOST_NAMES:
        raise TooComplexError
    mine = [value for value in values if is_a(value, atom.type)]
    atom.enum = mine if atom.enum is None else [value for value in atom.enum if same_in(value, mine)]


def _lengths(atom: Atom, said: dict[str, Any], least: str, most: str) -> None:
    low, high = _number(said, least), _number(said, most)
    atom.shortest = low if atom.shortest is None else max(low or 0, atom.shortest)
    atom.longest = high if atom.longest is None or (high is not None and high < atom.longest) else atom.longest


def _numbers(atom: Atom, said: dict[str, Any]) -> None:
    step = 1 if atom.type == "integer" else 0
    low = _exclusive(_number(said, "minimum"), said, "exclusiveMinimum", step)
    high = _exclusive(_number(said, "maximum"), said, "exclusiveMaximum", -step)
    atom.low = low if atom.low is None or (low is not None and low > atom.low) else atom.low
    atom.high = high if atom.high is None or (high is not None and high < atom.high) else atom.high
    atom.multiple = _number(said, "multipleOf") or atom.multiple


def _exclusive(bound: Any, said: dict[str, Any], key: str, step: int) -> Any:
    """A bound that is not reached, as the next whole number; 3.0 says so by a flag, 3.1 by a bound of its own."""
    if said.get(key) is True:
        return None if bound is None else bound + step
    other = _number(said, key)
    if other is None or bound is None:
        return bound if other is None else other + step
    return max(bound, other + step) if step > 0 else min(bound, other + step)


def _object(atom: Atom, fact: Spot) -> None:
    if "required" in fact.value:
        for name in fact.at("required").items():
            if name.text is not None:
                atom.required.setdefault(name.text, name)
    if not any(fact.has(key) for key in _OBJECT):
        return
    properties = dict(fact.at("properties").members())
    if len(properties) > _MOST_NAMES:
        raise TooComplexError
    rest = fact.at("additionalProperties")
    closed = fact.at("unevaluatedProperties").flag is False and "allOf" not in fact.value and "$ref" not in fact.value
    said: Spot | bool | None = rest if rest.is_mapping else rest.flag
    atom.members.append(Members(properties, False if closed else said, fact))


def is_a(value: Any, type_: str) -> bool:
    """Whether a value of a document is of a JSON type."""
    match type_:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "integer":
            whole = not isinstance(value, Decimal) or value == value.to_integral_value()
            return whole and is_a(value, "number")
        case "number":
            return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)


def same_in(value: Any, values: list[Any]) -> bool:
    """Whether a list holds a value; true is not the number one."""
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in values)
