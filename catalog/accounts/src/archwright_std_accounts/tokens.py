"""Secrets that a person holds and the service keeps only as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_BYTES = 32
_LONGEST = 128


def fresh() -> str:
    """256 random bits as 43 characters that are safe in a header, a cookie and an address."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """What is stored in place of a token; without a salt, since a token is random already."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_plausible(token: str) -> bool:
    """Whether a token is worth a look into the database."""
    return 0 < len(token) <= _LONGEST and token.isascii() and token.isprintable()


def equal(given: str, expected: str) -> bool:
    """Compare two secrets in a time that depends on neither."""
    return hmac.compare_digest(digest(given), digest(expected))
