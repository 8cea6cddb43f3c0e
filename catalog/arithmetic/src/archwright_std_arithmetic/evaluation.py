"""The value of a tree: decimals of bounded precision and size, without an end that could be late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    Underflow,
)
from typing import Any

from archwright_runtime.errors import Refusal

from .syntax import bad

_LARGEST_EXPONENT = 200
_LARGEST_POWER = 1000


def evaluate(tree: Any, values: Any, digits: int) -> tuple[str, bool]:
    """The value in plain digits, and whether nothing was rounded.

    Raises:
        Refusal: a value is missing, something is divided by zero, or a number becomes too large or too small.
    """
    traps = [DivisionByZero, InvalidOperation, Overflow, Underflow]
    context = Context(prec=digits, Emax=_LARGEST_EXPONENT, Emin=-_LARGEST_EXPONENT, traps=traps)
    given = {} if values is None else values
    if not isinstance(given, Mapping):
        raise bad("the values have names")
    try:
        result = _Evaluation(context, given).value(tree)
        return _written(context.plus(result)), not context.flags[Inexact]
    except (Overflow, Underflow):
        raise Refusal("out-of-range", "a number becomes too large or too small") from None
    except (DivisionByZero, InvalidOperation):
        raise Refusal("division-by-zero", "this has no value: something is divided by zero") from None


class _Evaluation:
    def __init__(self, context: Context, values: Mapping[str, Any]) -> None:
        self._context = context
        self._values = values

    def value(self, tree: Any) -> Decimal:
        """The value of one part."""
        kind = tree.data
        if kind == "number":
            return self._number(str(tree.children[0]))
        if kind == "name":
            return self._given(str(tree.children[0]))
        if kind == "call":
            name, *parts = tree.children
            return self._called(str(name), [self.value(part) for part in parts])
        operands = [self.value(part) for part in tree.children]
        if kind == "raised":
            return self._power(*operands)
        if kind == "remainder":
            return self._remainder(*operands)
        return getattr(self._context, _OPERATORS[kind])(*operands)  # type: ignore[no-any-return]

    def _number(self, text: str) -> Decimal:
        if sum(one.isdigit() for one in text) > self._context.prec:
            raise Refusal("out-of-range", "a number has too many digits")
        return self._context.create_decimal(text)

    def _given(self, name: str) -> Decimal:
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
            raise bad(f"there is no value for `{name}`")
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            raise bad(f"the value of `{name}` is no number") from None
        if not found.is_finite():
            raise bad(f"the value of `{name}` is no number")
        if abs(found.adjusted()) > _LARGEST_EXPONENT or len(found.as_tuple().digits) > self._context.prec:
            raise Refusal("out-of-range", f"the value of `{name}` is too large or too small")
        return found

    def _power(self, base: Decimal, exponent: Decimal) -> Decimal:
        if exponent != exponent.to_integral_value() or abs(exponent) > _LARGEST_POWER:
            raise Refusal("out-of-range", f"a power is a whole number of at most {_LARGEST_POWER}")
        if not base and exponent <= 0:
            if not exponent:
                return Decimal(1)
            raise DivisionByZero
        return self._context.power(base, int(exponent))

    def _remainder(self, number: Decimal, by: Decimal) -> Decimal:
        if not by:
            raise DivisionByZero
        if abs(number.adjusted() - by.adjusted()) >= self._context.prec:
            raise Refusal("out-of-range", "the numbers of a remainder are too far apart")
        return self._context.remainder(number, by)

    def _called(self, name: str, values: list[Decimal]) -> Decimal:
        function = _FUNCTIONS.get(name)
        if function is None:
            raise bad(f"there is no function `{name}`")
        least, most, run = function
        if not least <= len(values) <= most:
            raise bad(f"`{name}` takes another number of values")
        return run(self._context, values)


def _root(context: Context, values: list[Decimal]) -> Decimal:
    if values[0] < 0:
        raise Refusal("out-of-range", "a negative number has no root")
    return context.sqrt(values[0])


def _rounded(context: Context, values: list[Decimal]) -> Decimal:
    digits = values[1] if len(values) == 2 else Decimal(0)
    if digits != digits.to_integral_value() or not 0 <= digits <= context.prec:
        raise Refusal("out-of-range", "so many digits cannot be rounded to")
    unit = Decimal(1).scaleb(-int(digits))
    if values[0].adjusted() + int(digits) >= context.prec:
        return values[0]
    wide = Context(prec=context.prec + 2, rounding="ROUND_HALF_UP")
    return values[0].quantize(unit, context=wide)


_OPERATORS = {
    "add": "add",
    "subtract": "subtract",
    "multiply": "multiply",
    "divide": "divide",
    "negate": "minus",
}
_Run = Callable[[Context, list[Decimal]], Decimal]
_FUNCTIONS: dict[str, tuple[int, int, _Run]] = {
    "abs": (1, 1, lambda context, values: context.abs(values[0])),
    "min": (1, 20, lambda context, values: min(values)),
    "max": (1, 20, lambda context, values: max(values)),
    "sum": (1, 20, lambda context, values: _added(context, values)),
    "sqrt": (1, 1, _root),
    "round": (1, 2, _rounded),
}


def _added(context: Context, values: list[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = context.add(total, value)
    return total


def _written(number: Decimal) -> str:
    """Plain digits, without noughts that say nothing."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
