"""A select of the plan for one set of rules: the projection, the conditions, the order.

Its rules:

* One statement, whatever is nested: references are joined, lists of rows are subqueries that give JSON.
* A member that depends on a field which no rule allows is left out; one that depends on a field which some rules allow
  is left out of the rows for which none of them holds.
* Nested rows apply the read rules of their own entity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..expression import tree
from ..plan import Column, Expr, Select, Sort
from .expressions import expression_type, is_name, own_fields
from .forms import Form, nested, sql_type
from .shape import WIDEST, Layout, Shape, list_maker, opened_maker, record_maker, waiting_maker
from .statement import Row, Statement

_JSON = {
    "postgresql": ("json_build_array", "(SELECT coalesce(json_agg(j.e), '[]'::json) FROM ({}) AS j)"),
    "sqlite": ("json_array", "json((SELECT json_group_array(json(j.e)) FROM ({}) AS j))"),
}


@dataclass
class _Member:
    """One member of a row before it has a place."""

    column: Column
    sql: str
    form: Form | None = None
    visible: str | None = None
    rows: Row | None = None
    """The joined row of a nested record."""
    nested: Shape | None = None
    """The shape of the rows of a nested list."""
    sealed: str | None = None
    """The encrypted field whose value this is."""


class Projection:
    """Writes the members of a select into a layout.

    Args:
        inside: the columns become elements of JSON.
        grouped: a member is about many rows, and so never absent from one.
    """

    def __init__(self, statement: Statement, layout: Layout, *, inside: bool = False, grouped: bool = False) -> None:
        self._statement = statement
        self._layout = layout
        self._inside = inside
        self._grouped = grouped

    def write(self, select: Select, row: Row) -> Shape:
        """The shape of the rows that the layout now gives."""
        members = [member for column in select.columns if (member := self._member(column, row)) is not None]
        start = self._layout.reserve([member.sql for member in members])
        shape = Shape(tuple(member.column.name for member in members), start, flat=select.flat)
        if self._statement.schema.plan.wire.nulls:
            shape.whole = dict.fromkeys(column.name for column in select.columns)
        for number, member in enumerate(members):
            self._finish(shape, member, start + number, row)
        return shape

    def _member(self, column: Column, row: Row) -> _Member | None:
        if column.rows is not None:
            return self._nested(column, column.rows, row)
        if column.call is not None:
            return self._called(column, row)
        if column.value is None or not reachable(self._statement, column.value, row):
            return None
        sealed = _sealed_field(column.value, row)
        if sealed is not None:
            return _Member(column, row.field(sealed), visible=self._visible(column.value, row), sealed=sealed)
        type = column.type or expression_type(column.value)
        sql = self._statement.sql(column.value, this=row)
        if self._inside:
            sql = nested(type, self._statement.schema.dialect, sql)
        visible = None if self._grouped else self._visible(column.value, row)
        return _Member(column, sql, self._statement.schema.form(type), visible)

    def _visible(self, value: Expr, row: Row) -> str | None:
        return row.visible(tuple(dict.fromkeys(own_fields(value))))

    def _called(self, column: Column, row: Row) -> _Member | None:
        """What a call needs is read beside the members; whoever may not read all of it does not get the result."""
        given = column.arguments.values()
        if not all(reachable(self._statement, value, row) for value in given):
            return None
        read = dict.fromkeys(name for value in given for name in own_fields(value))
        return _Member(column, "NULL", visible=row.visible(tuple(read)))

    def _nested(self, column: Column, select: Select, row: Row) -> _Member | None:
        via = select.via or column.name
        if via in row.table.entity.fields:
            return self._record(column, select, row, via)
        if not relation_reachable(self._statement, row, via):
            return None
        sql, shape = self._list(select, row, via)
        return _Member(column, sql, nested=shape, visible=self._visible_link(row, via))

    def _visible_link(self, row: Row, via: str) -> str | None:
        """A many-to-many link is a member like a field; the rows behind a reverse reference speak for themselves."""
        relation = self._statement.schema.relation(row.table.name, via)
        return row.visible_relation(via) if relation is not None and relation.field is None else None

    def _record(self, column: Column, select: Select, row: Row, via: str) -> _Member | None:
        visible = row.visible((via,))
        if visible == "FALSE":
            return None
        joined = row.follow(via)
        if select.where is not None:
            condition = self._statement.restriction(select.where, joined)
            return _Member(column, f"CASE WHEN {condition} THEN {joined.id} END", visible=visible, rows=joined)
        return _Member(column, joined.id, visible=visible, rows=joined)

    def _list(self, select: Select, row: Row, via: str) -> tuple[str, Shape]:
        statement = self._statement
        among = row.among(via)
        item = among.row
        layout = Layout()
        shape = Projection(statement, layout, inside=True).write(select, item)
        where = None if select.where is None else statement.restriction(select.where, item)
        order = ", ".join((*order_by(statement, select.order, item), item.id))
        make, gather = _JSON[statement.schema.dialect]
        shape.wide = len(layout.columns) > WIDEST
        row_of = _array(make, layout.columns)
        rows = f"{among.select(f'{row_of} AS e', where)} ORDER BY {order} LIMIT {int(select.limit)}"
        return gather.format(rows), shape

    def _finish(self, shape: Shape, member: _Member, place: int, row: Row) -> None:
        name = member.column.name
        if member.visible is not None:
            shape.flags.append((name, self._layout.extra(member.visible)))
        if member.column.call is not None:
            given = tuple(Column(name=key, value=value) for key, value in member.column.arguments.items())
            arguments = self.write(Select(entity=row.table.name, columns=given), row)
            shape.makers.append((name, waiting_maker(arguments)))
        elif member.rows is not None and member.column.rows is not None:
            shape.makers.append((name, record_maker(self.write(member.column.rows, member.rows), place)))
        elif member.nested is not None:
            shape.makers.append((name, list_maker(member.nested, place)))
        elif member.sealed is not None:
            shape.makers.append((name, self._opened(member.sealed, place, row)))
        elif member.form is not None:
            self._convert(shape, name, member.form)

    def _convert(self, shape: Shape, name: str, form: Form) -> None:
        wire, value = (form.nested_wire, form.nested_value) if self._inside else (form.wire, form.value)
        if wire is not None or value is not None:
            shape.converts.append((name, wire, value))

    def _opened(self, field: str, place: int, row: Row) -> Any:
        schema, table = self._statement.schema, row.table
        column = table.columns[field]

        def opens(id: str, sealed: str) -> Any:
            return schema.unseal(table, column, id, sealed)

        return opened_maker(place, self._layout.extra(row.id), opens, column.form.value_to_wire)


def _array(make: str, columns: Sequence[str]) -> str:
    """A row as JSON: an array of its columns, of arrays of them where they are too many for one."""
    if len(columns) <= WIDEST:
        return f"{make}({', '.join(columns)})"
    parts = [columns[first : first + WIDEST] for first in range(0, len(columns), WIDEST)]
    return f"{make}({', '.join(_array(make, part) for part in parts)})"


def order_by(statement: Statement, sorts: Sequence[Sort], row: Row) -> Iterator[str]:
    """The terms of an order; an absent value is the largest, on both databases."""
    for sort in sorts:
        yield ordered(sort_sql(statement, sort, row), sort.descending, sort.optional)


def sort_sql(statement: Statement, sort: Sort, row: Row) -> str:
    """What a sort orders by; text goes by code point, also where it was computed."""
    sql = statement.sql(sort.value, this=row)
    if statement.schema.postgresql and sql_type(expression_type(sort.value)) == "text":
        return f'({sql}) COLLATE "C"'
    return sql


def ordered(sql: str, descending: bool, optional: bool) -> str:
    """One term of an order."""
    direction = " DESC" if descending else ""
    if not optional:
        return f"{sql}{direction}"
    return f"{sql}{direction} NULLS {'FIRST' if descending else 'LAST'}"


def reachable(statement: Statement, value: Expr, row: Row) -> bool:
    """Whether some rule allows every field that an expression reads; members of the caller are always known."""
    if not row.guarded:
        return True
    for node in tree.walk(tree.decode(value)):
        if not isinstance(node, tree.Field) or not node.entity or is_name(node.of, "caller"):
            continue
        if node.field not in statement.schema.plan.entities[node.entity].fields:
            continue
        if not any(node.field in rule.fields for rule in statement.rules(node.entity)):
            return False
    return True


def relation_reachable(statement: Statement, row: Row, name: str) -> bool:
    """Whether the rows of a relation may be read at all."""
    relation = statement.schema.relation(row.table.name, name)
    if relation is None or not row.guarded:
        return relation is not None
    if relation.field is None:
        return bool(statement.rules(relation.entity)) and row.visible_relation(name) != "FALSE"
    return any(relation.field in rule.fields for rule in statement.rules(relation.entity))


def _sealed_field(value: Expr, row: Row) -> str | None:
    """The encrypted field of this row that an expression is; nothing else can be done with one."""
    node = tree.decode(value)
    if not isinstance(node, tree.Field) or not is_name(node.of, "this"):
        return None
    field = row.table.entity.fields.get(node.field)
    return node.field if field is not None and field.encrypted else None
