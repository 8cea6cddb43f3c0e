"""What an ID token says, believed only after everything about it was tested (OpenID Connect Core, 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from archwright_runtime.errors import Refusal

ALGORITHMS = ("RS256", "ES256", "PS256")
"""Signatures with keys of which the provider alone has the private half."""
_LEEWAY = 60.0
_OLDEST = 900.0
_LONGEST_SUBJECT = 255
_LONGEST_ADDRESS = 254
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Expected:
    """What a token has to be for."""

    issuer: str
    client: str
    nonce: str = field(repr=False)
    now: datetime


def tested(claims: Mapping[str, Any], expected: Expected) -> dict[str, Any]:
    """Whom a token means: subject, and the address and the name where they may be used.

    Raises:
        Refusal: it is for somebody else, too old, or of another sign-in.
    """
    if claims.get("iss") != expected.issuer or not _is_for(claims, expected.client):
        raise not_proved()
    if claims.get("nonce") != expected.nonce or not _is_current(claims, expected.now.timestamp()):
        raise not_proved()
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not _is_plain(subject):
        raise not_proved()
    return {"issuer": expected.issuer, "subject": subject, **_person(claims)}


def not_proved() -> Refusal:
    """The failure of everything that is no proof; which test failed is nobody's business."""
    return Refusal("not-proved", "The identity provider did not sign you in.")


def _is_for(claims: Mapping[str, Any], client: str) -> bool:
    """Whether the token is for this client and for nobody else."""
    audience = claims.get("aud")
    return audience in (client, [client]) and claims.get("azp", client) == client


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    ends, made, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_time(ends) and _is_time(made) and _is_time(begins)):
        return False
    return bool(now - _LEEWAY < ends and now - _OLDEST < made <= now + _LEEWAY and begins <= now + _LEEWAY)


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _person(claims: Mapping[str, Any]) -> dict[str, str]:
    """Address and name of somebody whose address the provider has verified; nothing otherwise."""
    email, name = claims.get("email"), claims.get("name")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return {}
    if not 0 < len(email) <= _LONGEST_ADDRESS or not _is_plain(email):
        return {}
    usable = isinstance(name, str) and bool(name.strip()) and _is_plain(name)
    return {"email": email, "name": str(name).strip()[:_LONGEST_NAME] if usable else email[:_LONGEST_NAME]}


def _is_plain(value: str) -> bool:
    return value.isprintable()
