"""Functions over dates and datetimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import arithmetic
from .library import Function, apply, constant_text, taken, wrong
from .ranges import CALENDAR_DATE, CALENDAR_DATETIME, DAY
from .syntax import Call, Node
from .types import Type
from .value import FAILED, Value, derive, literal

if TYPE_CHECKING:
    from .check import Checker

_DATES = frozenset({"date", "datetime"})

_PARTS = {
    "year": (1, 9999),
    "month": (1, 12),
    "day": (1, 31),
    "weekday": (1, 7),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}
_CLOCK = frozenset({"hour", "minute", "second"})


def _part(name: str, less: int = 0) -> Function:
    def function(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
        values = taken(checker, node, arguments, 1)
        if values is None:
            return FAILED
        kinds = frozenset({"datetime"}) if name in _CLOCK else _DATES
        if values[0].type.kind not in kinds:
            return wrong(checker, arguments[0], node.function, " or ".join(sorted(kinds)), values[0].type)
        found = apply(name, Type.int(*_PARTS[name]), values)
        if not less:
            return found
        one = literal(less, Type.int(less, less))
        low, high = _PARTS[name]
        return derive("subtract", Type.int(low - less, high - less), (found, one), left=found.node, right=one.node)

    return function


def _sunday_first(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    """CEL's day of the week, 0 for Sunday: the remainder of ours, 7 for Sunday."""
    found = _part("weekday")(checker, node, arguments)
    if found.unknown:
        return found
    seven = literal(7, Type.int(7, 7))
    return apply("mod", Type.int(0, 6), (found, seven))


_UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


def _truncate(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2)
    if values is None:
        return FAILED
    kind, unit = values[0].type.kind, constant_text(arguments[1])
    if kind not in _DATES:
        return wrong(checker, arguments[0], node.function, "date or datetime", values[0].type)
    units = _UNITS if kind == "datetime" else _UNITS[:5]
    if unit not in units:
        return checker.problem(
            "arguments", arguments[1], f"`truncate` does not know this unit of a {kind}",
            expected="one of " + ", ".join(f"`'{one}'`" for one in units), found=checker.text(arguments[1]),
        )  # fmt: skip
    (low, high), size = values[0].bounds, 366 * (DAY if kind == "datetime" else 1)
    least = CALENDAR_DATETIME[0] if kind == "datetime" else CALENDAR_DATE[0]
    return apply("truncate", Type(kind, low=max(low - size, least), high=high), values)


def _add_months(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2)
    if values is None:
        return FAILED
    moment, by = values
    if moment.type.kind not in _DATES:
        return wrong(checker, arguments[0], node.function, "date or datetime", moment.type)
    if by.type.kind != "int":
        return wrong(checker, arguments[1], node.function, "a whole number of months", by.type)
    unit = DAY if moment.type.kind == "datetime" else 1
    limits = CALENDAR_DATETIME if moment.type.kind == "datetime" else CALENDAR_DATE
    low = moment.bounds[0] + min(0, by.bounds[0]) * 31 * unit
    high = moment.bounds[1] + max(0, by.bounds[1]) * 31 * unit
    return arithmetic.bounded(checker, node, apply("addMonths", Type(moment.type.kind), values), low, high, limits)


FUNCTIONS: dict[str, Function] = {
    **{name: _part(name) for name in _PARTS},
    "truncate": _truncate,
    "addMonths": _add_months,
}
METHODS: dict[str, Function] = {
    "getFullYear": _part("year"),
    "getMonth": _part("month", 1),
    "getDate": _part("day"),
    "getDayOfMonth": _part("day", 1),
    "getDayOfWeek": _sunday_first,
    "getHours": _part("hour"),
    "getMinutes": _part("minute"),
    "getSeconds": _part("second"),
}
"""Those that CEL has, counting as CEL does."""
