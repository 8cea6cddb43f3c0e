"""Exact texts and arithmetic of values, and their forms in the two databases."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from .tree import Form

DAY = 86_400_000_000
"""Microseconds of a day."""

_MICROSECOND = timedelta(microseconds=1)


def nfc(text: str) -> str:
    """The text in the normal form that every stored text has."""
    return unicodedata.normalize("NFC", text)


def datetime_text(instant: datetime) -> str:
    """An instant as it is on the wire and in SQLite: UTC with six digits."""
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def decimal_text(value: int, scale: int) -> str:
    """A scaled integer as it is on the wire."""
    if scale == 0:
        return str(value)
    digits = str(abs(value)).rjust(scale + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def duration_text(value: int) -> str:
    """Microseconds as an ISO 8601 duration of hours, minutes and seconds, e.g. ``PT36H`` or ``-PT1M0.5S``."""
    if value == 0:
        return "PT0S"
    hours, rest = divmod(abs(value), 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds = decimal_text(rest, 6).rstrip("0").rstrip(".") if rest else ""
    return "".join(
        (
            "-PT" if value < 0 else "PT",
            f"{hours}H" if hours else "",
            f"{minutes}M" if minutes else "",
            f"{seconds}S" if seconds else "",
        )
    )


def bool_text(value: bool) -> str:
    """A truth as it is on the wire."""
    return "true" if value else "false"


def text_of(form: Form) -> Callable[[Any], str]:
    """How values of a form become the text of the wire."""
    match form.kind:
        case "bool":
            return bool_text
        case "date":
            return date.isoformat
        case "datetime":
            return datetime_text
        case "duration":
            return duration_text
        case "decimal" | "money":
            scale = form.scale
            return lambda value: decimal_text(value, scale)
        case _:
            return str


# -- arithmetic --------------------------------------------------------------------------------------------------


def shift_date(day: date, by: int) -> date:
    """A day moved by whole days, given in microseconds."""
    return day + timedelta(days=by // DAY)


def shift_datetime(instant: datetime, by: int) -> datetime:
    """An instant moved by microseconds."""
    return instant + timedelta(microseconds=by)


def between(later: Any, earlier: Any) -> int:
    """The microseconds between two days or two instants."""
    distance: timedelta = later - earlier
    return int(distance // _MICROSECOND)


def clamp(value: int, limit: int) -> int:
    """The nearest number that is not beyond the limit; how a sum of any number of rows stays total."""
    return max(-limit, min(limit, value))


def average(total: int, count: int, by: int) -> int | None:
    """An average with ``by`` more digits, halves rounded away from zero; absent where nothing was counted."""
    if count == 0:
        return None
    rounded: int = (2 * abs(total) * 10**by + count) // (2 * count)
    return -rounded if total < 0 else rounded


# -- forms in the databases --------------------------------------------------------------------------------------


def encoder(form: Form, dialect: str, *, array: bool = False) -> Callable[[Any], Any] | None:
    """How a value becomes a bound parameter; None where the driver takes it as it is.

    Args:
        array: the parameter is a list to be searched, which PostgreSQL takes as an array of its own.
    """
    if form.kind == "list":
        if array and dialect == "postgresql":
            # An absent item equals nothing, but would make the search unknown.
            return lambda value: None if value is None else [item for item in value if item is not None]
        item = encoder(form.items, "sqlite")
        return lambda value: None if value is None else list_text(value, item)
    if form.kind in ("json", "file", "image"):
        return lambda value: None if value is None else canonical_json(value)
    if dialect == "sqlite":
        if form.kind == "date":
            return lambda value: None if value is None else value.isoformat()
        if form.kind == "datetime":
            return lambda value: None if value is None else datetime_text(value)
        if form.kind == "bool":
            return lambda value: None if value is None else int(value)
    return None


def list_text(items: Iterable[Any], item: Callable[[Any], Any] | None) -> str:
    """A list as it is stored: JSON of the items' stored forms; a truth stays true or false."""
    return canonical_json([value if item is None or isinstance(value, bool) else item(value) for value in items])


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
