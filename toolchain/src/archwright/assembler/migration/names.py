"""Names of indexes and constraints, and how names are quoted; the runtime recognises a conflict by them."""

from __future__ import annotations

import hashlib

from .schema import Column, Index, Table

_LONGEST = 63
"""PostgreSQL keeps this many bytes of an identifier (NAMEDATALEN - 1) and drops the rest in silence."""


def quote(name: str) -> str:
    """An identifier as both databases take it."""
    return '"' + name.replace('"', '""') + '"'


def index_name(table: Table, index: Index) -> str:
    """``uq_ticket__number`` or ``ix_ticket__owner__status``."""
    columns = (table.column(column_id).name for column_id in index.columns)
    return _joined("uq" if index.unique else "ix", table.name, *columns)


def key_name(table: str) -> str:
    """The primary key's constraint."""
    return _joined("pk", table)


def reference_name(table: str, column: Column) -> str:
    """The constraint of a reference."""
    return _joined("fk", table, column.name)


def _joined(kind: str, table: str, *columns: str) -> str:
    """A name that no other table, index or constraint has: a digest is added where the parts could be read two ways."""
    parts = (table, *columns)
    name = "_".join((kind, "__".join(parts))) if columns else f"{kind}__{table}"
    ambiguous = any("__" in part or part[0] == "_" or part[-1] == "_" for part in parts)
    if len(name.encode()) <= _LONGEST and not ambiguous:
        return name
    digest = hashlib.sha256("\0".join((kind, *parts)).encode()).hexdigest()[:12]
    return name.encode()[: _LONGEST - 13].decode(errors="ignore") + "_" + digest
