"""Quantities are converted by their definitions."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_units.table import UNITS
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent
PART = Part(FOLDER)
UNIT = 1_000_000


@pytest.mark.parametrize(
    ("amount", "given", "wanted", "result", "exact"),
    [
        (1, "mi", "km", 1_609_344, True),
        (1, "lb", "kg", 453_592, False),
        (100, "C", "F", 212_000_000, True),
        (-40, "F", "C", -40_000_000, True),
        (0, "K", "C", -273_150_000, True),
        (36, "km/h", "m/s", 10_000_000, True),
        (1, "kn", "km/h", 1_852_000, True),
        (1, "us_gal", "l", 3_785_412, False),
        (1, "GiB", "B", 1_073_741_824_000_000, None),
        (1, "kWh", "MJ", 3_600_000, True),
        (1, "acre", "m2", 4_046_856_422, False),
        (760, "Torr", "atm", 1_000_000, True),
    ],
)
async def test_definitions(amount: int, given: str, wanted: str, result: int, exact: bool | None) -> None:
    """A quantity has the amount that its definition gives; one that does not fit is a failure."""
    if exact is None:
        with pytest.raises(Refusal) as caught:
            await PART.run("convert", amount=amount * UNIT, **{"from": given}, to=wanted)
        assert caught.value.kind == "out-of-range"
        return
    found = await PART.run("convert", amount=amount * UNIT, **{"from": given}, to=wanted)

    assert found == {"amount": result, "exact": exact}


async def test_digits() -> None:
    """It is rounded once, to so many digits."""
    found = await PART.run("convert", amount=UNIT, **{"from": "in"}, to="cm", digits=1)

    assert found == {"amount": 2_500_000, "exact": False}


@given(st.fractions(-(10**6), 10**6), st.sampled_from(sorted(UNITS)), st.data())
def test_there_and_back(amount: Fraction, name: str, data: st.DataObject) -> None:
    """There and back is where it began."""
    unit = UNITS[name]
    other = UNITS[data.draw(st.sampled_from([key for key, one in UNITS.items() if one.dimension == unit.dimension]))]

    assert unit.of_base(other.to_base(other.of_base(unit.to_base(amount)))) == amount


@pytest.mark.parametrize(
    ("given", "wanted", "kind"),
    [("m", "kg", "other-dimension"), ("x", "m", "unknown-unit"), ("M", "m", "unknown-unit")],
)
async def test_failures(given: str, wanted: str, kind: str) -> None:
    """What does not fit together is a failure."""
    with pytest.raises(Refusal) as caught:
        await PART.run("convert", amount=UNIT, **{"from": given}, to=wanted)
    assert caught.value.kind == kind


async def test_describe() -> None:
    """A unit says what it measures."""
    assert await PART.run("describe", unit="C") == {"dimension": "temperature", "units": ["K", "C", "F"]}


@pytest.mark.parametrize("name", sorted(UNITS))
def test_every_unit_is_on_the_page(name: str) -> None:
    """The page names every unit."""
    table = (FOLDER / "README.md").read_text().partition("| Dimension |")[2]

    assert name in table.replace("`", " ").split()
