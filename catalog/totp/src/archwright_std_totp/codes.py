"""Codes of an app by RFC 6238, as all apps understand them: SHA-1, six digits, thirty seconds."""

from __future__ import annotations

import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import quote, urlencode

STEP = 30
DRIFT = 1
"""Steps that the clock of a phone may be wrong, either way."""
_DIGITS = 6
_KEY_BYTES = 20
_RECOVERY_BYTES = 10


def fresh_key() -> str:
    """160 random bits (RFC 4226, section 4), in the letters that apps read."""
    return b32encode(secrets.token_bytes(_KEY_BYTES)).decode()


def address(issuer: str, key: str) -> str:
    """The ``otpauth`` address that an app takes, which names the service and nobody."""
    query = {"secret": key, "issuer": issuer, "algorithm": "SHA1", "digits": _DIGITS, "period": STEP}
    return f"otpauth://totp/{quote(issuer)}?{urlencode(query, quote_via=quote)}"


def code(key: str, step: int) -> str:
    """The code of one step."""
    # The library takes a while to load; a service that starts does not wait for it.
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    made: bytes = TOTP(b32decode(key), _DIGITS, SHA1(), STEP).generate(step * STEP)
    return made.decode()


def matching_step(key: str, given: str, now: datetime, after: int) -> int | None:
    """The step whose code was given: near ``now``, and later than the one used last; every candidate is compared."""
    present = int(now.timestamp()) // STEP
    candidates = range(present - DRIFT, present + DRIFT + 1)
    found = [step for step in candidates if compare_digest(code(key, step).encode(), given.encode())]
    return next((step for step in found if step > after), None)


def fresh_recovery_code() -> str:
    """80 random bits that people can type: ``xxxx-xxxx-xxxx-xxxx``."""
    letters = b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def plain(given: str) -> str:
    """A code without what people put between its letters."""
    return "".join(given.split()).replace("-", "").lower()


def digest(recovery_code: str) -> str:
    """What is stored in place of a recovery code; without a salt, since it is random already."""
    return sha256(plain(recovery_code).encode("utf-8", "surrogatepass")).hexdigest()
