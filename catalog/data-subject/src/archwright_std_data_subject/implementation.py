"""Shows and erases what the service keeps about one person; the runtime knows which rows those are."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    return Implementation(capabilities={"own": own, "of": of, "erase": erase})


async def own(context: Context, input: dict[str, Any]) -> dict[str, Any]:
    """Everything about the caller."""
    if context.caller.id is None:
        raise Refusal("forbidden")
    return {"data": await context.subject(context.caller.id).rows()}


async def of(context: Context, input: dict[str, Any]) -> dict[str, Any]:
    """Everything about a person; somebody who is not there has none."""
    found = await context.subject(input["person"]).rows()
    if not found:
        raise Refusal("not-found")
    return {"data": found}


async def erase(context: Context, input: dict[str, Any]) -> dict[str, Any]:
    """Delete or anonymise everything about a person."""
    return dict(await context.subject(input["person"]).erase())
