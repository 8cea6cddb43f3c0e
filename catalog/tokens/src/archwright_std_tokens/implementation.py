"""Joins the functions into what the runtime loads."""

from __future__ import annotations

import secrets
import uuid as uuids
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from .alphabets import ALPHABETS, bits_of, grouped, length_for

_BITS = 128
_LENGTH = 6


def create(host: Host) -> Implementation:
    """The component; there is nothing to configure."""

    async def random(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        alphabet = ALPHABETS[input.get("alphabet") or "base62"]
        token = chosen(alphabet, length_for(alphabet, input.get("bits") or _BITS))
        return {"token": token, "bits": bits_of(alphabet, len(token))}

    async def code(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        alphabet = ALPHABETS[input.get("alphabet") or "digits"]
        found = chosen(alphabet, input.get("length") or _LENGTH)
        return {"code": grouped(found, input.get("group")), "bits": bits_of(alphabet, len(found))}

    async def uuid(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"uuid": str(uuids.uuid4())}

    async def number(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        low, high = input["low"], input["high"]
        if low > high:
            raise Refusal("empty-range", "there is no number between these bounds")
        return {"number": low + secrets.randbelow(high - low + 1)}

    return Implementation(capabilities={"random": random, "code": code, "uuid": uuid, "number": number})


def chosen(alphabet: str, length: int) -> str:
    """So many characters, each as likely as the other."""
    return "".join(secrets.choice(alphabet) for _ in range(length))
