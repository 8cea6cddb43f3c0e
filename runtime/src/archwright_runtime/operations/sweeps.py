"""What the runtime's own tables must not keep for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..persistence.forms import time_argument
from ..persistence.schema import Schema
from .service import Service

_DAY = timedelta(days=1)
_BATCH = 500
_FILES = ("file", "image")


class Sweeps:
    """Removes answers of repeated requests, and files that no row refers to any more, after a day."""

    def __init__(self, service: Service) -> None:
        schema = service.schema
        self._service = service
        before = schema.placeholder(1, "timestamptz" if schema.postgresql else "text")
        old = f"created_at < {before}"
        self._answers = f"DELETE FROM archwright_idempotency WHERE {old}"
        used = " ".join(f"AND NOT EXISTS ({use})" for use in _uses(schema))
        self._files = (
            "DELETE FROM archwright_blob WHERE id IN ("
            f"SELECT b.id FROM archwright_blob b WHERE b.{old} {used} LIMIT {_BATCH}) RETURNING id"
        )

    async def run(self, now: datetime) -> None:
        """Remove what is old enough."""
        database = self._service.database
        arguments = (time_argument(database.dialect, now - _DAY),)
        await database.write(self._answers, arguments)
        while len(await database.write(self._files, arguments)) == _BATCH:
            pass


def _uses(schema: Schema) -> list[str]:
    """For each column of files: the rows that refer to the blob ``b``."""
    found = []
    for table in schema.tables.values():
        for column in table.columns.values():
            type = column.field.type
            if type.kind in _FILES:
                value = (
                    f"t.{column.quoted}::json->>'id'"
                    if schema.postgresql
                    else f"json_extract(t.{column.quoted}, '$.id')"
                )
                found.append(f"SELECT 1 FROM {table.quoted} t WHERE {value} = b.id")
            elif type.kind == "list" and type.item is not None and type.item.kind in _FILES:
                each = (
                    f"json_array_elements(t.{column.quoted}::json) AS e(item) WHERE e.item->>'id' = b.id"
                    if schema.postgresql
                    else f"json_each(t.{column.quoted}) AS e WHERE json_extract(e.value, '$.id') = b.id"
                )
                found.append(f"SELECT 1 FROM {table.quoted} t, {each}")
    return found
