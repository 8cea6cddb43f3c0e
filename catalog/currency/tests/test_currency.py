"""Amounts are exact until they are rounded once, and no unit is lost."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_currency.money import parts, rounded
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent
PART = Part(FOLDER)
UNIT = 10_000


async def _convert(amount: int, to: str = "EUR", rate: int = 10**8, **config: Any) -> dict[str, Any]:
    part = Part(FOLDER, **config) if config else PART
    return await part.run("convert", amount=amount, **{"from": "USD"}, to=to, rate=rate)


async def test_convert() -> None:
    """An amount is multiplied and rounded to the smallest unit of its currency."""
    assert await _convert(10 * UNIT, rate=92_345_678) == {"amount": 92_300, "digits": 2, "exact": False}
    assert await _convert(10 * UNIT, "JPY", 15_750_000_000) == {"amount": 1575 * UNIT, "digits": 0, "exact": True}
    assert (await _convert(UNIT, "KWD", 30_750_000))["amount"] == 3_080


@pytest.mark.parametrize(
    ("rounding", "results"),
    [("half-up", (3, -3, 2)), ("half-even", (2, -2, 2)), ("up", (3, -3, 3)), ("down", (2, -2, 2))],
)
async def test_rounding(rounding: str, results: tuple[int, ...]) -> None:
    """Two and a half, its negative, and two and a quarter are rounded as it is named."""
    amounts = (25_000, -25_000, 22_500)

    found = [(await _convert(amount, "JPY", rounding=rounding))["amount"] // UNIT for amount in amounts]

    assert tuple(found) == results


async def test_cross() -> None:
    """Two rates against one base give the third."""
    rates = {"EUR": "1", "USD": "1.25", "GBP": "0.8"}

    found = await PART.run("cross", amount=100 * UNIT, **{"from": "USD"}, to="GBP", rates=rates)

    assert found == {"amount": 64 * UNIT, "digits": 2, "exact": True}


@pytest.mark.parametrize("rate", [None, True, 0, -1, "x", "NaN", "1e99", "0", [], "1e-99"])
async def test_bad_rates(rate: Any) -> None:
    """A rate that is no number above zero is a failure."""
    with pytest.raises(Refusal) as caught:
        await PART.run("cross", amount=UNIT, **{"from": "USD"}, to="EUR", rates={"EUR": "1", "USD": rate})
    assert caught.value.kind == "bad-rate"


@pytest.mark.parametrize(
    ("amount", "to", "rate", "kind"),
    [
        (UNIT, "XYZ", 10**8, "unknown-currency"),
        (UNIT, "EUR", 0, "bad-rate"),
        (UNIT, "EUR", -1, "bad-rate"),
        (10**15 - 1, "EUR", 10**15 - 1, "out-of-range"),
    ],
)
async def test_failures(amount: int, to: str, rate: int, kind: str) -> None:
    """What cannot be converted is a failure."""
    with pytest.raises(Refusal) as caught:
        await _convert(amount, to, rate)
    assert caught.value.kind == kind


@given(st.integers(0, 10**11), st.integers(1, 1000))
def test_parts(units: int, count: int) -> None:
    """Parts add up again and differ by one at most."""
    found = parts(units, count)

    assert sum(found) == units and len(found) == count and max(found) - min(found) <= 1


async def test_split() -> None:
    """An amount is split in its smallest units, also below zero."""
    found = await PART.run("split", amount=-10 * UNIT, currency="EUR", parts=3)

    assert found == {"amounts": [-33_400, -33_300, -33_300]}
    with pytest.raises(Refusal) as caught:
        await PART.run("split", amount=5, currency="EUR", parts=3)
    assert caught.value.kind == "bad-amount"


@given(st.fractions(-1000, 1000), st.sampled_from(["half-up", "half-even", "up", "down"]))
def test_rounded(number: Fraction, way: str) -> None:
    """Every rounding gives a neighbour, and the same on either side of zero."""
    assert abs(rounded(number, way) - number) < 1
    assert rounded(-number, way) == -rounded(number, way)
