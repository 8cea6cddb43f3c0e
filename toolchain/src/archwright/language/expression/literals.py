"""Constants: escapes of strings, and texts that are dates, times, durations, amounts and ids."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from .ranges import DATE_MAX, DATE_MIN, STORED_DURATION

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|.)", re.DOTALL)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DURATION = re.compile(r"([+-]?)((?:[0-9]+(?:\.[0-9]+)?(?:us|µs|ms|ns|d|h|m|s))+)")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(us|µs|ms|ns|d|h|m|s)")
_ISO_DURATION = re.compile(
    r"([+-]?)P(?=[0-9T])(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UNIT = {
    unit: Decimal(microseconds)
    for unit, microseconds in {
        "d": "86400000000", "h": "3600000000", "m": "60000000", "s": "1000000", "ms": "1000", "us": "1", "µs": "1",
        "ns": "0.001",
    }.items()
}  # fmt: skip


class InvalidLiteral(ValueError):
    """A constant that cannot be what it claims to be; the message says why."""


def unescape(body: str) -> str:
    """The text that a quoted string with escapes stands for."""
    return _ESCAPE.sub(_replace, body) if "\\" in body else body


def _replace(match: re.Match[str]) -> str:
    escape = match[1]
    if escape in _SIMPLE:
        return _SIMPLE[escape]
    if escape[0] in "xuU" and len(escape) > 1:
        point = int(escape[1:], 16)
    elif len(escape) == 3:
        point = int(escape, 8)
    else:
        raise InvalidLiteral(f"`\\{escape}` is not an escape")
    if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
        raise InvalidLiteral(f"`\\{escape}` is not a character")
    return chr(point)


def read_date(text: str) -> str:
    """The stored form of a day.

    Raises:
        InvalidLiteral: it is not one, or lies outside of the stated range.
    """
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidLiteral("a date is written `2026-01-31`")
    if not DATE_MIN <= day <= DATE_MAX:
        raise InvalidLiteral(f"dates lie between {DATE_MIN} and {DATE_MAX}")
    return day.isoformat()


def read_datetime(text: str) -> str:
    """The stored form of an instant: UTC, six digits; ``InvalidLiteral`` where it is none."""
    match = _DATETIME.fullmatch(text)
    zone = "+00:00" if match and match[4] in "Zz" else match[4] if match else ""
    try:
        instant = match and datetime.fromisoformat(f"{match[1]}T{match[2]}.{(match[3] or '0').ljust(6, '0')}{zone}")
        instant = instant and instant.astimezone(UTC)
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise InvalidLiteral("a datetime is written `2026-01-31T12:00:00Z`, with at most six digits of seconds")
    if not DATE_MIN <= instant.date() <= DATE_MAX:
        raise InvalidLiteral(f"dates lie between {DATE_MIN} and {DATE_MAX}")
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_duration(text: str) -> int:
    """The microseconds of ``36h``, ``1h30m``, ``-2.5s``, ``7d`` or ``PT36H``; ``InvalidLiteral`` where it is none."""
    if match := _DURATION.fullmatch(text):
        total = sum((Decimal(part[1]) * _UNIT[part[2]] for part in _DURATION_PART.finditer(match[2])), start=Decimal())
    elif match := _ISO_DURATION.fullmatch(text):
        days, hours, minutes, seconds = (Decimal(match[index] or 0) for index in range(2, 6))
        total = days * _UNIT["d"] + hours * _UNIT["h"] + minutes * _UNIT["m"] + seconds * _UNIT["s"]
    else:
        raise InvalidLiteral("a duration is written `36h`, `1h30m`, `7d` or `PT36H`")
    if abs(total) > STORED_DURATION[1]:
        raise InvalidLiteral("durations are at most a hundred years (36525 days)")
    if total != int(total):
        raise InvalidLiteral("durations are exact to the microsecond")
    return -int(total) if match[1] == "-" else int(total)


def read_decimal(text: str) -> Decimal:
    """A decimal number as it is written; ``InvalidLiteral`` where it is none."""
    if len(text) > 40 or not _DECIMAL.fullmatch(text):
        raise InvalidLiteral("an amount is written `12` or `12.30`")
    return Decimal(text)


def read_uuid(text: str) -> str:
    """A UUID in its canonical form; ``InvalidLiteral`` where it is none."""
    if not _UUID.fullmatch(text):
        raise InvalidLiteral("a uuid is written in lower case, as `123e4567-e89b-12d3-a456-426614174000`")
    return text


def scale_of(number: Decimal) -> int:
    """How many digits stand behind the point."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def scaled(number: Decimal, scale: int) -> int | None:
    """The number in units of its last digit; None where it has more digits than ``scale`` keeps."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    value = int("".join(map(str, digits)) or "0")
    shift = exponent + scale
    if shift >= 0:
        value *= int(10**shift)
    elif value % int(10**-shift):
        return None
    else:
        value //= int(10**-shift)
    return -value if sign else value
