"""A bucket as the runtime asks for it: requests signed, files in pieces, failures as those of a file system."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archwright_runtime.component import Host

if TYPE_CHECKING:
    from obstore.store import S3Store

_ID = re.compile(r"[A-Za-z0-9]{16,64}", re.ASCII)
# The least that S3 takes as a part of a large upload, and the most of one that is in memory.
_PART = 5_242_880
_PARTS_AT_A_TIME = 2
_PIECE = 262_144
_PAGE = 500


def connect(host: Host) -> S3Store:
    """The bucket; nothing is asked of it yet. The environment's own settings for S3 have no say."""
    from obstore.store import S3Store

    config = host.config
    encrypted = config.get("security", "tls") == "tls"
    bucket = str(config["bucket"])
    in_host = config.get("addressing", "path") == "host"
    name = f"{bucket}.{config['host']}" if in_host else str(config["host"])
    timeout = timedelta(seconds=int(config.get("timeout", 30)))
    return S3Store(
        bucket,
        endpoint=f"{'https' if encrypted else 'http'}://{name}",
        region=str(config.get("region", "us-east-1")),
        access_key_id=host.secret("access-key-id"),
        secret_access_key=host.secret("secret-access-key"),
        virtual_hosted_style_request=in_host,
        client_options={"allow_http": not encrypted, "timeout": timeout, "connect_timeout": timeout},
        retry_config={"max_retries": 3, "retry_timeout": timeout},
    )


class Store:
    """Keeps bytes as objects under one prefix."""

    def __init__(self, bucket: S3Store, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = prefix

    async def put(self, id: str, size: int, pieces: AsyncIterator[bytes]) -> None:
        """Keep bytes under a new id; what is large goes in parts, and none is an object before all of them are."""
        with _translated():
            if size <= _PART:
                content = b"".join([piece async for piece in pieces])
                await self._bucket.put_async(self._name(id), content, use_multipart=False)
                return
            await self._bucket.put_async(
                self._name(id), pieces, use_multipart=True, chunk_size=_PART, max_concurrency=_PARTS_AT_A_TIME
            )

    async def open(self, id: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from a start to an end."""
        with _translated():
            found = await self._bucket.get_async(self._name(id), options={"range": (start, end)})
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    async def delete(self, ids: Sequence[str]) -> None:
        """Let bytes go."""
        with _translated():
            await self._bucket.delete_async([self._name(id) for id in ids])

    async def older(self, than: datetime) -> AsyncIterator[str]:
        """The ids of everything that was kept before a moment."""
        with _translated():
            async for page in self._bucket.list(self._prefix or None, chunk_size=_PAGE):
                for object in page:
                    id = object["path"].removeprefix(self._prefix)
                    if object["last_modified"] < than and _ID.fullmatch(id):
                        yield id

    def _name(self, id: str) -> str:
        if not _ID.fullmatch(id):
            raise ValueError("this is no id of a file")
        return self._prefix + id


@contextmanager
def _translated() -> Iterator[None]:
    """Failures of the store as an ``OSError`` without its text, which may hold addresses and names."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        raise OSError(f"the store of files refused: {type(error).__name__}") from None
