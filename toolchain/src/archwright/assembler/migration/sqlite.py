"""Statements that carry out a phase's changes on SQLite.

SQLite alters little in place. Where it cannot, the table is built anew and its rows are copied over, as
https://www.sqlite.org/lang_altertable.html#otheralter describes; several changes of one table share one copy.
With foreign keys enforced, dropping the old table would run ``ON DELETE`` on the rows that point to it, so such
a phase begins with a guard that refuses to run then, and ends with one that checks every reference.
"""

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
    guard,
    literal,
    primary_key,
    reference_clause,
    unique_key,
    verify,
)
from .names import index_name, quote
from .schema import Column, Schema, Table
from .words import sqlite as kept_words
from .words import sqlite_dropped as dropped_words
from .words import sqlite_filled as filled_words
from .words import sqlite_triggers as triggers

_DIALECT = Dialect.SQLITE
_NEW = "archwright_new_"
_Alteration = (
    AddColumn
    | DropColumn
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


def statements(schema: Schema, changes: Sequence[Change]) -> list[str]:
    """The statements for one phase, which starts at ``schema``."""
    made: list[str] = []
    later: dict[str, list[_Alteration]] = {}
    drops: list[DropTables] = []
    created: list[Table] = []
    for change in changes:
        match change:
            case RenameTable() | RenameColumn():
                after = apply(schema, change)
                made.extend(_renamed(schema.table(change.table), after.table(change.table)))
                schema = after
            case CreateTable(table):
                created.append(table)
                schema = apply(schema, change)
            case DropTables():
                drops.append(change)
            case _:
                later.setdefault(change.table, []).append(change)
    for table in created:
        made.extend(_created(schema, table))
    rebuilt = False
    for table_id, alterations in later.items():
        needed = any(_needs_copy(schema.table(table_id), alteration) for alteration in alterations)
        rebuilt |= needed
        made.extend((_rebuilt if needed else _altered)(schema, table_id, alterations))
        for alteration in alterations:
            schema = apply(schema, alteration)
    made.extend(statement for drop in drops for table in drop.tables for statement in _dropped(table))
    return _guarded(made) if rebuilt or drops else made


def _guarded(made: list[str]) -> list[str]:
    off = guard("foreign_keys must be off while this runs", "SELECT foreign_keys FROM pragma_foreign_keys")
    whole = guard("every reference points to a row", "SELECT count(*) FROM pragma_foreign_key_check")
    return [*off, *made, *whole]


def _created(schema: Schema, table: Table) -> Iterator[str]:
    yield create_table(table.name, _lines(schema, table))
    yield from (create_index(table, index) for index in table.indexes)
    yield from (statement for words in table.words for statement in kept_words(table, words))


def _dropped(table: Table) -> Iterator[str]:
    yield f"DROP TABLE {quote(table.name)}"
    yield from (statement for words in table.words for statement in dropped_words(words))


def _lines(schema: Schema, table: Table) -> list[str]:
    # The key has no name here, since SQLite could not rename it with its table.
    key = unique_key(table) if any(column.numbered for column in table.columns) else primary_key(table)
    return [*(_line(schema, column) for column in table.columns), key]


def _line(schema: Schema, column: Column) -> str:
    definition = column_definition(column, _DIALECT)
    return f"{definition} {reference_clause(schema, column)}" if column.references else definition


def _renamed(before: Table, after: Table) -> Iterator[str]:
    if before.name != after.name:
        yield f"ALTER TABLE {quote(before.name)} RENAME TO {quote(after.name)}"
    for old, new in zip(before.columns, after.columns, strict=True):
        if old.name != new.name:
            yield f"ALTER TABLE {quote(after.name)} RENAME COLUMN {quote(old.name)} TO {quote(new.name)}"
    for index in after.indexes:
        if index_name(before, index) != index_name(after, index):
            yield drop_index(before, index)
            yield create_index(after, index)


def _needs_copy(table: Table, alteration: _Alteration) -> bool:
    match alteration:
        case SetNullable() | SetRequired() | DropDefault() | SetReference():
            return True
        case AddColumn(_, column):
            return column.numbered
        case DropColumn(_, column_id):
            return table.column(column_id).references is not None or table.column(column_id).numbered
        case _:
            return False


def _altered(schema: Schema, table_id: str, alterations: Sequence[_Alteration]) -> Iterator[str]:
    for alteration in alterations:
        before = schema.table(table_id)
        schema = apply(schema, alteration)
        yield from _in_place(schema, before, schema.table(table_id), alteration)


def _in_place(schema: Schema, before: Table, after: Table, alteration: _Alteration) -> Iterator[str]:
    match alteration:
        case AddColumn(_, column):
            yield f"ALTER TABLE {quote(after.name)} ADD COLUMN {_line(schema, column)}"
        case DropColumn(_, column_id):
            yield f"ALTER TABLE {quote(after.name)} DROP COLUMN {quote(before.column(column_id).name)}"
        case AddIndex(_, index):
            yield create_index(after, index)
        case DropIndex(_, index):
            yield drop_index(before, index)
        case AddWords(_, words):
            yield from (*kept_words(after, words), *filled_words(after, words))
        case DropWords(_, words):
            yield from (*(f"DROP TRIGGER {quote(name)}" for name in triggers(after, words)), *dropped_words(words))
        case Fill(_, column_id, value):
            yield fill(after, after.column(column_id), value, _DIALECT)
        case Verify(_, column_id, _):
            yield from verify(after, after.column(column_id), _DIALECT)
        case ChangeType(_, column_id, _, conversion) if conversion.changes:
            name = quote(after.column(column_id).name)
            yield f"UPDATE {quote(after.name)} SET {name} = {_converted(name, alteration)} WHERE {name} IS NOT NULL"
        case _:
            return


def _rebuilt(schema: Schema, table_id: str, alterations: Sequence[_Alteration]) -> Iterator[str]:
    """One copy of the table, with every change made on the way."""
    before = schema.table(table_id)
    values = {column.id: quote(column.name) for column in before.columns}
    for alteration in alterations:
        schema = apply(schema, alteration)
        _carry(values, schema.table(table_id), alteration)
    after = schema.table(table_id)
    temporary = _NEW + after.id
    names = ", ".join(quote(column.name) for column in after.columns)
    selected = ", ".join(values[column.id] for column in after.columns)
    yield create_table(temporary, _lines(schema, after))
    yield f"INSERT INTO {quote(temporary)} ({names}) SELECT {selected} FROM {quote(before.name)}"
    yield f"DROP TABLE {quote(before.name)}"
    yield f"ALTER TABLE {quote(temporary)} RENAME TO {quote(after.name)}"
    yield from (create_index(after, index) for index in after.indexes)
    yield from _kept(before, after)
    for alteration in alterations:
        if isinstance(alteration, Verify):
            yield from verify(after, after.column(alteration.column), _DIALECT)


def _kept(before: Table, after: Table) -> Iterator[str]:
    """The triggers went with the old table; the words themselves stay, since they know rows by their ids."""
    for words in before.words:
        if words not in after.words:
            yield from dropped_words(words)
    for words in after.words:
        if words in before.words:
            yield from triggers(after, words).values()
        else:
            yield from (*kept_words(after, words), *filled_words(after, words))


def _carry(values: dict[str, str], table: Table, alteration: _Alteration) -> None:
    """What each column of the copy is selected from, after one more change."""
    match alteration:
        case AddColumn(_, column):
            values[column.id] = "NULL" if column.default is None else literal(column.default, column, _DIALECT)
        case Fill(_, column_id, value):
            column = table.column(column_id)
            values[column_id] = f"coalesce({values[column_id]}, {literal(value, column, _DIALECT)})"
        case ChangeType(_, column_id, _, _):
            values[column_id] = _converted(values[column_id], alteration)
        case _:
            return


def _converted(value: str, change: ChangeType) -> str:
    if change.conversion.instant:
        return f"{value} || 'T00:00:00.000000Z'"
    if change.conversion.factor != 1:
        return f"{value} * {change.conversion.factor}"
    return value
