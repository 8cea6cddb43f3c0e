"""``+``, ``-`` and ``*`` over numbers, money, times and text; exact, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .ranges import CALENDAR_DATE, CALENDAR_DATETIME, DAY, INT64
from .syntax import Binary, Node, Unary
from .types import NUMBER_KINDS, Type
from .value import FAILED, Value, derive, literal

if TYPE_CHECKING:
    from .check import Checker

_RESULT = {"+": "add", "-": "subtract", "*": "multiply"}


def binary(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    """The typed result of an operator between two typed values."""
    what = f"`{node.operator}`"
    needed = [checker.needs_present(left, node.left, what), checker.needs_present(right, node.right, what)]
    if not all(needed):
        return FAILED
    kinds = (left.type.kind, right.type.kind)
    if left.type.is_text and right.type.is_text and node.operator == "+":
        return _concatenate(left, right)
    if kinds[0] in NUMBER_KINDS and kinds[1] in NUMBER_KINDS:
        return _numbers(checker, node, left, right)
    times = _TIMES.get((node.operator, *kinds))
    if times is not None:
        return times(checker, node, left, right)
    return checker.problem(
        "type-mismatch", node, f"`{node.operator}` does not take {left.type} and {right.type}",
        found=f"{left.type} {node.operator} {right.type}", hint=_hint(node.operator, *kinds),
    )  # fmt: skip


def _hint(operator: str, left: str, right: str) -> str | None:
    kinds = {left, right}
    if operator == "+" and "text" in kinds:
        return 'turn the other side into text with `string(x)`, or write a template: `"${a} ${b}"`'
    if "date" in kinds and "int" in kinds:
        return "add days with `days(x)`"
    if "date" in kinds and "datetime" in kinds:
        return "take the day of a datetime with `date(x)`"
    return None


def _concatenate(left: Value, right: Value) -> Value:
    most = None
    if left.type.max is not None and right.type.max is not None:
        most = left.type.max + right.type.max
    parts: list[Any] = []
    for side in (left, right):
        parts.extend(side.node["parts"] if side.node["op"] == "concat" else [side.node])
    return derive("concat", Type.text(most), (left, right), parts=parts)


def bounded(checker: Checker, node: Node, value: Value, low: int, high: int, limits: tuple[int, int] = INT64) -> Value:
    """The value with its bounds, or a problem where they leave the limits."""
    if limits[0] <= low and high <= limits[1]:
        return replace(value, type=replace(value.type, low=low, high=high, digits=None))
    if limits == INT64:
        message = f"the result of `{checker.text(node)}` can leave 64 bits"
        hint = "give the fields narrower bounds, as in `int(0..1000)` or `decimal(10, 2)`"
    else:
        message = f"the result of `{checker.text(node)}` can leave the calendar (years 1 to 9999)"
        hint = None
    return checker.problem("overflow", node, message, found=f"{low} to {high}", hint=hint)


def rescale(checker: Checker, node: Node, value: Value, scale: int) -> Value:
    """The same number with more digits behind the point."""
    by = scale - (value.type.scale or 0)
    if by == 0:
        return value
    kind = "decimal" if value.type.kind == "int" else value.type.kind
    low, high = (bound * 10**by for bound in value.bounds)
    type = Type(kind, value.type.optional, scale=scale, currency=value.type.currency)
    if value.constant:
        scaled = literal(value.node["value"] * 10**by, type)
    else:
        scaled = derive("scale", type, (value,), value=value.node, by=by)
        scaled = replace(scaled, when_true=value.when_true, when_false=value.when_false)
    return bounded(checker, node, scaled, low, high)


def align(checker: Checker, node: Binary, left: Value, right: Value) -> tuple[Value, Value] | None:
    """Two numbers with the same scale; None where a problem was reported."""
    if not same_unit(checker, node, left, right):
        return None
    scale = max(left.type.scale or 0, right.type.scale or 0)
    left = rescale(checker, node.left, left, scale)
    right = rescale(checker, node.right, right, scale)
    return None if left.unknown or right.unknown else (left, right)


def same_unit(checker: Checker, node: Node, left: Value, right: Value) -> bool:
    """Whether money meets money of the same currency, and plain numbers meet plain numbers."""
    if left.type.kind == right.type.kind == "money":
        if left.type.currency == right.type.currency:
            return True
        message = f"{left.type} and {right.type} are different currencies"
        checker.problem("currency", node, message)
        return False
    if "money" not in (left.type.kind, right.type.kind):
        return True
    money, plain = (left, right) if left.type.kind == "money" else (right, left)
    amount = _amount(plain) if plain.constant else "100"
    checker.problem(
        "currency", node, f"{money.type} meets {plain.type}, which has no currency",
        expected=str(money.type), found=str(plain.type),
        hint=f'write an amount as `money("{amount}", "{money.type.currency}")`',
    )  # fmt: skip
    return False


def _amount(value: Value) -> str:
    scale = value.type.scale or 0
    stored = value.node["value"]
    if not scale:
        return str(stored)
    digits = str(abs(stored)).rjust(scale + 1, "0")
    return f"{'-' if stored < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def _numbers(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    if node.operator == "*":
        return _product(checker, node, left, right)
    aligned = align(checker, node, left, right)
    if aligned is None:
        return FAILED
    left, right = aligned
    (a, b), (c, d) = left.bounds, right.bounds
    low, high = (a + c, b + d) if node.operator == "+" else (a - d, b - c)
    type = Type(left.type.kind, scale=left.type.scale, currency=left.type.currency)
    result = derive(_RESULT[node.operator], type, (left, right), left=left.node, right=right.node)
    return bounded(checker, node, result, low, high)


def _corners(left: Value, right: Value) -> tuple[int, int]:
    products = [a * b for a in left.bounds for b in right.bounds]
    return min(products), max(products)


def _product(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"money"}:
        return checker.problem("currency", node, "money cannot be multiplied by money")
    scale = (left.type.scale or 0) + (right.type.scale or 0)
    if "money" in kinds:
        type = Type("money", scale=scale, currency=left.type.currency or right.type.currency)
    else:
        type = Type("int") if kinds == {"int"} else Type("decimal", scale=scale)
    result = derive("multiply", type, (left, right), left=left.node, right=right.node)
    return bounded(checker, node, result, *_corners(left, right))


def negate(checker: Checker, node: Unary, value: Value) -> Value:
    """The typed result of ``-x``."""
    if not checker.needs_present(value, node.value, "`-`"):
        return FAILED
    if value.type.kind not in NUMBER_KINDS | {"duration"}:
        return checker.problem("type-mismatch", node, f"`-` does not take {value.type}", found=str(value.type))
    low, high = value.bounds
    result = derive("negate", replace(value.type, values=()), (value,), value=value.node)
    return bounded(checker, node, replace(result, whole_days=value.whole_days), -high, -low)


# -- times -------------------------------------------------------------------------------------------------------


def _shift(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    moment, by = (left, right) if right.type.kind == "duration" else (right, left)
    sign = -1 if node.operator == "-" else 1
    (a, b), (c, d) = moment.bounds, by.bounds
    unit, limits = 1, CALENDAR_DATETIME
    if moment.type.kind == "date":
        if not by.whole_days:
            message = "a date moves by whole days only"
            hint = 'write `days(x)`, or a constant such as `duration("48h")`'
            return checker.problem("type-mismatch", node, message, found=checker.text(node), hint=hint)
        unit, limits = DAY, CALENDAR_DATE
    low, high = sorted((sign * c // unit, sign * d // unit))
    members = {"value": moment.node, "by": by.node, **({"backwards": True} if sign < 0 else {})}
    result = derive("shift", Type(moment.type.kind), (moment, by), **members)
    return bounded(checker, node, result, a + low, b + high, limits)


def _between(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    unit = DAY if left.type.kind == "date" else 1
    (a, b), (c, d) = left.bounds, right.bounds
    result = derive("between", Type("duration"), (left, right), left=left.node, right=right.node)
    return bounded(checker, node, replace(result, whole_days=unit == DAY), (a - d) * unit, (b - c) * unit)


def _durations(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    (a, b), (c, d) = left.bounds, right.bounds
    low, high = (a + c, b + d) if node.operator == "+" else (a - d, b - c)
    result = derive(_RESULT[node.operator], Type("duration"), (left, right), left=left.node, right=right.node)
    return bounded(checker, node, replace(result, whole_days=left.whole_days and right.whole_days), low, high)


def _times(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    result = derive("multiply", Type("duration"), (left, right), left=left.node, right=right.node)
    whole = left.whole_days or right.whole_days
    return bounded(checker, node, replace(result, whole_days=whole), *_corners(left, right))


_TIMES: dict[tuple[str, str, str], Callable[[Checker, Binary, Value, Value], Value]] = {
    ("+", "date", "duration"): _shift,
    ("+", "duration", "date"): _shift,
    ("-", "date", "duration"): _shift,
    ("+", "datetime", "duration"): _shift,
    ("+", "duration", "datetime"): _shift,
    ("-", "datetime", "duration"): _shift,
    ("-", "date", "date"): _between,
    ("-", "datetime", "datetime"): _between,
    ("+", "duration", "duration"): _durations,
    ("-", "duration", "duration"): _durations,
    ("*", "duration", "int"): _times,
    ("*", "int", "duration"): _times,
}
