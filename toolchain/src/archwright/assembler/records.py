"""Reads plain data back into the dataclasses that ``plan.to_data`` wrote; strict, with one kind of error."""

from __future__ import annotations

import dataclasses
import json
import types
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")

_DEEPEST = 64


class RecordError(Exception):
    """The data does not have the shape; ``pointer`` is where (RFC 6901)."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{pointer or '/'}: {message}")
        self.pointer = pointer
        self.message = message


def decode(content: bytes, *, largest: int) -> Any:
    """Plain data from JSON, refusing what two readers could read differently.

    Raises:
        RecordError: it is not JSON, too large, nested too deeply, or has a key twice.
    """
    if len(content) > largest:
        raise RecordError("", f"is larger than {largest} bytes")
    try:
        return json.loads(content.decode(), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_refuse)
    except RecursionError:
        raise RecordError("", "is nested too deeply") from None
    except ValueError as error:
        raise RecordError("", f"is not JSON: {str(error).splitlines()[0]}") from None


def build(cls: type[Record], data: Any) -> Record:
    """A record from plain data.

    Raises:
        RecordError: a member is unknown, missing or of another type.
    """
    made: Record = _value(cls, data, "", 0)
    return made


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _refuse(text: str) -> Any:
    raise ValueError(f"the number {text[:20]} is not a whole one")


@cache
def _members(cls: type[Any]) -> dict[str, tuple[Any, bool]]:
    """Each member's type, and whether it must be given."""
    hints = get_type_hints(cls)
    return {
        member.name: (
            hints[member.name],
            member.default is dataclasses.MISSING and member.default_factory is dataclasses.MISSING,
        )
        for member in dataclasses.fields(cls)
    }


def _value(hint: Any, data: Any, pointer: str, depth: int) -> Any:
    if depth > _DEEPEST:
        raise RecordError(pointer, "is nested too deeply")
    origin = get_origin(hint)
    if hint is Any:
        return data
    if dataclasses.is_dataclass(hint):
        return _record(hint, data, pointer, depth)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint), data, pointer, depth)
    if origin is Literal:
        return _checked(data in get_args(hint) and isinstance(data, str), data, pointer, f"one of {get_args(hint)}")
    if origin is tuple:
        _checked(isinstance(data, list), data, pointer, "a list")
        item = get_args(hint)[0]
        return tuple(_value(item, each, f"{pointer}/{index}", depth + 1) for index, each in enumerate(data))
    if origin is dict:
        _checked(isinstance(data, dict), data, pointer, "an object")
        item = get_args(hint)[1]
        return {key: _value(item, each, _below(pointer, key), depth + 1) for key, each in data.items()}
    return _checked(type(data) is hint, data, pointer, {str: "text", int: "a number", bool: "true or false"}[hint])


def _record(cls: Any, data: Any, pointer: str, depth: int) -> Any:
    _checked(isinstance(data, dict), data, pointer, "an object")
    members = _members(cls)
    for key in data:
        if key not in members:
            raise RecordError(_below(pointer, key), "is not known here")
    for name, (_, needed) in members.items():
        if needed and name not in data:
            raise RecordError(_below(pointer, name), "is missing")
    return cls(**{key: _value(members[key][0], each, _below(pointer, key), depth + 1) for key, each in data.items()})


def _union(choices: tuple[Any, ...], data: Any, pointer: str, depth: int) -> Any:
    if data is None and type(None) in choices:
        return None
    rest = [choice for choice in choices if choice is not type(None)]
    if len(rest) == 1:
        return _value(rest[0], data, pointer, depth)
    return _checked(type(data) in rest, data, pointer, "text, a number, or true or false")


def _checked(holds: bool, data: Any, pointer: str, expected: str) -> Any:
    if not holds:
        raise RecordError(pointer, f"expected {expected}, found {type(data).__name__}")
    return data


def _below(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
