"""The functions of the library in the SQL of PostgreSQL; each gives what Python gives, and none can fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...errors import PlanError
from ..library import LOWER, UPPER, WHITE, constant
from ..tree import Apply, Form

_LARGEST = 2_147_483_646
_TYPES = {
    "int": "bigint",
    "decimal": "bigint",
    "money": "bigint",
    "duration": "bigint",
    "bool": "boolean",
    "date": "date",
    "datetime": "timestamptz",
}
_COUNTED = frozenset({"int", "decimal", "money", "duration"})
FORGETTING = frozenset({"substring", "greatest", "least", "join", "sort", "distinct", "sum", "split"})
"""Functions whose SQL has a value where an argument is NULL."""
REPEATING = frozenset({"substring", "split", "round", "at"})
"""Functions whose SQL holds an argument more than once."""

_WHITE = f"U&'{''.join(f'{chr(92)}{ord(one):04X}' for one in WHITE)}'"
_WRITTEN = {
    "lowerAscii": f"normalize(translate({{0}}, '{UPPER}', '{LOWER}'), NFC)",
    "upperAscii": f"normalize(translate({{0}}, '{LOWER}', '{UPPER}'), NFC)",
    "trim": f"btrim({{0}}, {_WHITE})",
    "replace": "normalize(replace({0}, {1}, {2}), NFC)",
    "indexOf": "(strpos({0}, {1}) - 1)::bigint",
    "abs": "abs({0})",
    "greatest": "greatest({0}, {1})",
    "least": "least({0}, {1})",
    "div": "({0} / {1})",
    "mod": "({0} % {1})",
}
_PARTS = {"year": "year", "month": "month", "day": "day", "weekday": "isodow", "hour": "hour", "minute": "minute"}


def written(node: Apply, args: Sequence[str], alias: str) -> str:
    """The SQL of a function.

    Raises:
        PlanError: a database does not compute it.
    """
    plain = _WRITTEN.get(node.function)
    if plain is not None:
        return plain.format(*args)
    special = _SPECIAL.get(node.function)
    if special is None:
        raise PlanError(f"a database cannot compute `{node.function}`")
    return special(node, args, alias)


def _substring(node: Apply, args: Sequence[str], alias: str) -> str:
    start, end = (f"least(greatest({one}, 0), {_LARGEST})" for one in args[1:])
    return f"substr({args[0]}, ({start} + 1)::integer, greatest({end} - {start}, 0)::integer)"


def _split(node: Apply, args: Sequence[str], alias: str) -> str:
    return (
        f"(CASE WHEN {args[0]} = '' THEN '[\"\"]' ELSE array_to_json(string_to_array({args[0]}, {args[1]}))::text END)"
    )


def _local(sql: str, form: Form) -> str:
    return f"({sql} AT TIME ZONE 'UTC')" if form.kind == "datetime" else sql


def _part(node: Apply, args: Sequence[str], alias: str) -> str:
    return f"extract({_PARTS[node.function]} FROM {_local(args[0], node.args[0].form)})::bigint"


def _second(node: Apply, args: Sequence[str], alias: str) -> str:
    return f"floor(extract(second FROM {_local(args[0], node.args[0].form)}))::bigint"


def _truncate(node: Apply, args: Sequence[str], alias: str) -> str:
    unit = constant(node, 1)
    if node.args[0].form.kind == "date":
        return f"date_trunc('{unit}', {args[0]}::timestamp)::date"
    return f"(date_trunc('{unit}', {_local(args[0], node.args[0].form)}) AT TIME ZONE 'UTC')"


def _add_months(node: Apply, args: Sequence[str], alias: str) -> str:
    by = f"make_interval(months => ({args[1]})::integer)"
    if node.args[0].form.kind == "date":
        return f"({args[0]} + {by})::date"
    return f"(({_local(args[0], node.args[0].form)} + {by}) AT TIME ZONE 'UTC')"


def _round(node: Apply, args: Sequence[str], alias: str) -> str:
    unit = 10 ** constant(node, 1)
    return f"(sign({args[0]})::bigint * ((2 * abs({args[0]}) + {unit}) / {2 * unit}))"


def _item(sql: str, form: Form) -> str:
    """A text that JSON held, as a value."""
    type = _TYPES.get(form.kind)
    return f"({sql})::{type}" if type else f"({sql})"


def _at(node: Apply, args: Sequence[str], alias: str) -> str:
    number = f"least(greatest({args[1]}, -1), {_LARGEST})"
    found = _item(f"{args[0]}::json ->> ({number})::integer", node.form)
    return f"(CASE WHEN {args[1]} >= 0 THEN {found} END)"


def _first(node: Apply, args: Sequence[str], alias: str) -> str:
    return _item(f"{args[0]}::json ->> 0", node.form)


def _last(node: Apply, args: Sequence[str], alias: str) -> str:
    return _item(f"{args[0]}::json ->> -1", node.form)


def _elements(sql: str, alias: str) -> str:
    return f"json_array_elements_text({sql}::json) WITH ORDINALITY AS {alias}(item, place)"


def _there(sql: str, alias: str) -> str:
    return f"{_elements(sql, alias)} WHERE {alias}.item IS NOT NULL"


def _stored(form: Form, alias: str) -> str:
    """An item in the type in which lists hold it."""
    if form.kind in _COUNTED:
        return f"{alias}.item::bigint"
    return f"{alias}.item::boolean" if form.kind == "bool" else f'{alias}.item COLLATE "C"'


def _extreme(node: Apply, args: Sequence[str], alias: str) -> str:
    picked = f"{node.function}({_stored(node.form, alias)})"
    value = picked if node.form.kind in _COUNTED else _item(picked, node.form)
    return f"(SELECT {value} FROM {_elements(args[0], alias)})"


def _sum(node: Apply, args: Sequence[str], alias: str) -> str:
    return f"(SELECT coalesce(sum({alias}.item::bigint), 0)::bigint FROM {_elements(args[0], alias)})"


def _join(node: Apply, args: Sequence[str], alias: str) -> str:
    joined = f"string_agg({alias}.item, {args[1]} ORDER BY {alias}.place)"
    return f"(SELECT normalize(coalesce({joined}, ''), NFC) FROM {_elements(args[0], alias)})"


def _sort(node: Apply, args: Sequence[str], alias: str) -> str:
    value = _stored(node.form.items, alias)
    return f"(SELECT coalesce(json_agg({value} ORDER BY {value}), '[]')::text FROM {_there(args[0], alias)})"


def _distinct(node: Apply, args: Sequence[str], alias: str) -> str:
    value = _stored(node.form.items, alias)
    once = f"SELECT {value} AS item, min({alias}.place) AS place FROM {_there(args[0], alias)} GROUP BY {value}"
    return f"(SELECT coalesce(json_agg(d.item ORDER BY d.place), '[]')::text FROM ({once}) AS d)"


_SPECIAL: dict[str, Callable[[Apply, Sequence[str], str], str]] = {
    "substring": _substring,
    "split": _split,
    **dict.fromkeys(_PARTS, _part),
    "second": _second,
    "truncate": _truncate,
    "addMonths": _add_months,
    "round": _round,
    "at": _at,
    "first": _first,
    "last": _last,
    "min": _extreme,
    "max": _extreme,
    "sum": _sum,
    "join": _join,
    "sort": _sort,
    "distinct": _distinct,
}
