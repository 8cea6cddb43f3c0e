"""A document as a tree that remembers where everything stands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from archwright.diagnostics import Location

Value: TypeAlias = "str | int | bool | Decimal | None"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value; ``text`` is what was written, ``value`` what YAML 1.2 core makes of it."""

    value: Value
    text: str
    plain: bool
    location: Location

    def part(self, start: int, length: int = 1) -> Location:
        """Return the place of a part of the text, or the whole place where the source is written differently."""
        place = self.location
        if place.line != place.end_line:
            return place
        extra = place.end_column - place.column - len(self.text)
        if extra == 0:
            return place.within(start, length)
        if extra == 2 and not self.plain:
            return place.within(start + 1, length)
        return place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: Location
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the document."""

    entries: dict[str, Entry]
    location: Location


Node: TypeAlias = Scalar | Sequence | Mapping


def to_data(node: Node) -> object:
    """Return the same as plain ``dict``, ``list`` and scalar values."""
    if type(node) is Scalar:
        return node.value
    if type(node) is Mapping:
        return {key: to_data(entry.value) for key, entry in node.entries.items()}
    assert type(node) is Sequence
    return [to_data(item) for item in node.items]
