"""Statements that carry out a phase's changes on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .changes import (
    AddColumn,
    AddIndex,
    AddWords,
    Change,
    ChangeType,
    CreateTable,
    DropColumn,
    DropDefault,
    DropIndex,
    DropTables,
    DropWords,
    Fill,
    RenameColumn,
    RenameTable,
    SetNullable,
    SetReference,
    SetRequired,
    Verify,
    apply,
)
from .ddl import (
    Dialect,
    column_definition,
    create_index,
    create_table,
    drop_index,
    fill,
    foreign_key,
    primary_key,
    stored_type,
    verify,
)
from .names import index_name, key_name, quote, reference_name
from .schema import Column, Schema, Table
from .words import postgresql as kept_words

_DIALECT = Dialect.POSTGRESQL


def statements(schema: Schema, changes: Sequence[Change]) -> list[str]:
    """The statements for one phase, which starts at ``schema``."""
    made: list[str] = []
    references: list[str] = []
    for change in changes:
        after = apply(schema, change)
        made.extend(_one(schema, after, change))
        if isinstance(change, CreateTable):
            references.extend(_references(change.table))
        schema = after
    # Tables may refer to each other in circles, so references follow when all tables are there.
    return made + [_add_reference(schema, *pair.split("\0")) for pair in references]


def _references(table: Table) -> Iterator[str]:
    return (f"{table.id}\0{column.id}" for column in table.columns if column.references)


def _add_reference(schema: Schema, table_id: str, column_id: str) -> str:
    table = schema.table(table_id)
    return f"ALTER TABLE {quote(table.name)} ADD {foreign_key(schema, table, table.column(column_id))}"


def _one(before: Schema, after: Schema, change: Change) -> Iterator[str]:
    match change:
        case CreateTable(table):
            lines = [column_definition(column, _DIALECT) for column in table.columns]
            key = f"CONSTRAINT {quote(key_name(table.name))} {primary_key(table)}"
            yield create_table(table.name, [*lines, key])
            yield from (create_index(table, index) for index in table.indexes)
            yield from (statement for words in table.words for statement in kept_words(table, words))
        case DropTables(tables):
            yield f"DROP TABLE {', '.join(quote(table.name) for table in tables)}"
        case RenameTable(table_id, _, _):
            yield from _renamed_table(before.table(table_id), after.table(table_id))
        case RenameColumn(table_id, column_id, _, _):
            yield from _renamed_column(before.table(table_id), after.table(table_id), column_id)
        case AddIndex(table_id, index):
            yield create_index(after.table(table_id), index)
        case DropIndex(table_id, index):
            yield drop_index(before.table(table_id), index)
        case AddWords(table_id, words):
            yield from kept_words(after.table(table_id), words)
        case DropWords(table_id, words):
            yield _alter(before.table(table_id), f"DROP COLUMN {quote(words.name)}")
        case AddColumn(table_id, column):
            yield _alter(after.table(table_id), f"ADD COLUMN {column_definition(column, _DIALECT)}")
            if column.references:
                yield _add_reference(after, table_id, column.id)
        case DropColumn(table_id, column_id):
            table = before.table(table_id)
            yield _alter(table, f"DROP COLUMN {quote(table.column(column_id).name)}")
        case _:
            yield from _column(before.table(change.table), after, change)


def _column(before: Table, schema: Schema, change: Change) -> Iterator[str]:
    assert not isinstance(
        change, (CreateTable, DropTables, RenameTable, AddColumn, AddIndex, DropIndex, AddWords, DropWords)
    )
    table = schema.table(change.table)
    column = table.column(change.column)
    match change:
        case SetNullable():
            yield _alter_column(table, column, "DROP NOT NULL")
        case SetRequired():
            yield _alter_column(table, column, "SET NOT NULL")
        case DropDefault():
            yield _alter_column(table, column, "DROP DEFAULT")
        case Fill(_, _, value):
            yield fill(table, column, value, _DIALECT)
        case Verify():
            yield from verify(table, column, _DIALECT)
        case ChangeType():
            yield from _changed_type(table, before.column(column.id), column, change)
        case SetReference():
            if before.column(column.id).references:
                yield _alter(table, f"DROP CONSTRAINT {quote(reference_name(table.name, column))}")
            if column.references:
                yield _add_reference(schema, table.id, column.id)


def _changed_type(table: Table, old: Column, new: Column, change: ChangeType) -> Iterator[str]:
    name, type_ = quote(new.name), stored_type(new, _DIALECT)
    if change.conversion.instant:
        yield _alter_column(table, new, f"TYPE {type_} USING {name}::timestamp AT TIME ZONE 'UTC'")
    elif stored_type(old, _DIALECT) != type_:
        yield _alter_column(table, new, f"TYPE {type_}")
    if change.conversion.factor != 1:
        yield f"UPDATE {quote(table.name)} SET {name} = {name} * {change.conversion.factor} WHERE {name} IS NOT NULL"


def _renamed_table(before: Table, after: Table) -> Iterator[str]:
    if before.name == after.name:
        return
    yield f"ALTER TABLE {quote(before.name)} RENAME TO {quote(after.name)}"
    yield _rename_constraint(after, key_name(before.name), key_name(after.name))
    for old, new in zip(before.columns, after.columns, strict=True):
        if new.references:
            names = reference_name(before.name, old), reference_name(after.name, new)
            yield _rename_constraint(after, *names)
    yield from _renamed_indexes(before, after)


def _renamed_column(before: Table, after: Table, column_id: str) -> Iterator[str]:
    old, new = before.column(column_id), after.column(column_id)
    if old.name == new.name:
        return
    yield _alter(after, f"RENAME COLUMN {quote(old.name)} TO {quote(new.name)}")
    if new.references:
        yield _rename_constraint(after, reference_name(after.name, old), reference_name(after.name, new))
    yield from _renamed_indexes(before, after)


def _renamed_indexes(before: Table, after: Table) -> Iterator[str]:
    for index in after.indexes:
        old, new = index_name(before, index), index_name(after, index)
        if old != new:
            yield f"ALTER INDEX {quote(old)} RENAME TO {quote(new)}"


def _rename_constraint(table: Table, old: str, new: str) -> str:
    return _alter(table, f"RENAME CONSTRAINT {quote(old)} TO {quote(new)}")


def _alter(table: Table, what: str) -> str:
    return f"ALTER TABLE {quote(table.name)} {what}"


def _alter_column(table: Table, column: Column, what: str) -> str:
    return _alter(table, f"ALTER COLUMN {quote(column.name)} {what}")
