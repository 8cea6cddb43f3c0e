"""An answer, before the edge adds what every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from ..operations.media import safe_file_name

Header = tuple[bytes, bytes]
Kind = Literal["api", "page", "asset", "file"]
"""Which set of security headers goes with it; see ``http.security``."""

_encode = msgspec.json.Encoder().encode
_LENGTH_NAME = b"content-length"
_JSON: Header = (b"content-type", b"application/json")
_HTML: Header = (b"content-type", b"text/html; charset=utf-8")
_TEXT: Header = (b"content-type", b"text/plain; charset=utf-8")
# Small answers are by far the most frequent ones: their length is formatted once.
_LENGTHS = [(_LENGTH_NAME, str(length).encode()) for length in range(4096)]


class Response:
    """Status, headers and body; ``stream`` instead of ``body`` for what is too large to hold."""

    __slots__ = ("body", "headers", "kind", "status", "stream")

    def __init__(
        self,
        status: int = 200,
        body: bytes = b"",
        headers: list[Header] | None = None,
        kind: Kind = "api",
        stream: AsyncIterator[bytes] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers: list[Header] = [] if headers is None else headers
        self.kind: Kind = kind
        self.stream = stream

    def header(self, name: bytes, value: str | bytes) -> Response:
        """Add a header; refuses a value that would end the line.

        Raises:
            ValueError: the value holds a control character.
        """
        self.headers.append((name, header_value(value)))
        return self


def json(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, _encode(value), [_JSON])


def html(body: str | bytes, status: int = 200) -> Response:
    """A page."""
    return Response(status, body.encode() if isinstance(body, str) else body, [_HTML], "page")


def text(body: str, status: int = 200) -> Response:
    """Plain text."""
    return Response(status, body.encode(), [_TEXT])


def redirect(location: str, status: int = 303) -> Response:
    """Send the browser to another address of this service; anything else becomes ``/``."""
    return Response(status, b"", [(b"location", local_address(location).encode("ascii"))], "page")


def local_address(location: str) -> str:
    """The address where it stays within this service, else ``/``.

    Browsers read ``//host`` and ``/\\host`` as another host and drop tabs and line ends inside addresses.
    """
    if not location.startswith("/") or location[1:2] in ("/", "\\") or any(ord(c) < 0x21 for c in location):
        return "/"
    return quote(location, safe="/?&=%#:@!$'()*+,;~-._[]")


def header_value(value: str | bytes) -> bytes:
    """A header's value as bytes: no control characters, so that nobody can end the line.

    Raises:
        ValueError: it holds one.
    """
    raw = value.encode("latin-1", "strict") if isinstance(value, str) else value
    if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in raw):
        raise ValueError("a header's value holds a control character")
    return raw


def length_header(length: int) -> Header:
    """``Content-Length``."""
    return _LENGTHS[length] if length < 4096 else (_LENGTH_NAME, b"%d" % length)


def disposition(name: str, *, inline: bool = False) -> bytes:
    """``Content-Disposition`` with a name that no file system and no header reader trips over (RFC 6266, RFC 8187)."""
    kind = "inline" if inline else "attachment"
    safe = safe_file_name(name)
    plain = "".join(c if 0x20 <= ord(c) < 0x7F and c not in '"\\%' else "_" for c in safe)
    if plain == safe:
        return f'{kind}; filename="{plain}"'.encode("ascii")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}".encode("ascii")
