"""A component for tests: it keeps notes, sends letters and recognises tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archwright_runtime.caller import Caller
from archwright_runtime.component import Context, Credentials, Host, Implementation, Recognised
from archwright_runtime.errors import Refusal

LETTERS: list[tuple[str, dict[str, Any]]] = []
"""What was delivered: stable key and input."""
BROKEN: list[bool] = []
"""While it holds something, letters cannot be delivered."""
ASKED: list[str] = []
"""Tokens that were looked up."""


def create(host: Host) -> Implementation:
    """The component."""

    async def note(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        row = await context.rows("Note").create({"text": input["text"], "by": context.caller.id})
        return {"id": row["id"], "at": context.now}

    async def refuse(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        await context.rows("Note").create({"text": input["text"]})
        raise Refusal("notes.full", keep=input.get("keep", False))

    async def send(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        if BROKEN:
            raise OSError("the post office is closed")
        LETTERS.append((context.idempotency_key, input))
        return {}

    async def wrong(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"id": 5}

    async def authenticate(context: Context, credentials: Credentials) -> Recognised | None:
        ASKED.append(credentials.token)
        found = await context.rows("Note").find({"text": credentials.token})
        if not found:
            return None
        caller = Caller(id=found[0]["by"], roles=frozenset({"lead", "ghost"}), session=found[0]["id"], via="bearer")
        return Recognised(caller, context.now + timedelta(seconds=30))

    return Implementation(
        capabilities={"note": note, "refuse": refuse, "send": send, "wrong": wrong},
        authenticate=authenticate,
        schemes=("bearer",),
    )
