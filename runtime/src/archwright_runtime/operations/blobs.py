"""The bytes of files: in the database, in pieces beside the rows, or in a store that a component provides.

Its rules:

* A blob is found by a random id and never changes.
* Its row is written in the transaction that needs it. A store outside has the bytes before that row is written, and
  loses them after the row is gone, so no row ever points to bytes that are missing.
* Bytes outside without a row belong to a transaction that goes on or came to nothing; ``Sweeps`` removes old ones.
* However large a file is, one piece at a time is in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ..component import BlobStore
from ..errors import DatabaseError, PlanError, Refusal
from ..persistence.database import Record
from ..persistence.forms import time_argument
from ..persistence.schema import Schema, new_id
from .call import Pieces, Upload
from .media import safe_file_name, sniff

Statement = Callable[[str, Sequence[Any]], Awaitable[list[Record]]]
"""Runs a statement, within the transaction if there is one."""
PIECE = 262_144
"""Bytes that are read, written and sent at a time."""
_DATABASE = "database"


class Blobs:
    """Puts and finds bytes.

    Args:
        store: where new bytes are kept, if not in the database.
        place: the name of the component that provides it; kept with each blob.
    """

    def __init__(self, schema: Schema, store: BlobStore | None = None, place: str = "") -> None:
        mark = schema.placeholder
        self.store = store
        self._place = place
        self._dialect = schema.dialect
        time = "timestamptz" if schema.postgresql else "text"
        marks = (mark(1, "text"), mark(2, "bigint"), mark(3, "text"), mark(4, "bytea"), mark(5, time))
        self._insert = f"INSERT INTO archwright_blob (id, size, place, content, created_at) VALUES ({', '.join(marks)})"
        more = (mark(1, "text"), mark(2, "bigint"), mark(3, "bytea"))
        self._insert_part = f"INSERT INTO archwright_blob_part (blob, number, content) VALUES ({', '.join(more)})"
        self._find = f"SELECT place, size FROM archwright_blob WHERE id = {mark(1, 'text')}"
        self._first = f"SELECT content FROM archwright_blob WHERE id = {mark(1, 'text')}"
        self._part = (
            f"SELECT content FROM archwright_blob_part WHERE blob = {mark(1, 'text')} AND number = {mark(2, 'bigint')}"
        )
        elsewhere = f"place <> '{_DATABASE}' AND place <> {mark(1, 'text')}"
        self._elsewhere = f"SELECT place FROM archwright_blob WHERE {elsewhere} LIMIT 1"

    async def check(self, fetch: Statement) -> None:
        """Refuse to run where bytes are kept in a store that is not there any more.

        Raises:
            PlanError: some are.
        """
        found = await fetch(self._elsewhere, (self._place,))
        if found:
            raise PlanError(f"files of this database are kept in `{found[0][0]}`, which is not part of the service")

    # -- writing -------------------------------------------------------------------------------------------------

    async def stage(self, upload: Upload) -> str | None:
        """Bring bytes to the store before the transaction, which then waits for nothing; None without a store."""
        if self.store is None:
            return None
        id = new_id()
        with _reported():
            await self.store.put(id, upload.size, upload.pieces(PIECE))
        return id

    async def put(self, write: Statement, upload: Upload, now: datetime, staged: str | None = None) -> dict[str, Any]:
        """Keep bytes; what rows keep of them.

        The name loses what no file system takes, and first bytes that prove another media type win.
        """
        id = staged or await self.stage(upload) or new_id()
        moment = time_argument(self._dialect, now)
        if self.store is not None:
            await write(self._insert, (id, upload.size, self._place, b"", moment))
        else:
            await self._put_here(write, id, upload, moment)
        media = sniff(upload.head, upload.media)
        return {"id": id, "name": safe_file_name(upload.name), "media": media, "size": upload.size}

    async def _put_here(self, write: Statement, id: str, upload: Upload, moment: Any) -> None:
        number, size = 0, upload.size
        async for piece in upload.pieces(PIECE):
            if number == 0:
                await write(self._insert, (id, size, _DATABASE, piece, moment))
            else:
                await write(self._insert_part, (id, number, piece))
            number += 1
        if number == 0:
            await write(self._insert, (id, 0, _DATABASE, b"", moment))

    async def discard(self, ids: Sequence[str]) -> None:
        """Let staged bytes go that no transaction kept."""
        if self.store is not None and ids:
            with _reported():
                await self.store.delete(ids)

    # -- reading -------------------------------------------------------------------------------------------------

    async def read(self, fetch: Statement, id: str) -> bytes:
        """All bytes.

        Raises:
            Refusal: there are none.
        """
        found = await fetch(self._find, (id,))
        if not found:
            raise Refusal("not-found")
        return b"".join([piece async for piece in self.pieces(fetch, id)(0, int(found[0][1]))])

    def pieces(self, fetch: Statement, id: str) -> Pieces:
        """What reads a part of a blob, piece by piece.

        Raises:
            Refusal: when it is read: there is none.
        """

        async def read(start: int, end: int) -> AsyncIterator[bytes]:
            found = await fetch(self._find, (id,))
            if not found:
                raise Refusal("not-found")
            if found[0][0] == _DATABASE:
                async for piece in self._from_database(fetch, id, start, end):
                    yield piece
            elif end > start:
                assert self.store is not None
                with _reported():
                    async for piece in self.store.open(id, start, end):
                        yield piece

        return read

    async def _from_database(self, fetch: Statement, id: str, start: int, end: int) -> AsyncIterator[bytes]:
        for number in range(start // PIECE, -(-end // PIECE)):
            found = await fetch(*((self._first, (id,)) if number == 0 else (self._part, (id, number))))
            if not found:
                raise Refusal("not-found")
            offset = number * PIECE
            yield bytes(found[0][0])[max(0, start - offset) : end - offset]


@contextmanager
def _reported() -> Iterator[None]:
    """What a store cannot do is for operators to know; callers may come back later."""
    try:
        yield
    except OSError as error:
        raise DatabaseError(f"the store of files failed: {error}") from error
