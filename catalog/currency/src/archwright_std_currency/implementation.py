"""Joins the functions into what the runtime loads; amounts are whole ten-thousandths here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from .money import digits_of, parts, rounded

_UNIT = 10**4
_RATE = 10**8
_LARGEST = 10**15 - 1


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    way = str(host.config.get("rounding") or "half-up")

    async def convert(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        if input["rate"] <= 0:
            raise Refusal("bad-rate", "a rate is above zero")
        digits_of(input["from"])
        return _amount(Fraction(input["amount"], _UNIT) * Fraction(input["rate"], _RATE), input["to"], way)

    async def cross(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        digits_of(input["from"])
        given, wanted = (_rate(input["rates"], input[name]) for name in ("from", "to"))
        return _amount(Fraction(input["amount"], _UNIT) / given * wanted, input["to"], way)

    async def split(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        step = _UNIT // 10 ** digits_of(input["currency"])
        units, rest = divmod(abs(input["amount"]), step)
        if rest:
            raise Refusal("bad-amount", "the amount has more digits than its currency")
        sign = -1 if input["amount"] < 0 else 1
        return {"amounts": [sign * part * step for part in parts(units, input["parts"])]}

    return Implementation(capabilities={"convert": convert, "cross": cross, "split": split})


def _amount(exact: Fraction, currency: str, way: str) -> dict[str, Any]:
    digits = digits_of(currency)
    amount = rounded(exact * 10**digits, way) * 10 ** (4 - digits)
    if abs(amount) > _LARGEST:
        raise Refusal("out-of-range", "the amount is too large")
    return {"amount": amount, "digits": digits, "exact": Fraction(amount, _UNIT) == exact}


def _rate(rates: Any, currency: str) -> Fraction:
    if not isinstance(rates, Mapping) or currency not in rates:
        raise Refusal("bad-rate", f"there is no rate for {currency}")
    value = rates[currency]
    try:
        rate = Decimal(str(value)) if not isinstance(value, bool) else Decimal(0)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not Decimal("1e-12") <= rate <= Decimal("1e12"):
        raise Refusal("bad-rate", f"the rate for {currency} is no number above zero")
    return Fraction(rate)
