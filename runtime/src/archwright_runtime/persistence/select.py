"""The one statement of a get, a list or a view.

Its rules:

* What a reader asks for (filters, order, place) decides which statement is used, never its text: values are parameters.
* A filter, sort or search sees a column as the reader does: absent where it may not be read.
* The order is total, since the id breaks ties; an absent value is the largest, on both databases.
* Groups are made of readable rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import msgspec

from ..expression import tree
from ..plan import Column, Filter, Search, Select, Sort, Type
from .expressions import expression_type, is_name, own_fields
from .forms import Form, form, parse_instant, sql_type
from .matching import Matching
from .reading import Projection, ordered, sort_sql
from .schema import Schema, Table
from .shape import Layout, Mode
from .statement import Bind, Names, Row, Rules, Source, Statement

Shapes = Callable[[Mode], Callable[[Sequence[Any]], dict[str, Any]]]
PAGE = "$page"
"""The name under which arguments find the page that is wanted."""


class Page(msgspec.Struct):
    """The values of a page request, as parameters are made from them."""

    limit: int
    filters: dict[str, Any] = {}
    search: str | None = None
    after: list[Any] = []
    offset: int = 0


class Variant(NamedTuple):
    """Which parts a statement has.

    Attributes:
        sort: chosen orders, ``-name`` turned around; empty: the plan's own.
        after: for a page after a cursor, which of its keys are absent.
        limit: a usual number of rows, which PostgreSQL plans better for than for a parameter.
    """

    filters: tuple[str, ...] = ()
    search: bool = False
    sort: tuple[str, ...] = ()
    after: tuple[bool, ...] | None = None
    offset: bool = False
    total: bool = False
    single: bool = False
    limit: int | None = None


@dataclass
class Key:
    """One column of the order."""

    sql: str
    descending: bool
    optional: bool
    type: Type
    place: int = 0


@dataclass
class Reading:
    """A statement that reads, and how its records become rows."""

    sql: str
    binds: tuple[Bind, ...]
    shape: Shapes
    keys: list[Key] = field(default_factory=list)
    total: int | None = None
    version: int | None = None
    writes_keys: tuple[tuple[int, Callable[[Any], Any] | None], ...] = ()

    def __post_init__(self) -> None:
        self.wire = self.shape("wire")
        self.value = self.shape("value")

    def arguments(self, names: Names) -> list[Any]:
        """What the statement is run with."""
        return [bind(names) for bind in self.binds]

    def cursor_keys(self, record: Sequence[Any]) -> list[Any]:
        """The place of a record in the order, as JSON values."""
        return [
            record[place] if convert is None or record[place] is None else convert(record[place])
            for place, convert in self.writes_keys
        ]


class Reader:
    """Writes the statements of one select for one set of rules."""

    def __init__(self, schema: Schema, rules: Rules, select: Select, further: Sequence[Column] = ()) -> None:
        self.schema = schema
        self.select = select
        self._further = Select(entity=select.entity, columns=tuple(further))
        self.table: Table = schema.tables[select.entity]
        self.grouped = select.grouped or bool(select.group)
        self._rules = rules
        self._key_counts: dict[tuple[tuple[str, ...], bool], int] = {}
        self._filters = {filter.name: filter for filter in select.filters}
        self._sorts = {sort.name: sort for sort in select.sorts}

    @property
    def readable(self) -> bool:
        """Whether any row could be read at all."""
        return bool(self._rules(self.select.entity))

    @property
    def sort_names(self) -> frozenset[str]:
        """Names of orders that a reader may choose."""
        return frozenset(self._sorts)

    def key_count(self, chosen: Sequence[str], search: bool) -> int:
        """How many values a cursor of this order has."""
        key = (tuple(chosen), search)
        if key not in self._key_counts:
            statement = Statement(self.schema, self._rules)
            self._key_counts[key] = len(
                self._keys(statement, Variant(sort=key[0], search=search), self._row(statement))
            )
        return self._key_counts[key]

    def sorts(self, chosen: Sequence[str]) -> list[Sort]:
        """The order that a reader chose, or the plan's own.

        Raises:
            KeyError: a name that the plan does not allow.
        """
        if not chosen:
            return list(self.select.order)
        found = []
        for name in chosen:
            sort = self._sorts[name.removeprefix("-")]
            found.append(
                Sort(name=sort.name, value=sort.value, descending=name.startswith("-"), optional=sort.optional)
            )
        return found

    def reading(self, variant: Variant) -> Reading:
        """The statement for one variant."""
        statement = Statement(self.schema, self._rules)
        row = self._row(statement)
        layout = Layout()
        shape = shapes(statement, layout, row, self.select, self._further)
        if self.grouped:
            return self._grouped(variant, statement, row, layout, shape)
        keys = [] if variant.single else self._keys(statement, variant, row)
        for key in keys:
            key.place = layout.extra(key.sql)
        version = self._version(layout, row) if variant.single else None
        conditions = self._conditions(statement, variant, row)
        if variant.after is not None:
            conditions.append(self._after(statement, keys, variant.after))
        total = layout.reserve([self._count(statement, variant)]) if variant.total else None
        text = [f"SELECT {', '.join(layout.columns)} FROM {_source(row).text()}", _where(conditions)]
        if keys:
            text.append("ORDER BY " + ", ".join(ordered(key.sql, key.descending, key.optional) for key in keys))
        text.append(self._limit(statement, variant))
        writes = tuple((key.place, _key_form(key.type, self.schema)[0]) for key in keys)
        sql = " ".join(part for part in text if part)
        return Reading(sql, statement.arguments(), shape, keys, total, version, writes)

    def _row(self, statement: Statement) -> Row:
        alias = statement.alias()
        source = Source(f"{self.table.quoted} {alias}")
        return Row(statement, self.table, alias, self._rules(self.select.entity), source)

    def _version(self, layout: Layout, row: Row) -> int | None:
        column = self.table.version
        return None if column is None else layout.extra(row.raw(column.name))

    def _conditions(self, statement: Statement, variant: Variant, row: Row) -> list[str]:
        conditions = []
        readable = row.readable()
        if readable is not None:
            conditions.append(readable)
        if self.select.where is not None:
            conditions.append(statement.restriction(self.select.where, row))
        conditions += [self._filter(statement, self._filters[name], row) for name in variant.filters]
        if variant.search:
            conditions.append(self._search(statement, row))
        return conditions

    # -- filters and search --------------------------------------------------------------------------------------

    def _filter(self, statement: Statement, filter: Filter, row: Row) -> str:
        value = statement.sql(filter.value, this=row)
        name = filter.name
        forms = form(filter.type, self.schema.dialect)
        if filter.operator == "in":
            return self._among(statement, filter, value, forms)
        convert = forms.argument

        def bind(names: Names) -> Any:
            given = names[PAGE].filters[name]
            return given if convert is None else convert(given)

        mark = statement.mark(bind, sql_type(filter.type))
        if filter.operator == "contains":
            return f"strpos({value}, {mark}) > 0" if self.schema.postgresql else f"instr({value}, {mark}) > 0"
        if filter.operator == "startsWith":
            if self.schema.postgresql:
                return f"starts_with({value}, {mark})"
            return f"substr({value}, 1, length({mark})) = {mark}"
        return f"{value} {_OPERATORS[filter.operator]} {mark}"

    def _among(self, statement: Statement, filter: Filter, value: str, forms: Form) -> str:
        name, convert = filter.name, forms.argument

        def items(names: Names) -> list[Any]:
            given = names[PAGE].filters[name]
            return list(given) if convert is None else [convert(item) for item in given]

        if self.schema.postgresql:
            return f"{value} = ANY({statement.mark(items, sql_type(filter.type) + '[]')})"
        mark = statement.mark(lambda names: msgspec.json.encode(items(names)).decode(), "text")
        return f"{value} IN (SELECT value FROM json_each({mark}))"

    def _search(self, statement: Statement, row: Row) -> str:
        if self.table.entity.search is not None:
            return self._matching(statement, row, self.table.entity.search).condition()
        mark = statement.mark(lambda names: names[PAGE].search.lower(), "text")
        parts = []
        for name in self.select.search:
            column = row.field(name)
            if self.schema.postgresql:
                parts.append(f'strpos(lower({column} COLLATE "und-x-icu") COLLATE "C", {mark}) > 0')
            else:
                parts.append(f"instr(archwright_lower({column}), {mark}) > 0")
        return f"({' OR '.join(parts)})" if parts else "FALSE"

    def _matching(self, statement: Statement, row: Row, search: Search) -> Matching:
        return Matching(statement, row, search, self.select.search, lambda names: names[PAGE].search)

    # -- order and place -----------------------------------------------------------------------------------------

    def _keys(self, statement: Statement, variant: Variant, row: Row) -> list[Key]:
        keys = []
        search = self.table.entity.search
        if variant.search and not variant.sort and search is not None:
            rank = self._matching(statement, row, search).rank()
            keys.append(Key(rank, True, False, Type(kind="int")))
        for sort in self.sorts(variant.sort):
            sql = sort_sql(statement, sort, row)
            optional = sort.optional or _may_be_absent(sort, row)
            keys.append(Key(sql, sort.descending, optional, expression_type(sort.value)))
        last = keys[-1].descending if keys else False
        if not any(key.sql == row.id for key in keys):
            keys.append(Key(row.id, last, False, Type(kind="ref")))
        return keys

    def _after(self, statement: Statement, keys: list[Key], absent: tuple[bool, ...]) -> str:
        marks = [
            None if missing else statement.mark(_key_bind(number, key.type, self.schema), sql_type(key.type))
            for number, (key, missing) in enumerate(zip(keys, absent, strict=True))
        ]
        simple = not any(key.optional for key in keys) and len({key.descending for key in keys}) == 1
        if simple and len(keys) > 1:
            operator = "<" if keys[0].descending else ">"
            left, right = ", ".join(key.sql for key in keys), ", ".join(str(mark) for mark in marks)
            return f"({left}) {operator} ({right})"
        return _beyond(list(zip(keys, marks, strict=True)))

    def _limit(self, statement: Statement, variant: Variant) -> str:
        if variant.single:
            return "LIMIT 1"
        if variant.limit is not None:
            text = f"LIMIT {variant.limit + 1}"
        else:
            text = f"LIMIT {statement.mark(lambda names: names[PAGE].limit + 1, 'bigint')}"
        if variant.offset:
            text += f" OFFSET {statement.mark(lambda names: names[PAGE].offset, 'bigint')}"
        return text

    def _count(self, statement: Statement, variant: Variant) -> str:
        row = self._row(statement)
        conditions = self._conditions(statement, variant, row)
        return f"(SELECT count(*) FROM {_source(row).text()} {_where(conditions)})"

    def counting(self, variant: Variant) -> Reading:
        """Only the number of rows, for a page on which there are none."""
        statement = Statement(self.schema, self._rules)
        sql = f"SELECT {self._count(statement, variant)}"
        return Reading(sql, statement.arguments(), lambda mode: lambda record: {})

    # -- groups --------------------------------------------------------------------------------------------------

    def _grouped(self, variant: Variant, statement: Statement, row: Row, layout: Layout, shape: Any) -> Reading:
        conditions = self._conditions(statement, variant, row)
        groups = [row.field(name) for name in self.select.group]
        order = [ordered(sort_sql(statement, sort, row), sort.descending, True) for sort in self.sorts(variant.sort)]
        text = [f"SELECT {', '.join(layout.columns) or '1'} FROM {_source(row).text()}", _where(conditions)]
        if groups:
            text.append(f"GROUP BY {', '.join(groups)}")
            order += [ordered(group, False, True) for group in groups]
        if self.select.having is not None:
            text.append(f"HAVING {statement.condition(self.select.having, this=row)}")
        if order:
            text.append("ORDER BY " + ", ".join(order))
        text.append(self._limit(statement, variant))
        return Reading(" ".join(part for part in text if part), statement.arguments(), shape)


def shapes(statement: Statement, layout: Layout, row: Row, select: Select, further: Select) -> Shapes:
    """How records become rows; members that only later expressions need are not on the wire."""
    grouped = select.grouped or bool(select.group)
    shape = Projection(statement, layout, grouped=grouped).write(select, row)
    if not further.columns:
        return shape.function
    more = Projection(statement, layout).write(further, row)

    def function(mode: Mode) -> Callable[[Sequence[Any]], dict[str, Any]]:
        make = shape.function(mode)
        if mode == "wire":
            return make
        make_more = more.function(mode)
        return lambda record: {**make(record), **make_more(record)}

    return function


_OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _source(row: Row) -> Source:
    if row.source is None:
        raise RuntimeError("the row of a select stands in a FROM clause")
    return row.source


def _may_be_absent(sort: Sort, row: Row) -> bool:
    node = tree.decode(sort.value)
    if node.optional or row.visible(tuple(own_fields(node))) is not None:
        return True
    return any(
        isinstance(part, tree.Field) and part.entity is not None and not is_name(part.of, "this")
        for part in tree.walk(node)
    )


def _beyond(keys: list[tuple[Key, str | None]]) -> str:
    (key, mark), rest = keys[0], keys[1:]
    if mark is None:
        beyond = f"{key.sql} IS NOT NULL" if key.descending else None
        equal = f"{key.sql} IS NULL"
    else:
        beyond = f"{key.sql} {'<' if key.descending else '>'} {mark}"
        if key.optional and not key.descending:
            beyond = f"({beyond} OR {key.sql} IS NULL)"
        equal = f"{key.sql} = {mark}"
    if not rest:
        return beyond or "FALSE"
    further = f"({equal} AND {_beyond(rest)})"
    return f"({beyond} OR {further})" if beyond else further


def _key_form(type: Type, schema: Schema) -> tuple[Callable[[Any], Any] | None, Callable[[Any], Any] | None]:
    """A key of the order to JSON and back to a parameter."""
    if schema.postgresql and type.kind == "date":
        return date.isoformat, date.fromisoformat
    if schema.postgresql and type.kind == "datetime":
        return None, parse_instant
    return None, None


def _key_bind(number: int, type: Type, schema: Schema) -> Bind:
    read = _key_form(type, schema)[1]

    def bind(names: Names) -> Any:
        value = names[PAGE].after[number]
        return value if read is None else read(value)

    return bind
