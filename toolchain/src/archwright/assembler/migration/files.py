"""Migrations as files: their numbers, names and headers.

Its rules:

* A phase is one file per database; the numbers of both databases agree.
* A statement ends with ``;`` at the end of a line, and a blank line follows.
* The one who applies a file opens the transaction, and records the file in it; on SQLite with ``foreign_keys`` off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import postgresql, sqlite
from .changes import (
    AddColumn,
    AddIndex,
    AddWords,
    Change,
    ChangeType,
    CreateTable,
    DropColumn,
    DropTables,
    Phase,
    RenameColumn,
    RenameTable,
    apply,
)
from .ddl import Dialect
from .difference import Difference
from .schema import EMPTY, Schema

_LONGEST_SLUG = 48


@dataclass(frozen=True)
class Migration:
    """One phase of one change, for both databases.

    Attributes:
        name: e.g. ``0002-add-ticket-due``.
        files: content by path below the emission.
    """

    name: str
    files: dict[str, bytes]


def paths(name: str) -> tuple[str, ...]:
    """The files of a migration."""
    return tuple(f"migrations/{name}.{dialect.value}.sql" for dialect in Dialect)


def render(service: str, old: Schema, found: Difference, after: int) -> tuple[Migration, ...]:
    """The files that carry out a difference, numbered on from ``after``."""
    return tuple(_render(service, old, found, after))


def _render(service: str, schema: Schema, found: Difference, number: int) -> Iterator[Migration]:
    first = schema == EMPTY
    for phase, changes in found.phases.items():
        made = {
            Dialect.POSTGRESQL: postgresql.statements(schema, changes),
            Dialect.SQLITE: sqlite.statements(schema, changes),
        }
        if any(made.values()):
            number += 1
            name = f"{number:04d}-{'create' if first else _slug(schema, phase, changes)}"
            compatible = not any(_breaks_previous(schema, change) for change in changes)
            files = {
                f"migrations/{name}.{dialect.value}.sql": _file(
                    _header(service, name, dialect, phase, compatible), statements
                )
                for dialect, statements in made.items()
            }
            yield Migration(name, files)
        for change in changes:
            schema = apply(schema, change)


def _header(service: str, name: str, dialect: Dialect, phase: Phase, compatible: bool) -> list[str]:
    return [
        f"-- migration: {name}",
        f"-- assembly: {service}",
        f"-- database: {dialect.value}",
        f"-- phase: {phase.value}",
        f"-- compatible with the previous plan: {'yes' if compatible else 'no, stop it first'}",
    ]


def _file(header: list[str], statements: Sequence[str]) -> bytes:
    body = "\n".join(f"{statement};\n" for statement in statements) or "-- Nothing to do on this database.\n"
    return ("\n".join(header) + "\n\n" + body).encode()


def _breaks_previous(schema: Schema, change: Change) -> bool:
    """Whether replicas of the previous plan fail while this phase is in force."""
    match change:
        case RenameTable(table_id, name, _):
            return schema.table(table_id).name != name
        case RenameColumn(table_id, column_id, name, _):
            return schema.table(table_id).column(column_id).name != name
        case ChangeType(_, _, _, conversion):
            return conversion.changes
        case _:
            return False


def _slug(schema: Schema, phase: Phase, changes: Sequence[Change]) -> str:
    """A few words about what happens, for people who list the directory."""
    words = [word for change in changes if (word := _words(schema, change))]
    text = words[0] if len(words) == 1 else f"{phase.value}-{_tables(schema, changes)}"
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_SLUG].strip("-") or phase.value


def _words(schema: Schema, change: Change) -> str | None:
    match change:
        case CreateTable(table):
            return f"create-{table.name}"
        case DropTables(tables):
            return f"drop-{'-'.join(table.name for table in tables)}"
        case RenameTable(_, name, _):
            return f"rename-{name}"
        case AddColumn(table_id, column):
            return f"add-{schema.table(table_id).name}-{column.name}"
        case DropColumn(table_id, column_id):
            table = schema.table(table_id)
            return f"drop-{table.name}-{table.column(column_id).name}"
        case RenameColumn(table_id, _, name, _):
            return f"rename-{schema.table(table_id).name}-{name}"
        case AddIndex(table_id, index):
            return f"{'unique' if index.unique else 'index'}-{schema.table(table_id).name}"
        case AddWords(table_id, _):
            return f"search-{schema.table(table_id).name}"
        case _:
            return f"change-{schema.table(change.table).name}"


def _tables(schema: Schema, changes: Sequence[Change]) -> str:
    names: dict[str, None] = {}
    for change in changes:
        schema = apply(schema, change)
        match change:
            case CreateTable(table):
                names[table.name] = None
            case DropTables(tables):
                names.update(dict.fromkeys(table.name for table in tables))
            case _:
                names[schema.table(change.table).name] = None
    return "-".join(list(names)[:3])
