"""Figures are exact and rounded once."""

from __future__ import annotations

import statistics
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_statistics import figures
from testing_support.part import Part

PART = Part(Path(__file__).parent.parent)
UNIT = 1_000_000
_LISTS = st.lists(st.integers(-(10**11), 10**11), min_size=2, max_size=30)


def _of(*numbers: str) -> list[int]:
    return [int(Decimal(number) * UNIT) for number in numbers]


async def test_describe() -> None:
    """A list has its figures, rounded to six digits."""
    found = await PART.run("describe", numbers=_of("1", "2", "4", "0.1"))

    assert found == {
        "count": 4, "sum": 7_100_000, "mean": 1_775_000, "median": 1_500_000, "least": 100_000, "most": 4_000_000,
        "deviation": 1_674_067,
    }  # fmt: skip


async def test_nothing() -> None:
    """Of nothing there is a count and a sum."""
    assert await PART.run("describe", numbers=[]) == {"count": 0, "sum": 0}
    assert "deviation" not in await PART.run("describe", numbers=[1])


@given(_LISTS)
def test_deviation(numbers: list[int]) -> None:
    """The deviation is the one of the decimal module, digit for digit."""
    variance = statistics.variance([Fraction(number, UNIT) for number in numbers])
    exact = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()

    assert abs(Decimal(figures.root(variance)) / UNIT - exact) <= Decimal("0.00000051")


@given(st.fractions(-(10**8), 10**8))
def test_rounding(number: Fraction) -> None:
    """A number is rounded once, halves away from zero."""
    decimal = Decimal(number.numerator) / Decimal(number.denominator)

    assert abs(Decimal(figures.scaled(number)) / UNIT - decimal) <= Decimal("0.0000005001")
    assert figures.scaled(Fraction(1, 2 * UNIT)) == 1 and figures.scaled(Fraction(-1, 2 * UNIT)) == -1
    assert Decimal("0.5").quantize(Decimal(1), ROUND_HALF_UP) == 1


async def test_quantiles() -> None:
    """Quartiles of the numbers 1 to 5 are 2, 3 and 4."""
    assert (await PART.run("quantiles", numbers=_of("5", "3", "1", "2", "4"), parts=4))["cuts"] == _of("2", "3", "4")


async def test_histogram() -> None:
    """Every number is counted once, the largest in the last range."""
    found = await PART.run("histogram", numbers=_of("0", "1", "2", "3", "4"), bins=2)

    assert found == {"edges": _of("0", "2", "4"), "counts": [2, 3]}
    assert (await PART.run("histogram", numbers=_of("7", "7"), bins=3))["counts"] == [2, 0, 0]


@given(_LISTS, st.integers(1, 20))
def test_histogram_counts_all(numbers: list[int], bins: int) -> None:
    """No number is lost."""
    _, counts = figures.histogram([Fraction(number, UNIT) for number in numbers], bins)

    assert sum(counts) == len(numbers)


async def test_regression() -> None:
    """Pairs on a line have that line and a perfect fit."""
    found = await PART.run("regression", x=_of("1", "2", "3"), y=_of("3", "5", "7"))

    assert found == {"slope": 2_000_000, "start": 1_000_000, "fit": 1_000_000}


@pytest.mark.parametrize(
    ("verb", "input"),
    [
        ("quantiles", {"numbers": [1], "parts": 4}),
        ("histogram", {"numbers": [], "bins": 4}),
        ("regression", {"x": [1, 1], "y": [1, 2]}),
        ("regression", {"x": [1, 2], "y": [1]}),
    ],
)
async def test_too_few(verb: str, input: dict[str, object]) -> None:
    """Where there are not enough numbers it says so."""
    with pytest.raises(Refusal) as caught:
        await PART.run(verb, **input)
    assert caught.value.kind == "too-few"


async def test_out_of_range() -> None:
    """A result that does not fit is a failure."""
    with pytest.raises(Refusal) as caught:
        await PART.run("describe", numbers=[10**15 - 1] * 10_000)
    assert caught.value.kind == "out-of-range"
