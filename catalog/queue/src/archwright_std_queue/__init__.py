"""``std/queue``: a look into what waits for delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

__all__ = ["create"]


def create(host: Host) -> Implementation:
    """The component; it has nothing to configure."""

    async def statistics(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"queues": _plain(await context.letters().waiting())}

    async def dead_letters(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        found = await context.letters().dead(input.get("queue"), limit=input.get("limit", 100))
        return {"letters": _plain(found)}

    async def redrive(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        count = await context.letters().redrive(input.get("id"), input.get("queue"))
        if count == 0 and "id" in input:
            raise Refusal("not-found")
        return {"count": count}

    async def discard(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        count = await context.letters().discard(input["id"])
        if count == 0:
            raise Refusal("not-found")
        return {"count": count}

    known = {"statistics": statistics, "dead_letters": dead_letters, "redrive": redrive, "discard": discard}
    return Implementation(capabilities=known)


def _plain(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _text(value) for name, value in entry.items()} for entry in entries]


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
