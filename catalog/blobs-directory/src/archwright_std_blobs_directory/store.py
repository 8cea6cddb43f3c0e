"""The directory as the runtime asks for it: in pieces, without holding up other requests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from archwright_runtime.component import Host

from .directory import Directory

_PIECE = 262_144


class Store:
    """Keeps bytes; every touch of the disk happens in a thread."""

    def __init__(self, host: Host, directory: Directory) -> None:
        self._offload = host.offload
        self._directory = directory

    async def put(self, id: str, size: int, pieces: AsyncIterator[bytes]) -> None:
        """Keep bytes under a new id; once this returns, they survive a crash."""
        file = await self._offload(self._directory.begin, id)
        try:
            written = 0
            async for piece in pieces:
                await self._offload(_write, file, piece)
                written += len(piece)
            if written != size:
                raise OSError("the file was cut short")
            await self._offload(self._directory.finish, id, file)
        except BaseException:
            self._directory.abandon(id)
            raise
        finally:
            os.close(file)

    async def open(self, id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from a start to an end."""
        file = await self._offload(self._directory.open, id)
        try:
            while start < end:
                piece = await self._offload(os.pread, file, min(_PIECE, end - start), start)
                if not piece:
                    raise OSError("the file is shorter than it was")
                yield piece
                start += len(piece)
        finally:
            os.close(file)

    async def delete(self, ids: Sequence[str]) -> None:
        """Let bytes go."""
        for id in ids:
            await self._offload(self._directory.remove, id)

    async def older(self, than: datetime) -> AsyncIterator[str]:
        """The ids of everything that was kept before a moment."""
        for shard in await self._offload(self._directory.shards):
            for id in await self._offload(self._directory.older, shard, than.timestamp()):
                yield id


def _write(file: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(file, view) :]
