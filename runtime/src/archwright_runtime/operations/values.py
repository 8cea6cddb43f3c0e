"""Values at the border to components: whether one has the type that a manifest states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from ..plan import Type
from .media import taken

FILES = ("file", "image")
_MEMBERS = {"id": str, "name": str, "media": str, "size": int}
_INTEGERS = frozenset({"int", "decimal", "money", "duration"})


def conforms(type: Type, value: Any) -> bool:
    """Whether a runtime value is of a type; an absent one always is."""
    kind = type.kind
    if value is None or kind == "json":
        return True
    if kind in _INTEGERS:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "datetime":
        return isinstance(value, datetime) and value.tzinfo is not None
    if kind == "date":
        return isinstance(value, date) and not isinstance(value, datetime)
    if kind == "list":
        return isinstance(value, list | tuple) and (
            type.item is None or all(conforms(type.item, item) for item in value)
        )
    if kind in FILES:
        return is_file(value) and _fits(type, value)
    if kind == "record":
        return isinstance(value, Mapping)
    return isinstance(value, str)


def is_file(value: Any) -> bool:
    """Whether a value is what rows keep of a file."""
    return isinstance(value, Mapping) and all(isinstance(value.get(name), type) for name, type in _MEMBERS.items())


def _fits(type: Type, file: Mapping[str, Any]) -> bool:
    return taken(type, file["media"]) and (type.max is None or file["size"] <= type.max)


def files_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """The files in a value, or in a list of them."""
    if isinstance(value, list | tuple):
        yield from (one for one in value if is_file(one))
    elif is_file(value):
        yield value


def holds_files(type: Type) -> bool:
    """Whether values of a type are files or lists of them."""
    return type.kind in FILES or (type.item is not None and type.item.kind in FILES)


def within(type: Type, value: Any) -> bool:
    """Whether a value that conforms also keeps the bounds of its type."""
    if value is None:
        return True
    if type.kind in _INTEGERS:
        return (type.low is None or value >= type.low) and (type.high is None or value <= type.high)
    if type.kind == "list":
        few = type.max is None or len(value) <= type.max
        return few and (type.item is None or all(within(type.item, item) for item in value))
    if isinstance(value, str) and type.kind != "json":
        return (type.max is None or len(value) <= type.max) and (not type.values or value in type.values)
    return True
