"""Exact texts and whole-number arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.expression.values import average, clamp, decimal_text, duration_text

INT64 = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [(0, 2, "0.00"), (-1, 2, "-0.01"), (1230, 2, "12.30"), (5, 0, "5"), (-(2**63), 3, "-9223372036854775.808")],
)
def test_decimal_text(value: int, scale: int, text: str) -> None:
    """An amount always shows all its digits."""
    assert decimal_text(value, scale) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "PT0S"),
        (1, "PT0.000001S"),
        (-1_500_000, "-PT1.5S"),
        (129_600_000_000, "PT36H"),
        (90_061_000_001, "PT25H1M1.000001S"),
        (60_000_000, "PT1M"),
    ],
)
def test_duration_text(value: int, text: str) -> None:
    """A duration has one text, with hours as its largest unit."""
    assert duration_text(value) == text


@given(st.lists(INT64, min_size=1, max_size=5), st.integers(0, 4))
def test_average(values: list[int], by: int) -> None:
    """An average is the nearest number with its digits; halves go away from zero."""
    exact = Fraction(sum(values) * 10**by, len(values))

    rounded = average(sum(values), len(values), by)

    assert rounded is not None
    assert abs(exact - rounded) <= Fraction(1, 2)
    assert abs(rounded) >= abs(exact) or abs(exact - rounded) < Fraction(1, 2)


@given(st.integers(), st.integers(0))
def test_clamp(value: int, limit: int) -> None:
    """A sum is cut at its limit and exact where it fits."""
    assert clamp(value, limit) == (value if abs(value) <= limit else limit if value > 0 else -limit)
