"""The forms of a value: in the runtime, as a parameter, as a column, inside the JSON of nested rows, on the wire.

One table for both databases; None always stays None and is never given to these functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from ..expression.values import datetime_text, decimal_text, duration_text
from ..plan import OURS, Type, Wire
from .database import DialectName

Convert = Callable[[Any], Any]
_SCALED = frozenset({"decimal", "money"})
_JSON = frozenset({"json", "list", "file", "image"})
_UTC_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
_SQL_TYPES = {
    "int": "bigint",
    "decimal": "bigint",
    "money": "bigint",
    "duration": "bigint",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}


@dataclass(frozen=True)
class Form:
    """How values of one type travel; None means as they are.

    Attributes:
        argument: a runtime value to a parameter.
        value: a column to a runtime value.
        wire: a column to the wire.
        nested_value: an element of nested JSON to a runtime value.
        nested_wire: an element of nested JSON to the wire.
        value_to_wire: a runtime value to the wire.
    """

    argument: Convert | None
    value: Convert | None
    wire: Convert | None
    nested_value: Convert | None
    nested_wire: Convert | None
    value_to_wire: Convert | None


def form(type: Type, dialect: DialectName, wire: Wire = OURS) -> Form:
    """The forms of a type."""
    kind = type.kind
    to_wire = value_to_wire(type, wire)
    if kind == "date":
        if dialect == "postgresql":
            return Form(None, None, date.isoformat, date.fromisoformat, None, to_wire)
        return Form(date.isoformat, date.fromisoformat, None, date.fromisoformat, None, to_wire)
    if kind == "datetime":
        shorter = _shorter(wire.digits)
        if dialect == "postgresql":
            return Form(None, parse_instant, shorter, parse_instant, shorter, to_wire)
        return Form(instant_text, parse_instant, shorter, parse_instant, shorter, to_wire)
    if kind == "bool":
        if dialect == "postgresql":
            return Form(None, None, None, None, None, None)
        return Form(int, bool, bool, bool, bool, None)
    if kind == "list" and type.item is not None:
        return _list_form(type.item, wire)
    if kind in _JSON:
        return Form(
            encode_json, msgspec.json.decode, msgspec.json.decode, msgspec.json.decode, msgspec.json.decode, None
        )
    return Form(None, None, to_wire, None, to_wire, to_wire)


def _list_form(item: Type, wire: Wire) -> Form:
    """A list is kept as JSON text of its items as SQLite stores them."""
    inner = form(item, "sqlite", wire)
    read, shown = _each(inner.value), _each(inner.wire)

    def value(text: str) -> Any:
        return read(msgspec.json.decode(text))

    def to_wire(text: str) -> Any:
        return shown(msgspec.json.decode(text))

    store = _each(inner.argument if item.kind != "bool" else None)
    return Form(lambda items: encode_json(store(items)), value, to_wire, value, to_wire, _each(inner.value_to_wire))


def _each(convert: Convert | None) -> Convert:
    if convert is None:
        return list
    return lambda items: [None if item is None else convert(item) for item in items]


def value_to_wire(type: Type, wire: Wire = OURS) -> Convert | None:
    """A runtime value to the wire, the same for every database."""
    if type.kind == "date":
        return date.isoformat
    if type.kind == "datetime":
        shorter = _shorter(wire.digits)
        return instant_text if shorter is None else lambda moment: shorter(instant_text(moment))
    if type.kind in _SCALED:
        text = _scaled_text(type.scale if type.scale is not None else 2)
        return (lambda value: Decimal(text(value))) if wire.numbers else text
    if type.kind == "duration":
        return duration_text
    if type.kind == "list" and type.item is not None:
        inner = value_to_wire(type.item, wire)
        return _each(inner) if inner is not None else None
    return None


def _shorter(digits: int) -> Callable[[str], str] | None:
    """Cuts the six digits of an instant in our form."""
    if digits == 6:
        return None
    length = 20 + digits if digits else 19
    return lambda text: text[:length] + "Z"


def sql_type(type: Type) -> str:
    """PostgreSQL's name of the type, for the casts that parameters need."""
    return _SQL_TYPES.get(type.kind, "text")


def nested(type: Type, dialect: DialectName, sql: str) -> str:
    """A column as an element of the JSON of nested rows."""
    if dialect == "postgresql" and type.kind == "datetime":
        return f"to_char({sql} AT TIME ZONE 'UTC', '{_UTC_FORMAT}')"
    return sql


def time_argument(dialect: DialectName, moment: datetime) -> Any:
    """An instant as a parameter."""
    return moment if dialect == "postgresql" else instant_text(moment)


def instant_text(moment: datetime) -> str:
    """``2026-01-31T08:00:00.000000Z``."""
    return datetime_text(moment.astimezone(UTC))


def parse_instant(text: str) -> datetime:
    """The instant that ``instant_text`` wrote."""
    return datetime.fromisoformat(text)


def encode_json(value: Any) -> str:
    """Canonical enough to compare: sorted keys, no spaces."""
    return msgspec.json.encode(value, order="sorted").decode()


def _scaled_text(scale: int) -> Callable[[int], str]:
    return lambda value: decimal_text(value, scale)
