"""Requests that somebody else's page made the browser send.

Two lines of defence, for requests that change something:

* What the browser says about where the request comes from (``Sec-Fetch-Site``, else ``Origin``). A request that a
  cookie authenticates needs a positive answer; any other is refused only when the browser names a foreign site.
* Forms carry a token as well: an HMAC over the session, so that it is worthless in any other session.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from .request import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "_token"
"""The hidden field that carries the token."""
COOKIE = "form"
"""The cookie that stands in for a session where nobody is signed in (the sign-in form itself)."""


class Origins:
    """Which origins count as our own, and which foreign ones were granted."""

    def __init__(self, scheme: str, origin: str | None = None, granted: frozenset[str] = frozenset()) -> None:
        self._prefix = f"{scheme}://".encode("ascii")
        self._origin = origin.rstrip("/").encode("ascii") if origin else None
        self._granted = frozenset(value.encode("ascii") for value in granted)

    def accepts(self, request: Request) -> bool:
        """Whether a request that changes something may run with what the browser says about its origin."""
        headers = request.headers
        origin = headers.get(b"origin")
        by_cookie = request.caller.via == "cookie"
        if not by_cookie and origin is not None and (origin in self._granted or b"*" in self._granted):
            return True
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site in (b"same-origin", b"none")
        if origin is not None:
            return origin == self._own(headers.get(b"host", b""))
        return not by_cookie

    def _own(self, host: bytes) -> bytes:
        return self._origin or self._prefix + host


class FormTokens:
    """Makes and checks the tokens that forms carry.

    Example::

        tokens = FormTokens(key)
        token = tokens.issue(session)        # into <input type="hidden" name="_token" value="...">
        tokens.accepts(session, submitted)   # constant time
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, binding: str) -> str:
        """The token of a session (or of the stand-in cookie)."""
        return hmac.new(self._key, b"form\x00" + binding.encode("utf-8", "surrogateescape"), sha256).hexdigest()

    def accepts(self, binding: str, token: str | None) -> bool:
        """Whether the token belongs to that session."""
        if not binding or not token or not token.isascii():
            return False
        return hmac.compare_digest(self.issue(binding), token)


def new_binding() -> str:
    """A stand-in for a session, kept in the cookie ``form``."""
    return secrets.token_urlsafe(18)
