"""What a computed value must be before it is written; what a caller sends was tested when it was decoded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..plan import Field, Type
from .media import taken
from .values import FILES

Test = Callable[[Any], str | None]
"""None where the value may be written, else the code of what is wrong."""
_TEXTS = frozenset({"text", "slug", "markdown", "html", "email", "url", "phone"})
MESSAGES = {
    "required": "a value is required",
    "range": "the value is out of range",
    "too-long": "the text is too long",
    "too-short": "the text is too short",
    "too-large": "the file is too large",
    "media": "the file is not of a type that is taken here",
    "format": "the value does not have the right form",
}


def test(field: Field) -> Test:
    """What tests values of a field."""
    tests = [one for one in (_presence(field), _bounds(field.type)) if one is not None]

    def tested(value: Any) -> str | None:
        for one in tests:
            wrong = one(value)
            if wrong is not None:
                return wrong
        return None

    return tested


def _presence(field: Field) -> Test | None:
    return (lambda value: "required" if value is None else None) if field.present else None


def _bounds(type: Type) -> Test | None:
    if type.kind in ("int", "decimal", "money"):
        low, high = type.low, type.high
        return lambda value: (
            None if value is None or ((low is None or value >= low) and (high is None or value <= high)) else "range"
        )
    if type.kind in _TEXTS:
        return _text(type)
    if type.kind == "enum":
        values = frozenset(type.values)
        return lambda value: None if value is None or value in values else "format"
    if type.kind in FILES:
        return _file(type)
    if type.kind == "list":
        most = type.max
        return lambda value: None if value is None or most is None or len(value) <= most else "too-long"
    return None


def _file(type: Type) -> Test:
    most = type.max

    def tested(value: Any) -> str | None:
        if value is None:
            return None
        if most is not None and value["size"] > most:
            return "too-large"
        return None if taken(type, value["media"]) else "media"

    return tested


def _text(type: Type) -> Test:
    least, most = type.min or 0, type.max
    pattern = re.compile(type.pattern, re.ASCII) if type.pattern else None

    def tested(value: Any) -> str | None:
        if value is None:
            return None
        if "\x00" in value:
            return "format"
        if most is not None and len(value) > most:
            return "too-long"
        if len(value) < least:
            return "too-short"
        return None if pattern is None or pattern.fullmatch(value) else "format"

    return tested
