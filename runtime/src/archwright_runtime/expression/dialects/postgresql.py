"""The SQL of PostgreSQL, from version 14 on, with a database in UTF-8."""

from __future__ import annotations

from collections.abc import Sequence

from ..dialect import TEXTS, Dialect
from ..tree import Apply, Form
from ..values import DAY
from . import postgresql_library

_TYPES = {
    "int": "bigint",
    "decimal": "bigint",
    "money": "bigint",
    "duration": "bigint",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}
_HOUR = 3_600_000_000


class PostgreSQL(Dialect):
    """Columns of text have the collation "C"; a comparison takes it over from them."""

    name = "postgresql"

    def cast(self, mark: str, form: Form, array: bool = False) -> str:
        """A parameter with its type."""
        if array:
            return f"{mark}::{_TYPES.get(form.items.kind, 'text')}[]"
        return f"{mark}::{_TYPES.get(form.kind, 'text')}"

    def null(self, form: Form) -> str:
        """An absent value of a form."""
        return f"NULL::{_TYPES.get(form.kind, 'text')}"

    def ordered(self, sql: str, form: Form) -> str:
        """A value as one side of ``<`` and the like."""
        return f'({sql} COLLATE "C")' if form.kind in TEXTS else sql

    def search(self, mode: str, value: str, part: str) -> str:
        """Whether a text starts with, ends with or contains a part."""
        if mode == "starts":
            return f"starts_with({value}, {part})"
        if mode == "ends":
            return f"(right({value}, char_length({part})) = {part})"
        if mode == "matches":
            return f'({value} COLLATE "C" ~ {part})'
        return f"(strpos({value}, {part}) > 0)"

    def text_size(self, sql: str) -> str:
        """The code points of a text."""
        return f"char_length({sql})::bigint"

    def list_size(self, sql: str) -> str:
        """The items of a stored list."""
        return f"json_array_length({sql}::json)::bigint"

    def items(self, sql: str, item: Form, alias: str) -> str:
        """A subquery of the items of a stored list."""
        type = _TYPES.get(item.kind)
        value = f"{alias}.item::{type}" if type else f"{alias}.item"
        return (
            f"SELECT {value} FROM json_array_elements_text({sql}::json) AS {alias}(item) WHERE {alias}.item IS NOT NULL"
        )

    def list(self, parts: Sequence[tuple[str, Form]]) -> str:
        """A list of values in its stored form."""
        items = [self.text(sql, form, "") if form.kind in ("date", "datetime") else sql for sql, form in parts]
        return f"json_build_array({', '.join(items)})::text"

    def concat(self, parts: Sequence[str]) -> str:
        """Texts, one after the other, normalised."""
        return f"normalize({' || '.join(parts)}, NFC)"

    def text(self, sql: str, form: Form, alias: str) -> str:
        """A value as the text of the wire."""
        match form.kind:
            case "bool":
                return f"(CASE WHEN {sql} THEN 'true' WHEN NOT {sql} THEN 'false' END)"
            case "int":
                return f"{sql}::text"
            case "decimal" | "money":
                unit = "0." + "0" * (form.scale - 1) + "1" if form.scale else "1"
                return f"({sql}::numeric * {unit})::text"
            case "date":
                return f"to_char({sql}, 'YYYY-MM-DD')"
            case "datetime":
                return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
            case "duration":
                return _duration_text(sql, alias)
            case _:
                return sql

    def shift(self, sql: str, by: str, form: Form, sign: str) -> str:
        """A date or datetime moved by microseconds.

        An interval is multiplied in floating point, which is exact for hours and for less than an hour, but not for all
        microseconds at once; and it counts hours, not days, so that the session's time zone has no say.
        """
        if form.kind == "date":
            return f"({sql} {sign} ({by} / {DAY})::integer)"
        hours = f"({by} / {_HOUR}) * interval '1 hour'"
        return f"({sql} {sign} ({hours} + ({by} % {_HOUR}) * interval '1 microsecond'))"

    def between(self, later: str, earlier: str, form: Form) -> str:
        """Microseconds between two dates or datetimes."""
        if form.kind == "date":
            return f"(({later} - {earlier})::bigint * {DAY})"
        return f"(extract(epoch FROM ({later} - {earlier})) * 1000000)::bigint"

    def day(self, sql: str) -> str:
        """The UTC date of a datetime."""
        return f"({sql} AT TIME ZONE 'UTC')::date"

    def total(self, sql: str, limit: int) -> str:
        """The sum of a group, cut at a limit; 0 of nothing."""
        return f"least(greatest(coalesce(sum({sql}), 0), -{limit}), {limit})::bigint"

    def average(self, sql: str, by: int) -> str:
        """The average of a group, in whole numbers so that nothing is rounded twice."""
        total, count = f"sum({sql})", f"nullif(count({sql}), 0)"
        return f"(sign({total}) * div(abs({total}) * {2 * 10**by} + {count}, 2 * {count}))::bigint"

    def apply(self, node: Apply, args: Sequence[str], alias: str) -> str:
        """A function of the library."""
        return postgresql_library.written(node, args, alias)

    def forgets_absence(self, node: Apply) -> bool:
        """Whether the function is one that passes NULL over, or is written with an aggregate."""
        return node.function in postgresql_library.FORGETTING

    def repeats(self, node: Apply) -> bool:
        """Whether it has to look at an argument twice."""
        return node.function in postgresql_library.REPEATING


def _duration_text(sql: str, alias: str) -> str:
    size = f"abs({alias}.value::numeric)"
    hours, rest = f"div({size}, {_HOUR})", f"mod({size}, {_HOUR})"
    minutes, seconds = f"div({rest}, 60000000)", f"trim_scale(mod({size}, 60000000) * 0.000001)"
    return (
        f"(SELECT CASE WHEN {alias}.value IS NULL THEN NULL WHEN {alias}.value = 0 THEN 'PT0S' ELSE"
        f" CASE WHEN {alias}.value < 0 THEN '-PT' ELSE 'PT' END"
        f" || CASE WHEN {hours} > 0 THEN {hours}::text || 'H' ELSE '' END"
        f" || CASE WHEN {minutes} > 0 THEN {minutes}::text || 'M' ELSE '' END"
        f" || CASE WHEN {seconds} > 0 THEN {seconds}::text || 'S' ELSE '' END END"
        f" FROM (SELECT {sql} AS value) AS {alias})"
    )
