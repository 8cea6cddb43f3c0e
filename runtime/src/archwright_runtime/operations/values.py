"""Values at the border to components: whether one has the type that a manifest states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ..plan import Type

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
    if kind in ("file", "image", "record"):
        return isinstance(value, Mapping)
    return isinstance(value, str)
