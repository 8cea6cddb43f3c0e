"""Functions of the operation ``apply``: how Python computes them, for closures and for SQLite."""

from __future__ import annotations

import calendar
import json
import operator
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from . import values
from .patterns import matches
from .tree import Apply, Constant, Node

WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What ``trim`` takes away: the white space of Unicode."""
UPPER, LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_LOWERED, _RAISED = str.maketrans(UPPER, LOWER), str.maketrans(LOWER, UPPER)


# -- text --------------------------------------------------------------------------------------------------------


def lower(text: str) -> str:
    """The letters A to Z as small ones."""
    return values.nfc(text.translate(_LOWERED))


def upper(text: str) -> str:
    """The letters a to z as capital ones."""
    return values.nfc(text.translate(_RAISED))


def trim(text: str) -> str:
    """Without white space at both ends."""
    return text.strip(WHITE)


def substring(text: str, start: int, end: int) -> str:
    """From one position up to another, as far as there are such."""
    return text[max(0, start) : max(0, end)]


def replace(text: str, old: str, new: str) -> str:
    """Every occurrence replaced; of nothing there is none."""
    return values.nfc(text.replace(old, new)) if old else text


def split(text: str, at: str) -> list[str]:
    """The parts between."""
    return text.split(at)


def join(items: Sequence[str | None], between: str) -> str:
    """The items one after the other."""
    return values.nfc(between.join(one for one in items if one is not None))


def index_of(text: str, part: str) -> int:
    """The first position of a part, or -1."""
    return text.find(part)


# -- times -------------------------------------------------------------------------------------------------------


def truncate_date(day: date, unit: str) -> date:
    """The first day of the unit that a day lies in."""
    if unit == "year":
        return day.replace(month=1, day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "month":
        return day.replace(day=1)
    if unit == "week":
        return date.fromordinal(day.toordinal() - day.weekday())
    return day


def truncate_datetime(instant: datetime, unit: str) -> datetime:
    """The first instant of the unit that an instant lies in."""
    if unit == "second":
        return instant.replace(microsecond=0)
    if unit == "minute":
        return instant.replace(second=0, microsecond=0)
    if unit == "hour":
        return instant.replace(minute=0, second=0, microsecond=0)
    day = truncate_date(instant.date(), unit)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def add_months_date(day: date, by: int) -> date:
    """So many months later; the last day of a month where that one is shorter."""
    months = day.year * 12 + day.month - 1 + by
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def add_months_datetime(instant: datetime, by: int) -> datetime:
    """The same for an instant, at the same time of day."""
    day = add_months_date(instant.date(), by)
    return instant.replace(year=day.year, month=day.month, day=day.day)


# -- numbers -----------------------------------------------------------------------------------------------------


def divide(number: int, by: int) -> int:
    """The whole part of a quotient, cut towards zero."""
    found = abs(number) // abs(by)
    return found if (number < 0) == (by < 0) else -found


def remainder(number: int, by: int) -> int:
    """What such a division leaves; it has the sign of the number."""
    return number - divide(number, by) * by


def rounded(number: int, by: int) -> int:
    """With so many digits less, halves away from zero."""
    unit = 10**by
    found: int = (2 * abs(number) + unit) // (2 * unit)
    return -found if number < 0 else found


# -- lists -------------------------------------------------------------------------------------------------------


def item(items: Sequence[Any], number: int) -> Any:
    """The item at a position, counted from 0; none where there is no such."""
    return items[number] if 0 <= number < len(items) else None


def first(items: Sequence[Any]) -> Any:
    """The first item."""
    return items[0] if items else None


def last(items: Sequence[Any]) -> Any:
    """The last item."""
    return items[-1] if items else None


def _there(items: Sequence[Any]) -> list[Any]:
    """The items without those that the reader may not see, which are absent."""
    return [one for one in items if one is not None]


def least(items: Sequence[Any]) -> Any:
    """The smallest item."""
    return min(_there(items), default=None)


def most(items: Sequence[Any]) -> Any:
    """The largest item."""
    return max(_there(items), default=None)


def total(items: Sequence[Any]) -> int:
    """The items added up."""
    return sum(_there(items))


def ordered(items: Sequence[Any]) -> list[Any]:
    """The items from the smallest to the largest."""
    return sorted(_there(items))


def distinct(items: Sequence[Any]) -> list[Any]:
    """Each item once, where it came first."""
    return list(dict.fromkeys(_there(items)))


_PLAIN: dict[str, Callable[..., Any]] = {
    "lowerAscii": lower,
    "upperAscii": upper,
    "trim": trim,
    "substring": substring,
    "replace": replace,
    "split": split,
    "join": join,
    "indexOf": index_of,
    "year": operator.attrgetter("year"),
    "month": operator.attrgetter("month"),
    "day": operator.attrgetter("day"),
    "weekday": lambda moment: moment.isoweekday(),
    "hour": operator.attrgetter("hour"),
    "minute": operator.attrgetter("minute"),
    "second": operator.attrgetter("second"),
    "abs": abs,
    "greatest": max,
    "least": min,
    "div": divide,
    "mod": remainder,
    "round": rounded,
    "at": item,
    "first": first,
    "last": last,
    "min": least,
    "max": most,
    "sum": total,
    "sort": ordered,
    "distinct": distinct,
}
_BY_FORM: dict[str, dict[str, Callable[..., Any]]] = {
    "truncate": {"date": truncate_date, "datetime": truncate_datetime},
    "addMonths": {"date": add_months_date, "datetime": add_months_datetime},
}


def function_of(node: Apply) -> Callable[..., Any]:
    """What computes a function over the values of closures."""
    by_form = _BY_FORM.get(node.function)
    return _PLAIN[node.function] if by_form is None else by_form[node.args[0].form.kind]


_WRITTEN_OUT = frozenset({"round", "truncate"})


def given(node: Apply) -> tuple[Node, ...]:
    """The arguments that are computed; what says how to compute is a constant of the statement."""
    return node.args[:1] if node.function in _WRITTEN_OUT else node.args


def constant(node: Apply, number: int) -> Any:
    """An argument that is a constant.

    Raises:
        ValueError: it is not.
    """
    argument = node.args[number]
    if not isinstance(argument, Constant):
        raise ValueError(f"`{node.function}` takes a constant")
    return argument.value


# -- for SQLite --------------------------------------------------------------------------------------------------


def _over_list(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function over stored lists: JSON in, and JSON out where it gives a list."""

    def call(text: str, *more: Any) -> Any:
        found = function(json.loads(text), *more)
        return values.canonical_json(found) if isinstance(found, list) else found

    return call


def _over_day(function: Callable[..., date]) -> Callable[..., str]:
    return lambda day, *more: function(date.fromisoformat(day), *more).isoformat()


def _over_instant(function: Callable[..., datetime]) -> Callable[..., str]:
    return lambda instant, *more: values.datetime_text(function(datetime.fromisoformat(instant), *more))


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return call


_REGISTERED: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("archwright_lowerAscii", 1, lower),
    ("archwright_upperAscii", 1, upper),
    ("archwright_trim", 1, trim),
    ("archwright_substring", 3, substring),
    ("archwright_replace", 3, replace),
    ("archwright_split", 2, lambda text, at: values.canonical_json(split(text, at))),
    ("archwright_join", 2, _over_list(join)),
    ("archwright_matches", 2, matches),
    ("archwright_weekday", 1, lambda moment: date.fromisoformat(moment[:10]).isoweekday()),
    ("archwright_date_truncate", 2, _over_day(truncate_date)),
    ("archwright_datetime_truncate", 2, _over_instant(truncate_datetime)),
    ("archwright_date_addMonths", 2, _over_day(add_months_date)),
    ("archwright_datetime_addMonths", 2, _over_instant(add_months_datetime)),
    ("archwright_round", 2, rounded),
    *((f"archwright_{name}", 1, _over_list(_PLAIN[name]))
      for name in ("first", "last", "min", "max", "sum", "sort", "distinct")),
    ("archwright_at", 2, _over_list(item)),
)  # fmt: skip


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the functions of this table."""
    for name, arguments, function in _REGISTERED:
        connection.create_function(name, arguments, _strict(function), deterministic=True)
