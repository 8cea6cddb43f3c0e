"""What every answer carries so that browsers stay on the safe side, prebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..operations.call import SetCookie
from .response import Header, Kind

Transport = Literal["http", "https"]

_PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    b"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_FILE_POLICY = b"default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
_COMMON: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_PRIVATE: Header = (b"cache-control", b"no-store")
_OPENER: Header = (b"cross-origin-opener-policy", b"same-origin")
# RFC 6797; a year, as browsers' preload lists ask for at least.
_TRANSPORT: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


@dataclass(frozen=True)
class Security:
    """Headers and cookies as the transport calls for them."""

    transport: Transport = "https"

    def headers(self) -> dict[Kind, tuple[Header, ...]]:
        """Headers by kind of answer. Assets and files say themselves how long they may be kept."""
        always = (*_COMMON, _TRANSPORT) if self.transport == "https" else _COMMON
        return {
            "api": ((b"content-security-policy", _DATA_POLICY), _PRIVATE, *always),
            "page": ((b"content-security-policy", _PAGE_POLICY), _PRIVATE, _OPENER, *always),
            "asset": ((b"content-security-policy", _DATA_POLICY), *always),
            "file": ((b"content-security-policy", _FILE_POLICY), *always),
        }

    def cookie_name(self, name: str) -> str:
        """A cookie's name on the wire; the prefix makes browsers refuse it from anybody but this very host."""
        return f"__Host-{name}" if self.transport == "https" else name

    def cookie(self, cookie: SetCookie) -> Header:
        """A ``Set-Cookie`` header.

        Raises:
            ValueError: name or value hold what cannot stand in a cookie.
        """
        value = cookie.value or ""
        if not _NAME.issuperset(cookie.name) or not cookie.name or not _VALUE.issuperset(value):
            raise ValueError(f"the cookie {cookie.name!r} cannot be set")
        parts = [f"{self.cookie_name(cookie.name)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
        if self.transport == "https":
            parts.append("Secure")
        if cookie.value is None:
            parts.append("Max-Age=0")
        elif cookie.max_age is not None:
            parts.append(f"Max-Age={cookie.max_age}")
        return b"set-cookie", "; ".join(parts).encode("ascii")


# RFC 6265 4.1.1
_NAME = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_VALUE = frozenset(chr(c) for c in range(0x21, 0x7F)) - frozenset('",;\\')
