"""Files that come with requests, and files as answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Refusal
from .blobs import Statement
from .call import StoredFile, Upload
from .run import Run
from .service import Service


class Uploads:
    """Stores what came and opens what may be read."""

    def __init__(self, service: Service) -> None:
        self._blobs = service.blobs

    async def store(self, run: Run) -> None:
        """Keep the bytes of every upload; the inputs then hold what rows keep of them."""
        given = run.names["input"]
        stored = {name: await self._one(run, value) for name, value in given.items() if isinstance(value, Upload)}
        if stored:
            run.names["input"] = {**given, **stored}

    async def _one(self, run: Run, upload: Upload) -> dict[str, Any]:
        return await self._blobs.put(run.write, upload.content, upload.name, upload.media, run.call.now)

    async def open(self, file: Mapping[str, Any] | None, fetch: Statement) -> StoredFile:
        """The bytes of a file value that the caller was allowed to read.

        Raises:
            Refusal: there is none.
        """
        content = await self._blobs.find(fetch, file["id"]) if file else None
        if not file or content is None:
            raise Refusal("not-found")
        return StoredFile(file["id"], file["name"], file["media"], file["size"], content)
