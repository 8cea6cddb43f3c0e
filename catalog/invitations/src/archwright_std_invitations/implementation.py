"""Makes tokens and recognises them by their digest; everything else is said in the manifest.

A token is 256 random bits, so its plain SHA-256 gives nothing away: a stolen table opens nothing.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import timedelta
from hashlib import sha256
from typing import Any

from archwright_runtime.component import Context, Host, Implementation

_RANDOM = 32


def create(host: Host) -> Implementation:
    """The component; it has nothing to configure."""
    return Implementation(capabilities={"make": make, "recognise": recognise})


async def make(context: Context, input: dict[str, Any]) -> dict[str, Any]:
    """A new token, the digest of one that is for everybody, and its end."""
    token = secrets.token_urlsafe(_RANDOM)
    return {"token": token, "digest": _digest(token), "expires": context.now + timedelta(days=input["days"])}


async def recognise(context: Context, input: dict[str, Any]) -> dict[str, Any]:
    """The digests under which an invitation for everybody, and one for an address, is stored."""
    token = input["token"]
    return {"open": _digest(token), "own": _digest(token, _one_form(input.get("email") or ""))}


def _digest(token: str, *bound: str) -> str:
    """What the token is bound to is digested with it, so a token alone is found by nobody else."""
    return sha256("\n".join((token, *bound)).encode()).hexdigest()


def _one_form(email: str) -> str:
    """An address as accounts keep it, however it was typed."""
    composed = unicodedata.normalize("NFC", email.strip())
    return unicodedata.normalize("NFC", composed.casefold())
