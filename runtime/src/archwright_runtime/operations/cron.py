"""Times of a cron expression: five fields, in UTC.

Each field is ``*``, a number, a range ``a-b``, any of these with a step ``/n``, or several joined by commas.
As cron has it, a day matches when either the day of the month or the day of the week does, if both are restricted.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..errors import PlanError

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_DAYS_AHEAD = 366 * 9
"""A 29th of February may be eight years away."""


class Cron:
    """A schedule.

    Raises:
        PlanError: it is not one, or it never comes.
    """

    def __init__(self, text: str) -> None:
        fields = text.split()
        if len(fields) != len(_BOUNDS):
            raise PlanError(f"`{text}` is not a schedule of five fields")
        minutes, hours, days, months, weekdays = (
            _values(field, low, high, text) for field, (low, high) in zip(fields, _BOUNDS, strict=True)
        )
        self._minutes, self._hours = sorted(minutes), sorted(hours)
        self._days, self._months = days, months
        self._weekdays = {day % 7 for day in weekdays}
        self._either = not fields[2].startswith("*") and not fields[4].startswith("*")
        self._text = text

    def after(self, moment: datetime) -> datetime:
        """The first time after a moment."""
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for ahead in range(_DAYS_AHEAD):
            day = (start + timedelta(days=ahead)).replace(hour=0, minute=0) if ahead else start
            if self._on(day):
                found = self._within(day)
                if found is not None:
                    return found
        raise PlanError(f"the schedule `{self._text}` never comes")

    def _on(self, day: datetime) -> bool:
        if day.month not in self._months:
            return False
        # Sunday is 0 in cron and 6 in Python.
        monthly, weekly = day.day in self._days, (day.weekday() + 1) % 7 in self._weekdays
        return monthly or weekly if self._either else monthly and weekly

    def _within(self, day: datetime) -> datetime | None:
        for hour in self._hours:
            for minute in self._minutes:
                if (hour, minute) >= (day.hour, day.minute):
                    return day.replace(hour=hour, minute=minute)
        return None


def _values(field: str, low: int, high: int, text: str) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        try:
            begin = low if span == "*" else int(first)
            end = high if span == "*" or (step and not last) else int(last or first)
            stride = int(step) if step else 1
        except ValueError:
            raise PlanError(f"`{field}` in the schedule `{text}` is not understood") from None
        if not (low <= begin <= end <= high and stride > 0):
            raise PlanError(f"`{field}` in the schedule `{text}` is out of range")
        found |= set(range(begin, end + 1, stride))
    return found
