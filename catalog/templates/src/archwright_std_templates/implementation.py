"""Joins the templates into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation

from .templates import Templates


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    pages = Templates(host.config.get("html") or {}, escape=True)
    texts = Templates(host.config.get("text") or {}, escape=False)

    async def html(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"html": pages.fill(input["template"], input.get("data"), input.get("content"))}

    async def text(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"text": texts.fill(input["template"], input.get("data"))}

    return Implementation(capabilities={"html": html, "text": text})
