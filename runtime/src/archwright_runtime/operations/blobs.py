"""The bytes of files: kept beside the rows, in the same transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from ..persistence.database import Record
from ..persistence.forms import time_argument
from ..persistence.schema import Schema, new_id
from .media import safe_file_name, sniff

Statement = Callable[[str, Sequence[Any]], Awaitable[list[Record]]]
"""Runs a statement, within the transaction if there is one."""


class Blobs:
    """Puts and finds bytes by random ids; a blob never changes."""

    def __init__(self, schema: Schema) -> None:
        mark = schema.placeholder
        self._dialect = schema.dialect
        time = "timestamptz" if schema.postgresql else "text"
        marks = (mark(1, "text"), mark(2, "bigint"), mark(3, "bytea"), mark(4, time))
        self._insert = f"INSERT INTO archwright_blob (id, size, content, created_at) VALUES ({', '.join(marks)})"
        self._find = f"SELECT content FROM archwright_blob WHERE id = {mark(1, 'text')}"

    async def put(self, write: Statement, content: bytes, name: str, media: str, now: datetime) -> dict[str, Any]:
        """Keep bytes; what rows keep of them.

        Args:
            name: as somebody calls it; what no file system takes is left out.
            media: as somebody calls it; first bytes that prove another type win.
        """
        id, size = new_id(), len(content)
        await write(self._insert, (id, size, content, time_argument(self._dialect, now)))
        return {"id": id, "name": safe_file_name(name), "media": sniff(content[:512], media), "size": size}

    async def find(self, fetch: Statement, id: str) -> bytes | None:
        """The bytes; None where there are none."""
        found = await fetch(self._find, (id,))
        return bytes(found[0][0]) if found else None
