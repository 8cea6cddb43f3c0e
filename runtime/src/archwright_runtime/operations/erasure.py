"""How rows cease to say whom they are about: the statements of retention and of erasure.

* Deleting removes the row.
* Anonymising clears every classified field; one that must be present gets a neutral value, one that must be unique a
  value made of the row's id. What is neutral already is not written again.
"""

from __future__ import annotations

from ..persistence.schema import Column, Schema, Table
from ..persistence.statement import Row
from ..plan import Type

_UNCLASSIFIED = frozenset({"internal", "public"})
_TEXTS = frozenset({"text", "slug", "markdown", "html", "phone"})


def deleting(table: Table, row: Row, condition: str, limit: int) -> str:
    """A statement that deletes so many of the rows and gives their ids."""
    chosen = f"SELECT {row.id} FROM {table.quoted} WHERE {condition} LIMIT {limit}"
    return f"DELETE FROM {table.quoted} WHERE {row.id} IN ({chosen}) RETURNING {table.id.quoted}"


def anonymising(schema: Schema, table: Table, row: Row, condition: str, limit: int) -> str:
    """A statement that anonymises so many of the rows and gives their ids; empty where nothing is classified."""
    cleared = [column for column in table.columns.values() if is_classified(column)]
    neutral = [(column, _neutral_value(schema, table, column, row)) for column in cleared]
    if not neutral:
        return ""
    differs = " OR ".join(_differs(row.raw(column.name), value) for column, value in neutral)
    chosen = f"SELECT {row.id} FROM {table.quoted} WHERE {condition} AND ({differs}) LIMIT {limit}"
    sets = ", ".join(f"{column.quoted} = {value}" for column, value in neutral)
    if table.version is not None:
        sets += f", {table.version.quoted} = {table.version.quoted} + 1"
    return f"UPDATE {table.quoted} SET {sets} WHERE {row.id} IN ({chosen}) RETURNING {table.id.quoted}"


def is_classified(column: Column) -> bool:
    """Whether a column holds what anonymising clears."""
    return column.field.generated is None and bool(set(column.field.classes) - _UNCLASSIFIED)


def _neutral_value(schema: Schema, table: Table, column: Column, row: Row) -> str:
    field = column.field
    if not field.present:
        return "NULL"
    if any(column.name in key for key in table.entity.unique):
        tail = "@invalid" if field.type.kind == "email" else ""
        return f"'anonymised-' || {row.id} || '{tail}'"
    return _neutral(field.type, schema.postgresql) or row.raw(column.name)


def _differs(sql: str, value: str) -> str:
    return f"{sql} IS NOT NULL" if value == "NULL" else f"{sql} <> {value}"


def _neutral(type: Type, postgresql: bool) -> str | None:
    """A value that says nothing; None where every value would say something and the old one stays."""
    if type.kind in _TEXTS:
        return "'anonymised'"
    if type.kind == "email":
        return "'anonymised@invalid'"
    if type.kind == "url":
        return "'https://invalid'"
    if type.kind in ("int", "decimal", "money", "duration"):
        return str(max(0, type.low or 0))
    if type.kind == "bool":
        return "FALSE"
    if type.kind in ("date", "datetime"):
        moment = "1970-01-01" if type.kind == "date" else "1970-01-01T00:00:00.000000Z"
        return f"{'date' if type.kind == 'date' else 'timestamptz'} '{moment}'" if postgresql else f"'{moment}'"
    return "'[]'" if type.kind == "list" else None
