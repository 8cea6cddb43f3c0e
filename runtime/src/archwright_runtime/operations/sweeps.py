"""What the runtime's own tables must not keep for ever.

A file goes in two rounds: one marks what no row and no waiting effect refers to, one an hour later removes what still
has the mark. A transaction that gives a file to another row in between is long over by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ..persistence.forms import time_argument
from ..persistence.schema import Schema
from .service import Service
from .values import holds_files

_DAY = timedelta(days=1)
_MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
_BATCH = 500


class Sweeps:
    """Removes answers of repeated requests after a day, and what was given up after a month."""

    def __init__(self, service: Service) -> None:
        self._service = service
        before = _time(service.schema, 1)
        self._answers = f"DELETE FROM archwright_idempotency WHERE created_at < {before}"
        self._dead = f"DELETE FROM archwright_outbox WHERE dead AND created_at < {before}"

    async def run(self, now: datetime) -> None:
        """Remove what is old enough."""
        database = self._service.database
        await database.write(self._answers, (time_argument(database.dialect, now - _DAY),))
        await database.write(self._dead, (time_argument(database.dialect, now - _MONTH),))


class FileSweeps:
    """Removes files that nothing refers to any more, and bytes in a store that nothing ever referred to."""

    def __init__(self, service: Service) -> None:
        schema = service.schema
        self._service = service
        used = " UNION ALL ".join(_uses(schema)) or "SELECT ''"
        waiting = _waiting(schema)
        first, second = _time(schema, 1), _time(schema, 2)
        self._mark = (
            f"UPDATE archwright_blob SET unused_at = {first} WHERE id IN (SELECT b.id FROM ("
            f"SELECT id FROM archwright_blob WHERE unused_at IS NULL AND created_at < {second} "
            f"EXCEPT SELECT * FROM ({used}) u) b WHERE NOT EXISTS ({waiting})) RETURNING id"
        )
        self._keep = (
            "UPDATE archwright_blob SET unused_at = NULL WHERE id IN ("
            f"SELECT id FROM archwright_blob WHERE unused_at IS NOT NULL INTERSECT SELECT * FROM ({used}) u)"
        )
        self._remove = (
            "DELETE FROM archwright_blob WHERE id IN (SELECT b.id FROM archwright_blob b "
            f"WHERE b.unused_at < {first} AND NOT EXISTS ({waiting}) ORDER BY b.unused_at LIMIT {_BATCH}) "
            "RETURNING id, place"
        )
        self._part = f"DELETE FROM archwright_blob_part WHERE blob = {schema.placeholder(1, 'text')}"
        self._known = f"SELECT 1 FROM archwright_blob WHERE id = {schema.placeholder(1, 'text')}"

    async def run(self, now: datetime) -> None:
        """Mark what nothing refers to, and remove what was marked an hour ago."""
        database = self._service.database
        old = time_argument(database.dialect, now - _HOUR)
        await database.write(self._keep, ())
        while len(await self._removed(old)) == _BATCH:
            pass
        await database.write(self._mark, (time_argument(database.dialect, now), old))

    async def _removed(self, old: Any) -> list[str]:
        async with self._service.database.transaction() as transaction:
            removed = await transaction.write(self._remove, (old,))
            for id, _ in removed:
                await transaction.write(self._part, (id,))
        # After the commit: a row never points to bytes that are gone.
        await self._service.blobs.discard([id for id, place in removed if place != "database"])
        return [id for id, _ in removed]

    async def orphans(self, now: datetime) -> None:
        """Remove bytes in a store that belong to no row: their transactions came to nothing."""
        store = self._service.blobs.store
        if store is None:
            return
        batch: list[str] = []
        async for id in store.older(now - _DAY):
            batch.append(id)
            if len(batch) == _BATCH:
                await self._forget(batch)
                batch = []
        await self._forget(batch)

    async def _forget(self, ids: Sequence[str]) -> None:
        fetch = self._service.database.fetch
        await self._service.blobs.discard([id for id in ids if not await fetch(self._known, (id,))])


def _time(schema: Schema, number: int) -> str:
    return schema.placeholder(number, "timestamptz" if schema.postgresql else "text")


def _waiting(schema: Schema) -> str:
    """Effects that are still to be delivered and speak of the blob ``b``."""
    place = "strpos(o.payload, b.id)" if schema.postgresql else "instr(o.payload, b.id)"
    return f"SELECT 1 FROM archwright_outbox o WHERE {place} > 0"


def _uses(schema: Schema) -> list[str]:
    """For each column of files: the ids of the blobs that its rows refer to."""
    ids = _ids_postgresql if schema.postgresql else _ids_sqlite
    return [
        ids(table.quoted, column.quoted, column.field.type.kind == "list")
        for table in schema.tables.values()
        for column in table.columns.values()
        if holds_files(column.field.type)
    ]


def _ids_postgresql(table: str, column: str, several: bool) -> str:
    if several:
        return f"SELECT e.item->>'id' FROM {table} t, json_array_elements(t.{column}::json) AS e(item)"
    return f"SELECT t.{column}::json->>'id' FROM {table} t WHERE t.{column} IS NOT NULL"


def _ids_sqlite(table: str, column: str, several: bool) -> str:
    if several:
        return f"SELECT json_extract(e.value, '$.id') FROM {table} t, json_each(t.{column}) AS e"
    return f"SELECT json_extract(t.{column}, '$.id') FROM {table} t WHERE t.{column} IS NOT NULL"
