"""When schedules come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archwright_runtime.errors import PlanError
from archwright_runtime.operations.cron import Cron


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("* * * * *", "2026-03-01T08:30:20", "2026-03-01T08:31"),
        ("30 2 * * *", "2026-03-01T02:30:00", "2026-03-02T02:30"),
        ("*/15 9-17 * * 1-5", "2026-02-27T17:50:00", "2026-03-02T09:00"),
        ("0 0 29 2 *", "2026-03-01T00:00:00", "2028-02-29T00:00"),
        ("0 12 1,15 * 0", "2026-03-02T00:00:00", "2026-03-08T12:00"),
        ("5/20 * * * *", "2026-03-01T08:46:00", "2026-03-01T09:05"),
        ("0 0 * * 7", "2026-03-02T00:00:00", "2026-03-08T00:00"),
    ],
)
def test_a_schedule_comes_next(text: str, after: str, expected: str) -> None:
    """The next time is the first minute that matches every field, strictly later."""
    found = Cron(text).after(datetime.fromisoformat(after).replace(tzinfo=UTC))

    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["* * * *", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", ""])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    """A field that is not understood or out of range refuses to start."""
    with pytest.raises(PlanError):
        Cron(text)


def test_a_day_that_never_comes_is_refused() -> None:
    """The 30th of February is no schedule."""
    with pytest.raises(PlanError):
        Cron("0 0 30 2 *").after(datetime(2026, 1, 1, tzinfo=UTC))
