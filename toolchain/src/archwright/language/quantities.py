"""Durations and sizes as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

DURATION = r"[1-9][0-9]{0,5}(?:ms|s|mo|m|h|d|w|y)"
SIZE = r"[1-9][0-9]{0,8} ?(?:B|KB|MB|GB)"

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DAYS = {"mo": 30, "y": 365}
_BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_MOST_BYTES = 1024**4


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: an amount of one unit, ``s m h d w mo y`` or ``ms``; a month has 30 days and a year 365."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def microseconds(self) -> int:
        """The exact length."""
        if self.unit == "ms":
            return self.amount * 1000
        per = _SECONDS.get(self.unit) or _DAYS[self.unit] * 86_400
        return self.amount * per * 1_000_000

    @property
    def seconds(self) -> int:
        """Whole seconds, at least one."""
        return max(1, self.microseconds // 1_000_000)

    @property
    def days(self) -> int:
        """Whole days, rounded up."""
        return -(-self.microseconds // 86_400_000_000)


def parse_duration(text: str) -> Duration | None:
    """Read a duration.

    >>> parse_duration("3y").days
    1095
    """
    if not re.fullmatch(DURATION, text):
        return None
    amount = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return Duration(int(amount), text[len(amount) :])


def parse_size(value: Any) -> int | None:
    """Read a number of bytes.

    >>> parse_size("1MB")
    1048576
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value <= _MOST_BYTES else None
    if not isinstance(value, str) or not re.fullmatch(SIZE, value):
        return None
    amount = value.rstrip("BKMG ")
    size = int(amount) * _BYTES[value[len(amount) :].strip()]
    return size if size <= _MOST_BYTES else None
