"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import SettingError

from .seal import Seals

_FIRST, _BEFORE = "encryption-key", "previous-encryption-key"


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    seals = Seals(_secrets(host))

    async def seal(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"sealed": seals.seal(input["text"], input.get("context") or "")}

    async def open(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"text": seals.open(input["sealed"], input.get("context") or "")[0]}

    async def reseal(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        text, newest = seals.open(input["sealed"], input.get("context") or "")
        sealed = input["sealed"] if newest else seals.seal(text, input.get("context") or "")
        return {"sealed": sealed, "renewed": not newest}

    return Implementation(capabilities={"seal": seal, "open": open, "reseal": reseal})


def _secrets(host: Host) -> list[str]:
    found = [host.secret(_FIRST)]
    with suppress(SettingError):
        found.append(host.secret(_BEFORE))
    return found
