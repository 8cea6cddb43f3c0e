"""The single changes that lead from one schema to another, and what each makes of a schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from ..plan import Type
from .schema import Column, Index, Reference, Schema, Stored, Table, Words
from .widening import Conversion


class Phase(Enum):
    """When a change may happen while a service is being replaced, replica by replica."""

    EXPAND = "expand"
    """Before the new plan runs: what the new plan needs and the old one does not notice."""
    BACKFILL = "backfill"
    """While both run: values for what is new."""
    CONTRACT = "contract"
    """After the last replica of the old plan: what only the old plan needed goes away."""


@dataclass(frozen=True)
class CreateTable:
    """A new entity or link."""

    table: Table


@dataclass(frozen=True)
class DropTables:
    """Entities or links that are gone, together, since they may refer to each other."""

    tables: tuple[Table, ...]


@dataclass(frozen=True)
class RenameTable:
    """The same entity under another name."""

    table: str
    name: str
    entity: str


@dataclass(frozen=True)
class AddColumn:
    """A new field."""

    table: str
    column: Column


@dataclass(frozen=True)
class DropColumn:
    """A field that is gone."""

    table: str
    column: str


@dataclass(frozen=True)
class RenameColumn:
    """The same field under another name."""

    table: str
    column: str
    name: str
    field: str


@dataclass(frozen=True)
class SetNullable:
    """A field that may be absent now."""

    table: str
    column: str


@dataclass(frozen=True)
class Fill:
    """Rows without a value get the constant default."""

    table: str
    column: str
    value: Stored


@dataclass(frozen=True)
class SetRequired:
    """A field that is always present now."""

    table: str
    column: str


@dataclass(frozen=True)
class DropDefault:
    """The value that helped the previous plan's writes is not needed any more."""

    table: str
    column: str


@dataclass(frozen=True)
class Verify:
    """Stops the migration when a stored value does not fit a narrower type."""

    table: str
    column: str
    type: Type


@dataclass(frozen=True)
class ChangeType:
    """Another type, and how stored values become values of it."""

    table: str
    column: str
    type: Type
    conversion: Conversion


@dataclass(frozen=True)
class SetReference:
    """Another foreign key, or none."""

    table: str
    column: str
    references: Reference | None


@dataclass(frozen=True)
class AddIndex:
    """A new index or unique key."""

    table: str
    index: Index


@dataclass(frozen=True)
class DropIndex:
    """An index or unique key that is gone."""

    table: str
    index: Index


@dataclass(frozen=True)
class AddWords:
    """The words of some columns are kept from now on."""

    table: str
    words: Words


@dataclass(frozen=True)
class DropWords:
    """Words that nobody looks for any more."""

    table: str
    words: Words


Change = (
    CreateTable
    | DropTables
    | RenameTable
    | AddColumn
    | DropColumn
    | RenameColumn
    | SetNullable
    | Fill
    | SetRequired
    | DropDefault
    | Verify
    | ChangeType
    | SetReference
    | AddIndex
    | DropIndex
    | AddWords
    | DropWords
)


def apply(schema: Schema, change: Change) -> Schema:
    """The schema after one change."""
    match change:
        case CreateTable(table):
            return _sorted((*schema.tables, table))
        case DropTables(tables):
            gone = {table.id for table in tables}
            return _sorted(tuple(table for table in schema.tables if table.id not in gone))
        case _:
            return _sorted(
                tuple(_changed(table, change) if table.id == change.table else table for table in schema.tables)
            )


def _sorted(tables: tuple[Table, ...]) -> Schema:
    return Schema(tables=tuple(sorted(tables, key=lambda table: table.name)))


def _changed(table: Table, change: Change) -> Table:
    match change:
        case RenameTable(_, name, entity):
            return replace(table, name=name, entity=entity)
        case AddColumn(_, column):
            return replace(table, columns=(*table.columns, column))
        case DropColumn(_, column_id):
            return replace(table, columns=tuple(column for column in table.columns if column.id != column_id))
        case AddIndex(_, index):
            return replace(table, indexes=(*table.indexes, index))
        case DropIndex(_, index):
            return replace(table, indexes=tuple(other for other in table.indexes if other != index))
        case AddWords(_, words):
            return replace(table, words=(*table.words, words))
        case DropWords(_, words):
            return replace(table, words=tuple(other for other in table.words if other != words))
        case _:
            return _with_column(table, change)


def _with_column(table: Table, change: Change) -> Table:
    match change:
        case RenameColumn(_, column_id, name, field):
            return _replace(table, column_id, lambda column: replace(column, name=name, field=field))
        case SetNullable(_, column_id):
            return _replace(table, column_id, lambda column: replace(column, nullable=True))
        case SetRequired(_, column_id):
            return _replace(table, column_id, lambda column: replace(column, nullable=False))
        case DropDefault(_, column_id):
            return _replace(table, column_id, lambda column: replace(column, default=None))
        case ChangeType(_, column_id, type_, _):
            return _replace(table, column_id, lambda column: replace(column, type=type_))
        case SetReference(_, column_id, reference):
            return _replace(table, column_id, lambda column: replace(column, references=reference))
        case _:
            return table


def _replace(table: Table, column_id: str, edit: Callable[[Column], Column]) -> Table:
    return replace(table, columns=tuple(edit(column) if column.id == column_id else column for column in table.columns))
