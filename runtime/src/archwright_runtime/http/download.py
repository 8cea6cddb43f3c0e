"""Files as answers: under a safe name, in pieces, and without any right to act when a browser shows them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from ..errors import Refusal
from ..operations.call import StoredFile
from ..operations.media import IMAGES
from .conditional import none_match
from .request import Request
from .response import Header, Response, disposition, header_value

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


async def download(request: Request, file: StoredFile) -> Response:
    """The file, or the part of it that was asked for; its first piece is read before anything is answered.

    Raises:
        Refusal: the part lies outside of the file, or the bytes are gone.
    """
    # A stored file never changes: its id is its entity tag.
    tag = header_value(f'"{file.id}"')
    headers: list[Header] = [
        (b"etag", tag),
        (b"cache-control", b"private, no-cache"),
        (b"accept-ranges", b"bytes"),
    ]
    known = request.header(b"if-none-match")
    if known is not None and none_match(known, tag):
        return Response(304, b"", headers, "file")
    inline = file.media in IMAGES
    headers.append((b"content-type", header_value(file.media)))
    headers.append((b"content-disposition", disposition(file.name, inline=inline)))
    part = _part(request, tag, file.size)
    status, (start, end) = (200, (0, file.size)) if part is None else (206, part)
    if part is not None:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, file.size)))
    if request.method == "HEAD":
        headers.append((b"content-length", b"%d" % (end - start)))
        return Response(status, b"", headers, "file", _nothing())
    pieces = file.pieces(start, end)
    first = await anext(pieces, b"")
    if len(first) == end - start:
        return Response(status, first, headers, "file")
    headers.append((b"content-length", b"%d" % (end - start)))
    return Response(status, b"", headers, "file", _joined(first, pieces))


def _part(request: Request, tag: bytes, size: int) -> tuple[int, int] | None:
    wanted = request.header(b"range")
    if wanted is None or request.method != "GET":
        return None
    condition = request.headers.get(b"if-range")
    match = _RANGE.fullmatch(wanted)
    # RFC 9110 14.2: a range that is not understood, or no longer fits, is ignored.
    if match is None or match[1] == match[2] == "" or (condition is not None and condition != tag):
        return None
    if match[1] == "":
        start, end = max(0, size - int(match[2])), size
    else:
        start, end = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
    if match[1] and match[2] and int(match[2]) < int(match[1]):
        return None
    if start >= size or start >= end:
        raise Refusal("range", headers={"content-range": f"bytes */{size}"})
    return start, end


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _nothing() -> AsyncIterator[bytes]:
    none: tuple[bytes, ...] = ()
    for piece in none:
        yield piece
