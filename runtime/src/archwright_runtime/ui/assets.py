"""Style, script and pictures: read once, named by their digest, kept by browsers for ever."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from ..http.request import Request
from ..http.response import Response

PREFIX = "/static"
_FOREVER = b"public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file that pages refer to.

    Attributes:
        path: its address, which changes with its bytes.
        packed: the same compressed, where that is shorter.
    """

    path: str
    media: str
    content: bytes
    packed: bytes | None


def asset(name: str, media: str, content: bytes) -> Asset:
    """An asset under ``/static/<digest>/<name>``."""
    digest = sha256(content).hexdigest()[:16]
    packed = gzip.compress(content, 9, mtime=0)
    return Asset(f"{PREFIX}/{digest}/{name}", media, content, packed if len(packed) < len(content) else None)


def packaged(name: str) -> str:
    """The text of a file that this package brings."""
    return (resources.files(__package__) / "static" / name).read_text(encoding="utf-8")


class Assets:
    """All assets of a service by their paths."""

    def __init__(self, assets: Iterable[Asset]) -> None:
        self._assets = {item.path: item for item in assets}

    @property
    def paths(self) -> tuple[str, ...]:
        """What to route here."""
        return tuple(self._assets)

    def content(self, path: str) -> bytes:
        """The bytes of one of them."""
        return self._assets[path].content

    async def serve(self, request: Request) -> Response:
        """The bytes, compressed where the browser takes that."""
        found = self._assets[str(request.path)]
        packed = found.packed is not None and b"gzip" in request.headers.get(b"accept-encoding", b"")
        response = Response(200, found.packed if packed and found.packed else found.content, kind="asset")
        response.header(b"content-type", found.media).header(b"cache-control", _FOREVER)
        response.header(b"vary", b"accept-encoding")
        return response.header(b"content-encoding", b"gzip") if packed else response
