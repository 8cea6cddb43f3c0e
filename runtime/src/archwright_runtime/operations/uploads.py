"""Files that come with requests, and files as answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Refusal
from .call import Call, StoredFile, Upload
from .run import Run
from .service import Service


class Uploads:
    """Stores what came and opens what may be read."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._blobs = service.blobs

    async def stage(self, call: Call) -> None:
        """Bring uploads to a store outside before the transaction begins, once for all attempts."""
        if self._blobs.store is None:
            return
        for name, value in call.input.items():
            for number, upload in enumerate(_uploads(value)):
                place = f"{name}.{number}"
                if place not in call.staged:
                    staged = await self._blobs.stage(upload)
                    assert staged is not None
                    call.staged[place] = staged

    async def discard(self, call: Call) -> None:
        """Let go of what was staged for an operation that came to nothing; the sweep finds what is left."""
        try:
            await self._blobs.discard(tuple(call.staged.values()))
        except Exception as error:
            self._service.report("discard-failed", {"error": type(error).__name__})

    async def store(self, run: Run) -> None:
        """Keep the bytes of every upload; the inputs then hold what rows keep of them."""
        given = run.names["input"]
        stored = {name: await self._value(run, name, value) for name, value in given.items() if _uploads(value)}
        if stored:
            run.names["input"] = {**given, **stored}

    async def _value(self, run: Run, name: str, value: Any) -> Any:
        kept = [
            await self._blobs.put(run.write, upload, run.call.now, run.call.staged.get(f"{name}.{number}"))
            for number, upload in enumerate(_uploads(value))
        ]
        return kept if isinstance(value, list) else kept[0]

    def open(self, file: Mapping[str, Any] | None) -> StoredFile:
        """A file value that the caller was allowed to read, ready to be sent once the transaction is over.

        Raises:
            Refusal: there is none.
        """
        if not file:
            raise Refusal("not-found")
        pieces = self._blobs.pieces(self._service.database.fetch, file["id"])
        return StoredFile(file["id"], file["name"], file["media"], file["size"], pieces)


def _uploads(value: Any) -> list[Upload]:
    if isinstance(value, Upload):
        return [value]
    return [one for one in value if isinstance(one, Upload)] if isinstance(value, list) else []
