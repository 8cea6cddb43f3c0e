"""The stated ranges of values: what is stored or given lies within them, so no arithmetic can leave the machine's.

Stored dates and times leave a thousand years on either side of what a calendar can write (years 1 to 9999), and the
year's first digit is enough to test them. Durations stay below 2**53 microseconds, so they are exact in JSON.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

INT64 = (-(2**63), 2**63 - 1)
SAFE_INTEGER = (-(2**53 - 1), 2**53 - 1)
"""Every integer that a JSON reader in JavaScript keeps exactly; the bounds of an ``int`` that states none."""

SUM_MAX = 10**18 - 1
"""Where a sum is cut, since nothing bounds the number of rows: any 18 digits fit, and sums can still be added up."""

MONEY_DIGITS = 15
"""The digits of a ``money`` amount that states none: up to ten trillion with two decimals."""

SIZE_MAX = 2**31 - 1
"""The largest size of a text, list or relation that states none."""

DAY = 86_400_000_000
"""Microseconds of a day; a day always has 24 hours because all times are UTC."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """The exact number of microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def days(day: date) -> int:
    """The number of days since 1970."""
    return day.toordinal() - 719163


DATE_MIN, DATE_MAX = date(1000, 1, 1), date(8999, 12, 31)
STORED_DATE = (days(DATE_MIN), days(DATE_MAX))
STORED_DATETIME = (STORED_DATE[0] * DAY, (STORED_DATE[1] + 1) * DAY - 1)
STORED_DURATION = (-36_525 * DAY, 36_525 * DAY)
"""A hundred years either way."""

CALENDAR_DATE = (days(date.min), days(date.max))
CALENDAR_DATETIME = (CALENDAR_DATE[0] * DAY, (CALENDAR_DATE[1] + 1) * DAY - 1)
"""What a result of arithmetic may reach."""

CLOCK_DATE = (days(date(2000, 1, 1)), days(date(2999, 12, 31)))
CLOCK_DATETIME = (CLOCK_DATE[0] * DAY, (CLOCK_DATE[1] + 1) * DAY - 1)
"""What ``today`` and ``now`` may be."""
