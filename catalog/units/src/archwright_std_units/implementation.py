"""Joins the functions into what the runtime loads; amounts are whole millionths here."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from .table import UNITS, Unit

_DIGITS = 6
_LARGEST = 10**15 - 1


def create(host: Host) -> Implementation:
    """The component; there is nothing to configure."""

    async def convert(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        given, wanted = _unit(input["from"]), _unit(input["to"])
        if given.dimension != wanted.dimension:
            raise Refusal("other-dimension", f"{given.dimension} cannot be converted to {wanted.dimension}")
        exact = wanted.of_base(given.to_base(Fraction(input["amount"], 10**_DIGITS)))
        digits = _DIGITS if input.get("digits") is None else input["digits"]
        amount = _rounded(exact * 10**digits) * 10 ** (_DIGITS - digits)
        if abs(amount) > _LARGEST:
            raise Refusal("out-of-range", "the amount is too large")
        return {"amount": amount, "exact": Fraction(amount, 10**_DIGITS) == exact}

    async def describe(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        dimension = _unit(input["unit"]).dimension
        return {"dimension": dimension, "units": [name for name, one in UNITS.items() if one.dimension == dimension]}

    return Implementation(capabilities={"convert": convert, "describe": describe})


def _unit(name: str) -> Unit:
    found = UNITS.get(name)
    if found is None:
        raise Refusal("unknown-unit", "there is no such unit")
    return found


def _rounded(number: Fraction) -> int:
    """A whole number, halves away from zero."""
    size = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return -size if number < 0 else size
