"""Files: their bytes are kept beside the rows, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Refusal
from ..persistence.forms import time_argument
from ..persistence.schema import new_id
from .call import StoredFile, Upload
from .reads import Fetch
from .run import Run
from .service import Service


class Uploads:
    """Stores what came and opens what may be read."""

    def __init__(self, service: Service) -> None:
        mark = service.schema.placeholder
        postgresql = service.schema.postgresql
        self._dialect = service.schema.dialect
        marks = (mark(1, "text"), mark(2, "bigint"), mark(3, "bytea"), mark(4, "timestamptz" if postgresql else "text"))
        self._insert = f"INSERT INTO archwright_blob (id, size, content, created_at) VALUES ({', '.join(marks)})"
        self._find = f"SELECT content FROM archwright_blob WHERE id = {mark(1, 'text')}"

    async def store(self, run: Run) -> None:
        """Keep the bytes of every upload; the inputs then hold what rows keep of them."""
        given = run.names["input"]
        stored = {name: await self._one(run, value) for name, value in given.items() if isinstance(value, Upload)}
        if stored:
            run.names["input"] = {**given, **stored}

    async def _one(self, run: Run, upload: Upload) -> dict[str, Any]:
        id, size = new_id(), len(upload.content)
        await run.write(self._insert, (id, size, upload.content, time_argument(self._dialect, run.call.now)))
        return {"id": id, "name": upload.name, "media": upload.media, "size": size}

    async def open(self, file: Mapping[str, Any] | None, fetch: Fetch) -> StoredFile:
        """The bytes of a file value that the caller was allowed to read.

        Raises:
            Refusal: there is none.
        """
        found = await fetch(self._find, (file["id"],)) if file else []
        if not file or not found:
            raise Refusal("not-found")
        return StoredFile(file["id"], file["name"], file["media"], file["size"], bytes(found[0][0]))
