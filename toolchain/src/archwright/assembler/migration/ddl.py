"""What both databases' statements have in common: stored types, literals, columns, guards."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from .names import index_name, quote, reference_name
from .schema import Column, Index, Schema, Stored, Table
from .widening import bounds

_TEXT = ('text COLLATE "C"', "TEXT")
_DOCUMENT = ("text", "TEXT")
_WHOLE = ("bigint", "INTEGER")
_TYPES = {
    **dict.fromkeys(("text", "slug", "email", "url", "phone", "markdown", "html", "uuid", "enum", "ref"), _TEXT),
    **dict.fromkeys(("int", "decimal", "money", "duration"), _WHOLE),
    **dict.fromkeys(("json", "list", "file", "image"), _DOCUMENT),
    "bool": ("boolean", "INTEGER"),
    "date": ("date", "TEXT"),
    "datetime": ("timestamptz", "TEXT"),
}
STORED_KINDS = frozenset(_TYPES)
"""Kinds of types that a column may have."""
_ACTIONS = {"refuse": "", "cascade": " ON DELETE CASCADE", "clear": " ON DELETE SET NULL"}


class Dialect(Enum):
    """The databases that a service may run on."""

    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


def stored_type(column: Column, dialect: Dialect) -> str:
    """The database's type of a column; what is encrypted is text, whatever it holds."""
    postgresql, sqlite = _DOCUMENT if column.encrypted else _TYPES[column.type.kind]
    return postgresql if dialect is Dialect.POSTGRESQL else sqlite


def literal(value: Stored, column: Column, dialect: Dialect) -> str:
    """A constant in the database's own notation."""
    if isinstance(value, bool):
        return str(value).upper() if dialect is Dialect.POSTGRESQL else str(int(value))
    if isinstance(value, int):
        return str(value)
    if dialect is Dialect.SQLITE:
        return "'" + value.replace("'", "''") + "'"
    prefix = {"date": "DATE ", "datetime": "TIMESTAMPTZ "}.get(column.type.kind, "")
    if value.isprintable() and "\\" not in value:
        return prefix + "'" + value.replace("'", "''") + "'"
    return prefix + "E'" + "".join(map(_escaped, value)) + "'"


def _escaped(character: str) -> str:
    """A character within ``E'...'``, so that a literal never breaks a line."""
    if character in "'\\":
        return character * 2
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if ord(character) < 0x10000 else f"\\U{ord(character):08X}"


def column_definition(column: Column, dialect: Dialect) -> str:
    """A column without its reference."""
    parts = [quote(column.name), stored_type(column, dialect)]
    if not column.nullable:
        parts.append("NOT NULL")
    if column.default is not None:
        parts.append(f"DEFAULT {literal(column.default, column, dialect)}")
    return " ".join(parts)


def reference_clause(schema: Schema, column: Column) -> str:
    """``REFERENCES "t" ("id")`` with what happens when the row goes away."""
    assert column.references is not None
    target = schema.table(column.references.table)
    key = target.column(target.key[0])
    return f"REFERENCES {quote(target.name)} ({quote(key.name)}){_ACTIONS[column.references.on_delete]}"


def foreign_key(schema: Schema, table: Table, column: Column) -> str:
    """A named constraint for a reference."""
    name = quote(reference_name(table.name, column))
    return f"CONSTRAINT {name} FOREIGN KEY ({quote(column.name)}) {reference_clause(schema, column)}"


def create_table(name: str, lines: Sequence[str]) -> str:
    """A table; ``name`` may be one that it has for a while only."""
    return f"CREATE TABLE {quote(name)} (\n" + ",\n".join(f"  {line}" for line in lines) + "\n)"


def primary_key(table: Table) -> str:
    """The primary key as a constraint without a name."""
    return f"PRIMARY KEY ({', '.join(quote(table.column(column_id).name) for column_id in table.key)})"


def create_index(table: Table, index: Index) -> str:
    """An index or unique key."""
    columns = ", ".join(quote(table.column(column_id).name) for column_id in index.columns)
    kind = "UNIQUE INDEX" if index.unique else "INDEX"
    return f"CREATE {kind} {quote(index_name(table, index))} ON {quote(table.name)} ({columns})"


def drop_index(table: Table, index: Index) -> str:
    """The index or unique key goes away."""
    return f"DROP INDEX {quote(index_name(table, index))}"


def fill(table: Table, column: Column, value: Stored, dialect: Dialect) -> str:
    """Rows without a value get one."""
    name = quote(column.name)
    return f"UPDATE {quote(table.name)} SET {name} = {literal(value, column, dialect)} WHERE {name} IS NULL"


def guard(says: str, count: str) -> list[str]:
    """Statements that fail, naming the reason, unless the query ``count`` gives 0; both databases understand them."""
    table = quote("archwright_guard")
    return [
        f"CREATE TEMPORARY TABLE {table} (found bigint, CONSTRAINT {quote(says)} CHECK (found = 0))",
        f"INSERT INTO {table} {count}",
        f"DROP TABLE {table}",
    ]


def verify(table: Table, column: Column, dialect: Dialect) -> list[str]:
    """Statements that fail when a stored value lies outside of the column's type."""
    condition = _fits(column, dialect)
    if condition is None:
        return []
    count = f"SELECT count(*) FROM {quote(table.name)} WHERE NOT ({condition})"
    return guard(f"{table.entity}.{column.field} has values that do not fit", count)


def _fits(column: Column, dialect: Dialect) -> str | None:
    """The bounds of a type as a condition; null fits. Patterns and media types are the runtime's alone."""
    name, type_ = quote(column.name), column.type
    if column.encrypted:
        return None
    if type_.kind in ("int", "decimal", "money"):
        low, high = bounds(type_)
        return f"{name} BETWEEN {low} AND {high}"
    if type_.kind == "enum":
        return f"{name} IN ({', '.join(literal(value, column, dialect) for value in type_.values)})"
    if type_.kind == "list":
        length = f"json_array_length({name})"
        length = length if dialect is Dialect.SQLITE else f"json_array_length({name}::json)"
    elif _TYPES[type_.kind] is _TEXT:
        length = f"char_length({name})" if dialect is Dialect.POSTGRESQL else f"length({name})"
    else:
        return None
    limits = [f"{length} >= {type_.min}"] if type_.min else []
    limits += [f"{length} <= {type_.max}"] if type_.max is not None else []
    return " AND ".join(limits) or None
