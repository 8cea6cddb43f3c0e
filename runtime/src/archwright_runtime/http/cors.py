"""Other origins that the plan lets in (Fetch standard, CORS). Cookies never come with such requests."""

from __future__ import annotations

from .request import Request
from .response import Header, Response

_HEADERS = (
    b"authorization, content-type, if-match, if-none-match, idempotency-key, traceparent",
    b"etag, location, retry-after, x-request-id",
)
_MAX_AGE = b"600"


class Cors:
    """Answers preflights and marks answers as readable for granted origins."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._anybody = "*" in origins
        self._origins = frozenset(origin.encode("ascii") for origin in origins)

    def mark(self, request: Request, headers: list[Header]) -> None:
        """Let the asking page read this answer, if its origin was granted."""
        headers.append((b"vary", b"origin"))
        origin = request.headers.get(b"origin")
        if origin is not None and self._grants(origin):
            headers.append((b"access-control-allow-origin", self._echo(origin)))
            headers.append((b"access-control-expose-headers", _HEADERS[1]))

    def preflight(self, request: Request, allow: str) -> Response:
        """What a page of another origin may send here."""
        response = Response(204, b"", [(b"allow", allow.encode("ascii"))])
        origin = request.headers.get(b"origin")
        if origin is not None and b"access-control-request-method" in request.headers and self._grants(origin):
            response.headers += [
                (b"access-control-allow-methods", allow.encode("ascii")),
                (b"access-control-allow-headers", _HEADERS[0]),
                (b"access-control-max-age", _MAX_AGE),
            ]
        return response

    def _grants(self, origin: bytes) -> bool:
        return self._anybody or origin in self._origins

    def _echo(self, origin: bytes) -> bytes:
        return b"*" if self._anybody else origin
