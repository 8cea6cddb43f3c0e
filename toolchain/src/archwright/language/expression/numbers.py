"""Functions over numbers, and division."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import arithmetic
from .library import Function, apply, taken, wrong
from .ranges import INT64
from .syntax import Binary, Call, Literal, Node
from .types import NUMBER_KINDS, Type
from .value import FAILED, Value, literal

if TYPE_CHECKING:
    from .check import Checker

_DECIMALS = frozenset({"decimal", "money"})


def _absolute(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 1)
    if values is None:
        return FAILED
    type = values[0].type
    if type.kind not in NUMBER_KINDS | {"duration"}:
        return wrong(checker, arguments[0], node.function, "a number", type)
    low, high = values[0].bounds
    least = 0 if low <= 0 <= high else min(abs(low), abs(high))
    found = apply("abs", replace(type, values=()), values)
    found = replace(found, whole_days=values[0].whole_days)
    return arithmetic.bounded(checker, node, found, least, max(abs(low), abs(high)))


def _extreme(name: str) -> Function:
    def function(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
        values = taken(checker, node, arguments, *range(2, 11))
        if values is None:
            return FAILED
        pick = max if name == "greatest" else min
        found = values[0]
        for other, where in zip(values[1:], arguments[1:], strict=True):
            pair = Binary("<", arguments[0], where, node.start, node.end)
            kinds = {found.type.kind, other.type.kind}
            if kinds <= NUMBER_KINDS:
                aligned = arithmetic.align(checker, pair, found, other)
            elif len(kinds) == 1 and kinds <= {"date", "datetime", "duration"}:
                aligned = (found, other)
            else:
                return wrong(checker, where, node.function, "numbers, or times of one kind", other.type)
            if aligned is None:
                return FAILED
            first, second = aligned
            low, high = (pick(bound) for bound in zip(first.bounds, second.bounds, strict=True))
            type = Type(first.type.kind, scale=first.type.scale, currency=first.type.currency, low=low, high=high)
            whole = first.whole_days and second.whole_days
            found = replace(apply(name, type, (first, second)), whole_days=whole)
        return found

    return function


def divide(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    """``a / b`` and ``a % b`` of whole numbers, cut towards zero, by what can never be zero."""
    present = [checker.needs_present(side, where, f"`{node.operator}`")
               for side, where in ((left, node.left), (right, node.right))]  # fmt: skip
    if not all(present):
        return FAILED
    if not (left.type.kind in ("int", "duration") and right.type.kind == "int"):
        hint = "multiply, or round with `round(x, digits)`" if left.type.kind in _DECIMALS else None
        return checker.problem(
            "type-mismatch", node, f"`{node.operator}` does not take {left.type} and {right.type}",
            found=f"{left.type} {node.operator} {right.type}", hint=hint,
        )  # fmt: skip
    (a, b), (c, d) = left.bounds, right.bounds
    if c <= 0 <= d:
        return checker.problem(
            "overflow", node.right, f"`{checker.text(node.right)}` can be zero, and a division by it would fail",
            expected="a constant, or a number whose bounds leave zero out", found=f"{c} to {d}",
            hint="give it bounds, as in `int(1..100)`, or compare products: `a > 2 * b` for `a / 2 > b`",
        )  # fmt: skip
    kind = left.type.kind
    if node.operator == "/":
        ends = [_cut(x, y) for x in (a, b) for y in (c, d)]
        low, high = min(*ends, 0 if a <= 0 <= b else ends[0]), max(*ends, 0 if a <= 0 <= b else ends[0])
        return arithmetic.bounded(checker, node, apply("div", Type(kind), (left, right)), low, high)
    most = max(abs(c), abs(d)) - 1
    return arithmetic.bounded(
        checker, node, apply("mod", Type(kind), (left, right)),
        max(a, -most) if a < 0 else 0, min(b, most) if b > 0 else 0,
    )  # fmt: skip


def _cut(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _round(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 1, 2)
    if values is None:
        return FAILED
    type = values[0].type
    if type.kind not in _DECIMALS:
        return wrong(checker, arguments[0], node.function, "a decimal or an amount", type)
    digits = arguments[1].value if len(arguments) == 2 and isinstance(arguments[1], Literal) else 0
    own = type.scale or 0
    known = not isinstance(digits, bool) and isinstance(digits, int) and 0 <= digits <= own
    if not known or (len(arguments) == 2 and not isinstance(arguments[1], Literal)):
        return checker.problem(
            "arguments", arguments[-1], "`round` takes a constant number of digits behind the point",
            expected=f"0 to {own}", found=checker.text(arguments[-1]),
        )  # fmt: skip
    assert isinstance(digits, int)
    by = own - digits
    if by == 0:
        return values[0]
    unit = 10**by
    low, high = values[0].bounds
    if not (INT64[0] < 2 * low - unit and 2 * high + unit < INT64[1]):
        return checker.problem(
            "overflow", node, f"the result of `{checker.text(node)}` can leave 64 bits",
            found=f"{low} to {high}", hint="give the fields narrower bounds, as in `decimal(10, 2)`",
        )  # fmt: skip
    by_value = literal(by, Type.int(by, by))
    made = Type(type.kind, scale=digits, currency=type.currency)
    ends = (-(-low // unit) - 1, high // unit + 1)
    return arithmetic.bounded(checker, node, apply("round", made, (values[0], by_value)), *ends)


FUNCTIONS: dict[str, Function] = {
    "abs": _absolute,
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
    "round": _round,
}
