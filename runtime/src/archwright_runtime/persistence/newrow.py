"""The row after a write, before it is written: for each field the SQL of its new value.

An encrypted value is sealed for its row; HTML loses what could run, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3

from ..expression import Closure, compile_closure, tree
from ..plan import Expr
from .audit import ID, Kind
from .schema import Column, Schema, Table
from .statement import Bind, Names, Row, Statement


@dataclass(frozen=True)
class Value:
    """What a field gets.

    Attributes:
        expression: over ``this`` (the row before an update) and the names of the request.
        given: the author of the write chose it, so the author needs the right to, and to see what it refers to.
    """

    field: str
    expression: Expr
    given: bool = True


class RowAfter:
    """Writes new values for one kind of write."""

    def __init__(self, schema: Schema, table: Table, kind: Kind) -> None:
        self.schema = schema
        self.table = table
        self.kind = kind

    def row(self, statement: Statement, before: Row, values: Sequence[Value]) -> Row:
        """The row with these fields given."""
        new = NewValues()
        if self.kind == "create":
            for column in self.table.columns.values():
                if column.field.generated == "number":
                    continue
                new.add(column.name, _just(self._null(column.cast)))
            new.add(self.table.id.name, lambda: statement.mark(lambda names: names[ID], "text"))
        for value in values:
            if value.field in self.table.columns:
                new.add(value.field, _later(self._value, statement, before, value))
        if self.kind != "delete":
            self._generate(statement, before, new)
        return Row(statement, self.table, self.table.quoted, None, None, new)

    def _null(self, cast: str) -> str:
        return f"NULL::{cast}" if self.schema.postgresql else "NULL"

    def _generate(self, statement: Statement, before: Row, new: NewValues) -> None:
        table = self.table
        if table.version is not None:
            name = table.version.name
            new.add(name, _just("1" if self.kind == "create" else f"{before.raw(name)} + 1"))
        for column in (table.created if self.kind == "create" else None, table.updated):
            if column is not None:
                new.add(column.name, _later(self._now, statement, column))

    def _now(self, statement: Statement, column: Column) -> str:
        convert = column.form.argument
        if convert is None:
            return statement.mark(lambda names: names["now"], column.cast)
        return statement.mark(lambda names: convert(names["now"]), column.cast)

    def _value(self, statement: Statement, before: Row, value: Value) -> str:
        column = self.table.columns[value.field]
        if column.field.encrypted:
            return statement.mark(self._sealed(value), "text")
        if column.field.type.kind == "html" and "this" not in tree.names(value.expression):
            return statement.mark(_sanitised(compile_closure(value.expression)), "text")
        return statement.sql(value.expression, **({} if self.kind == "create" else {"this": before}))

    def _sealed(self, value: Value) -> Bind:
        schema, table, column = self.schema, self.table, self.table.columns[value.field]
        closure = compile_closure(value.expression)

        def bind(names: Names) -> Any:
            plain = closure(names)
            return None if plain is None else schema.seal(table, column, names[ID], plain)

        return bind


def _sanitised(closure: Closure) -> Bind:
    """HTML loses what could run, whoever wrote it."""

    def bind(names: Names) -> Any:
        value = closure(names)
        return None if value is None else nh3.clean(value)

    return bind


class NewValues(Mapping[str, str]):
    """The SQL of each field's new value, written when it is first needed: an unused parameter has no type."""

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[], str]] = {}
        self._made: dict[str, str] = {}

    def add(self, name: str, maker: Callable[[], str]) -> None:
        """State a field's new value."""
        self._makers[name] = maker

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _just(text: str) -> Callable[[], str]:
    return lambda: text


def _later(function: Callable[..., str], *arguments: Any) -> Callable[[], str]:
    return lambda: function(*arguments)
