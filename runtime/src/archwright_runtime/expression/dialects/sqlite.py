"""The SQL of SQLite; what it cannot say exactly is a registered function."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from .. import library, values
from ..dialect import Dialect
from ..tree import Apply, Form


class SQLite(Dialect):
    """Text has the collation BINARY, times are their wire form, truths are 0 and 1."""

    name = "sqlite"

    def cast(self, mark: str, form: Form, array: bool = False) -> str:
        """A parameter; values have the type that they are bound with."""
        return mark

    def null(self, form: Form) -> str:
        """An absent value."""
        return "NULL"

    def ordered(self, sql: str, form: Form) -> str:
        """A value as one side of ``<`` and the like."""
        return sql

    def search(self, mode: str, value: str, part: str) -> str:
        """Whether a text starts with, ends with or contains a part."""
        if mode == "starts":
            return f"(substr({value}, 1, length({part})) = {part})"
        if mode == "ends":
            return f"({part} = '' AND {value} IS NOT NULL OR substr({value}, -length({part})) = {part})"
        if mode == "matches":
            return f"archwright_matches({value}, {part})"
        return f"(instr({value}, {part}) > 0)"

    def text_size(self, sql: str) -> str:
        """The code points of a text."""
        return f"length({sql})"

    def list_size(self, sql: str) -> str:
        """The items of a stored list."""
        return f"json_array_length({sql})"

    def items(self, sql: str, item: Form, alias: str) -> str:
        """A subquery of the items of a stored list."""
        return f"SELECT {alias}.value FROM json_each({sql}) AS {alias} WHERE {alias}.value IS NOT NULL"

    def list(self, parts: Sequence[tuple[str, Form]]) -> str:
        """A list of values in its stored form."""
        items = [
            f"json(CASE WHEN {sql} THEN 'true' WHEN NOT {sql} THEN 'false' ELSE 'null' END)"
            if form.kind == "bool"
            else sql
            for sql, form in parts
        ]
        return f"json_array({', '.join(items)})"

    def concat(self, parts: Sequence[str]) -> str:
        """Texts, one after the other, normalised."""
        return f"archwright_nfc({' || '.join(parts)})"

    def text(self, sql: str, form: Form, alias: str) -> str:
        """A value as the text of the wire."""
        match form.kind:
            case "bool":
                return f"(CASE WHEN {sql} THEN 'true' WHEN NOT {sql} THEN 'false' END)"
            case "int":
                return f"CAST({sql} AS TEXT)"
            case "decimal" | "money":
                return f"archwright_decimal_text({sql}, {form.scale})"
            case "duration":
                return f"archwright_duration_text({sql})"
            case _:
                return sql

    def shift(self, sql: str, by: str, form: Form, sign: str) -> str:
        """A date or datetime moved by microseconds."""
        return f"archwright_{form.kind}_shift({sql}, {sign}({by}))"

    def between(self, later: str, earlier: str, form: Form) -> str:
        """Microseconds between two dates or datetimes."""
        return f"archwright_{form.kind}_between({later}, {earlier})"

    def day(self, sql: str) -> str:
        """The UTC date of a datetime."""
        return f"substr({sql}, 1, 10)"

    def total(self, sql: str, limit: int) -> str:
        """The sum of a group, added up in halves because the database fails where 64 bits are left."""
        return f"archwright_total(sum({sql} >> 32), sum({sql} & 4294967295), {limit})"

    def average(self, sql: str, by: int) -> str:
        """The average of a group, in whole numbers."""
        return f"archwright_average(sum({sql} >> 32), sum({sql} & 4294967295), count({sql}), {by})"

    def apply(self, node: Apply, args: Sequence[str], alias: str) -> str:
        """A function of the library; most are registered."""
        written = _WRITTEN.get(node.function)
        if written is not None:
            return written.format(*args)
        if node.function == "truncate":
            return f"archwright_{node.args[0].form.kind}_truncate({args[0]}, '{library.constant(node, 1)}')"
        if node.function == "addMonths":
            return f"archwright_{node.args[0].form.kind}_addMonths({', '.join(args)})"
        if node.function == "round":
            return f"archwright_round({args[0]}, {library.constant(node, 1)})"
        return f"archwright_{node.function}({', '.join(args)})"

    def forgets_absence(self, node: Apply) -> bool:
        """Never: scalar functions of SQLite, and those registered, are NULL where an argument is."""
        return False

    def repeats(self, node: Apply) -> bool:
        """Never."""
        return False


_WRITTEN = {
    "indexOf": "(instr({0}, {1}) - 1)",
    "year": "CAST(substr({0}, 1, 4) AS INTEGER)",
    "month": "CAST(substr({0}, 6, 2) AS INTEGER)",
    "day": "CAST(substr({0}, 9, 2) AS INTEGER)",
    "hour": "CAST(substr({0}, 12, 2) AS INTEGER)",
    "minute": "CAST(substr({0}, 15, 2) AS INTEGER)",
    "second": "CAST(substr({0}, 18, 2) AS INTEGER)",
    "abs": "abs({0})",
    "greatest": "max({0}, {1})",
    "least": "min({0}, {1})",
    "div": "({0} / {1})",
    "mod": "({0} % {1})",
}


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return call


def _shift_date(day: str, by: int) -> str:
    return values.shift_date(date.fromisoformat(day), by).isoformat()


def _shift_datetime(instant: str, by: int) -> str:
    return values.datetime_text(values.shift_datetime(datetime.fromisoformat(instant), by))


def _date_between(later: str, earlier: str) -> int:
    return values.between(date.fromisoformat(later), date.fromisoformat(earlier))


def _datetime_between(later: str, earlier: str) -> int:
    return values.between(datetime.fromisoformat(later), datetime.fromisoformat(earlier))


def _total(high: int | None, low: int | None, limit: int) -> int:
    return 0 if high is None or low is None else values.clamp((high << 32) + low, limit)


def _average(high: int | None, low: int | None, count: int, by: int) -> int | None:
    return None if high is None or low is None else values.average((high << 32) + low, count, by)


_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("archwright_nfc", 1, _strict(values.nfc)),
    ("archwright_decimal_text", 2, _strict(values.decimal_text)),
    ("archwright_duration_text", 1, _strict(values.duration_text)),
    ("archwright_date_shift", 2, _strict(_shift_date)),
    ("archwright_datetime_shift", 2, _strict(_shift_datetime)),
    ("archwright_date_between", 2, _strict(_date_between)),
    ("archwright_datetime_between", 2, _strict(_datetime_between)),
    ("archwright_total", 3, _total),
    ("archwright_average", 4, _average),
)


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that compiled expressions call."""
    for name, arguments, function in _FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    library.register(connection)
