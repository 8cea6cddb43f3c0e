"""Functions by name: what each takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date as calendar_date
from datetime import datetime as calendar_datetime
from typing import TYPE_CHECKING

from . import arithmetic, lists, macros, numbers, texts, times
from .comparison import presence
from .literals import InvalidLiteral, read_date, read_datetime, read_decimal, read_duration, scale_of, scaled
from .problems import suggestion
from .ranges import DAY, INT64, SIZE_MAX, days, microseconds
from .syntax import Call, Literal, Name, Node, Select
from .types import Type
from .value import FAILED, Value, decide, derive, literal

if TYPE_CHECKING:
    from .check import Checker

Function = Callable[["Checker", Call, tuple[Node, ...]], Value]

_CURRENCY_SCALES = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}  # fmt: skip
"""Minor units of ISO 4217 where they are not two."""


def currency_scale(currency: str) -> int:
    """How many digits an amount of the currency has behind the point."""
    return _CURRENCY_SCALES.get(currency, 2)


def call(checker: Checker, node: Call) -> Value:
    """The typed value of a call."""
    if node.receiver is None:
        return _function(checker, node)
    if node.function in macros.MACROS or node.function in lists.OVER_LISTS:
        over = checker.visit(node.receiver)
        if over.unknown:
            return over
        if over.type.kind == "list" and node.function in lists.OVER_LISTS:
            return lists.OVER_LISTS[node.function](checker, node, over)
        if node.function in macros.MACROS:
            return macros.over_rows(checker, node, over)
    if node.function in METHODS:
        return METHODS[node.function](checker, node, (node.receiver, *node.arguments))
    hint: str | None
    place = Select(node.receiver, node.function, node.function_start, node.function_start, node.end)
    if node.function in FUNCTIONS:
        hint = f"write `{node.function}({checker.text(node.receiver)})`"
    else:
        hint = _REPLACED.get(node.function) or suggestion(node.function, [*METHODS, *macros.MACROS, "map", "filter"])
    return checker.problem("unknown-function", place, f"there is no function `.{node.function}(...)`", hint=hint)


def _function(checker: Checker, node: Call) -> Value:
    aggregated = checker.scope.aggregates is not None
    if node.function in macros.AGGREGATES and aggregated:
        return macros.aggregate(checker, node)
    hint: str | None
    handler = FUNCTIONS.get(node.function)
    if handler is not None:
        return handler(checker, node, node.arguments)
    if node.function in macros.AGGREGATES:
        message = f"`{node.function}(...)` has a meaning in fields of a grouped view only"
        hint = "count the rows of a relation with `size(this.relation)` or `this.relation.count(x, ...)`"
        return checker.problem("aggregate", node, message, hint=hint)
    known = [*FUNCTIONS, *(macros.AGGREGATES if aggregated else ())]
    hint = _REPLACED.get(node.function)
    if hint is None and node.function in METHODS | dict.fromkeys(macros.MACROS):
        hint = f"write `x.{node.function}(...)`"
    hint = hint or suggestion(node.function, known)
    return checker.problem("unknown-function", node, f"there is no function `{node.function}(...)`", hint=hint)


_REPLACED = {
    "filter": "rows cannot be filtered into a list; use `exists`, `all` or `count`",
    "map": "rows cannot be mapped into a list; use `exists`, `all` or `count`",
    "exists_one": "write `x.count(y, ...) == 1`",
    "length": "write `size(x)`",
    "len": "write `size(x)`",
    "int": "numbers are not converted; `round(x)` gives a decimal without digits behind the point",
    "lower": "write `x.lowerAscii()`",
    "upper": "write `x.upperAscii()`",
}


def arity(checker: Checker, node: Call, arguments: tuple[Node, ...], *counts: int) -> bool:
    """Whether there are as many arguments as the function takes; reports it otherwise."""
    if len(arguments) in counts:
        return True
    receiver = len(arguments) - len(node.arguments)
    takes = " or ".join(str(count - receiver) for count in counts)
    checker.problem(
        "arguments", node, f"`{node.function}` takes {takes} argument{'' if takes == '1' else 's'}",
        expected=takes, found=str(len(node.arguments)),
    )  # fmt: skip
    return False


# -- presence and size -------------------------------------------------------------------------------------------


def _has(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    if not arity(checker, node, arguments, 1):
        return FAILED
    if not isinstance(arguments[0], Select | Name):
        return checker.problem("type-mismatch", node, "`has` takes a field", hint="as in `has(this.note)`")
    value = checker.visit(arguments[0])
    return value if value.unknown else presence(checker, arguments[0], value, True)


def _size(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    if not arity(checker, node, arguments, 1):
        return FAILED
    value = checker.visit(arguments[0])
    if value.unknown or not checker.needs_present(value, arguments[0], "`size`"):
        return FAILED
    if value.type.is_text or value.type.kind == "list":
        most = value.type.max if value.type.max is not None else SIZE_MAX
        return derive("size", Type.int(0, most), (value,), value=value.node)
    if value.type.kind == "rows":
        checker.followed(value)
        return derive("size", Type.int(0, SIZE_MAX), (value,), value=value.node)
    return checker.problem("type-mismatch", node, "`size` takes text, a list or a relation", found=str(value.type))


# -- text --------------------------------------------------------------------------------------------------------


def _search(mode: str) -> Function:
    def search(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
        if not arity(checker, node, arguments, 2):
            return FAILED
        values = tuple(checker.visit(argument) for argument in arguments)
        for value, where in zip(values, arguments, strict=True):
            if value.unknown or not checker.needs_present(value, where, f"`{node.function}`"):
                return FAILED
            if not value.type.is_text:
                hint = "test membership with `x in list`" if value.type.kind == "list" else None
                return checker.problem(
                    "type-mismatch", where, f"`{node.function}` takes text",
                    expected="text", found=str(value.type), hint=hint,
                )  # fmt: skip
        return decide("search", values, mode=mode, value=values[0].node, part=values[1].node)

    return search


_TEXT_LENGTHS = {"bool": 5, "int": 20, "date": 10, "datetime": 27, "duration": 40, "uuid": 36, "ref": 22}


def to_text(checker: Checker, node: Node, value: Value) -> Value:
    """The value as the text that the wire shows."""
    if value.unknown:
        return value
    if value.type.kind == "row":
        return checker.problem(
            "type-mismatch", node, f"{value.type} has no text", hint=f"name a field, as in `{checker.text(node)}.id`"
        )
    if not checker.needs_present(value, node, "text"):
        return FAILED
    if value.type.is_text:
        return value
    kind = value.type.kind
    if kind == "enum":
        most: int | None = max(map(len, value.type.values), default=0)
    elif kind in ("decimal", "money"):
        most = 22
    elif kind in _TEXT_LENGTHS:
        most = _TEXT_LENGTHS[kind]
    else:
        return checker.problem("type-mismatch", node, f"{value.type} has no text", found=str(value.type))
    return derive("text", Type.text(most, values=value.type.values), (value,), value=value.node)


def _string(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    if not arity(checker, node, arguments, 1):
        return FAILED
    return to_text(checker, arguments[0], checker.visit(arguments[0]))


# -- constants ---------------------------------------------------------------------------------------------------


def _constant_text(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> str | None:
    if not arity(checker, node, arguments, 1):
        return None
    only = arguments[0]
    if isinstance(only, Literal) and isinstance(only.value, str):
        return only.value
    message = f"`{node.function}` takes a constant text"
    checker.problem("type-mismatch", only, message, hint="reading a text could fail, so only constants are read")
    return None


def _invalid(checker: Checker, node: Call, text: str, error: InvalidLiteral) -> Value:
    return checker.problem("invalid-constant", node.arguments[0], f"`{text}` is not valid here", hint=str(error))


def date_value(text: str) -> Value:
    """A constant day; ``InvalidLiteral`` where it is none."""
    stored = read_date(text)
    day = days(calendar_date.fromisoformat(stored))
    return literal(stored, Type("date", low=day, high=day))


def datetime_value(text: str) -> Value:
    """A constant instant; ``InvalidLiteral`` where it is none."""
    stored = read_datetime(text)
    instant = microseconds(calendar_datetime.fromisoformat(stored[:-1] + "+00:00"))
    return literal(stored, Type("datetime", low=instant, high=instant))


def duration_value(text: str) -> Value:
    """A constant length of time; ``InvalidLiteral`` where it is none."""
    stored = read_duration(text)
    value = literal(stored, Type("duration", low=stored, high=stored))
    return replace(value, whole_days=stored % DAY == 0)


def _date(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    if len(arguments) == 1 and not isinstance(arguments[0], Literal):
        value = checker.visit(arguments[0])
        if value.unknown:
            return value
        if value.type.kind == "datetime":
            if not checker.needs_present(value, arguments[0], "`date`"):
                return FAILED
            low, high = value.bounds
            return derive("date", Type("date", low=low // DAY, high=high // DAY), (value,), value=value.node)
    return _read(checker, node, arguments, date_value)


def _read(checker: Checker, node: Call, arguments: tuple[Node, ...], read: Callable[[str], Value]) -> Value:
    text = _constant_text(checker, node, arguments)
    if text is None:
        return FAILED
    try:
        return read(text)
    except InvalidLiteral as error:
        return _invalid(checker, node, text, error)


def _datetime(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    return _read(checker, node, arguments, datetime_value)


def _duration(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    return _read(checker, node, arguments, duration_value)


def _days(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    if not arity(checker, node, arguments, 1):
        return FAILED
    value = checker.visit(arguments[0])
    if value.unknown or not checker.needs_present(value, arguments[0], "`days`"):
        return FAILED
    if value.type.kind != "int":
        message = "`days` takes an int"
        return checker.problem("type-mismatch", arguments[0], message, expected="int", found=str(value.type))
    low, high = (bound * DAY for bound in value.bounds)
    if value.constant and INT64[0] <= low <= INT64[1]:
        return replace(literal(low, Type("duration", low=low, high=high)), whole_days=True)
    day = literal(DAY, Type("duration", low=DAY, high=DAY))
    result = derive("multiply", Type("duration"), (value, day), left=value.node, right=day.node)
    return arithmetic.bounded(checker, node, replace(result, whole_days=True), low, high)


def _money(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    if not arity(checker, node, arguments, 2):
        return FAILED
    texts = [argument.value for argument in arguments if isinstance(argument, Literal)]
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        hint = 'as in `money("12.30", "EUR")`'
        return checker.problem("type-mismatch", node, "`money` takes two constant texts", hint=hint)
    amount, currency = map(str, texts)
    if len(currency) != 3 or not (currency.isascii() and currency.isupper() and currency.isalpha()):
        return checker.problem("invalid-constant", arguments[1], f"`{currency}` is not a currency", hint="as in `EUR`")
    try:
        number = read_decimal(amount)
    except InvalidLiteral as error:
        return checker.problem("invalid-constant", arguments[0], f"`{amount}` is not an amount", hint=str(error))
    scale = max(currency_scale(currency), scale_of(number))
    stored = scaled(number, scale)
    assert stored is not None
    if not INT64[0] <= stored <= INT64[1]:
        return checker.problem("overflow", arguments[0], "a number must fit into 64 bits", found=amount)
    return literal(stored, Type("money", currency=currency, scale=scale, low=stored, high=stored))


FUNCTIONS: dict[str, Function] = {
    "has": _has,
    "size": _size,
    "string": _string,
    "date": _date,
    "datetime": _datetime,
    "timestamp": _datetime,
    "duration": _duration,
    "days": _days,
    "money": _money,
    **times.FUNCTIONS,
    **numbers.FUNCTIONS,
}
METHODS: dict[str, Function] = {
    "size": _size,
    "startsWith": _search("starts"),
    "endsWith": _search("ends"),
    "contains": _search("contains"),
    **texts.METHODS,
    **times.METHODS,
    **lists.METHODS,
}
