"""Which rows are free of every hold.

Its rules:

* A row does not go while a row that a hold keeps would go with it or lose its reference to it.
* Rows that go with each other in a circle are followed so many times; what lies deeper stays until what is above it
  was looked at by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from .schema import Table
from .statement import Row

_DEEPEST = 3
"""How often one entity is followed to itself."""


def free(row: Row, *, deleted: bool) -> str:
    """The condition under which no hold keeps a row; empty where none ever does.

    Args:
        deleted: whether it would go, with what depends on it, or only change.
    """
    unheld = row.table.entity.unheld
    own = [] if unheld is None else [row.statement.condition(unheld, this=row)]
    return " AND ".join((*own, *(dependants(row) if deleted else ())))


def dependants(row: Row) -> list[str]:
    """Conditions under which a row can go without touching rows that a hold keeps."""
    return list(_dependants(row, (row.table.name,)))


def _dependants(row: Row, path: tuple[str, ...]) -> Iterator[str]:
    for table, field, how in _referring(row):
        if not _reaches_hold(table, row, how, frozenset()):
            continue
        alias = row.statement.alias()
        other = Row(row.statement, table, alias)
        kept = _kept(other, how, path)
        where = f"{other.raw(field)} = {row.id}" + (f" AND NOT ({kept})" if kept else "")
        yield f"NOT EXISTS (SELECT 1 FROM {table.quoted} {alias} WHERE {where})"


def _kept(other: Row, how: str, path: tuple[str, ...]) -> str:
    """The condition under which a row that depends on another may follow it; empty: never."""
    name = other.table.name
    if how == "cascade" and path.count(name) >= _DEEPEST:
        return ""
    unheld = other.table.entity.unheld
    own = [] if unheld is None else [other.statement.condition(unheld, this=other)]
    further = _dependants(other, (*path, name)) if how == "cascade" else ()
    return " AND ".join((*own, *further))


def _reaches_hold(table: Table, row: Row, how: str, seen: frozenset[str]) -> bool:
    """Whether a hold could keep a row of a table, or one that goes with it."""
    if table.entity.unheld is not None:
        return True
    if how != "cascade" or table.name in seen:
        return False
    other = Row(row.statement, table, table.quoted)
    return any(_reaches_hold(further, other, then, seen | {table.name}) for further, _, then in _referring(other))


def _referring(row: Row) -> Iterator[tuple[Table, str, str]]:
    """Tables whose rows go with this one or change when it goes, by which field and how."""
    for table in row.statement.schema.tables.values():
        for field, how in table.entity.on_delete.items():
            if how != "refuse" and table.entity.fields[field].type.entity == row.table.name:
                yield table, field, how
