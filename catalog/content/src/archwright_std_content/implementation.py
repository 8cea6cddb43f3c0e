"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Handler, Host, Implementation

from . import markup
from .difference import compare
from .slug import slug

_EXCERPT = 200


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    texts = markup.Markup(
        images=bool(host.config.get("images", False)), follow_links=bool(host.config.get("follow_links", False))
    )

    async def markdown(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"html": texts.markdown(input["text"])}

    async def sanitise(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"html": texts.sanitise(input["html"])}

    async def make_slug(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"slug": slug(input["text"], input.get("fallback") or "")}

    async def excerpt(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"text": shorten(markup.plain(input["text"]), input.get("length") or _EXCERPT)}

    async def diff(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        found = await host.offload(compare, input["before"], input["after"])
        return {"unified": found.unified, "added": found.added, "removed": found.removed, "same": found.same}

    capabilities: dict[str, Handler] = {
        "markdown": markdown,
        "sanitise": sanitise,
        "slug": make_slug,
        "excerpt": excerpt,
        "diff": diff,
    }
    return Implementation(capabilities=capabilities)


def shorten(text: str, length: int) -> str:
    """At most ``length`` characters, whole words, with an ellipsis where something is left out."""
    if len(text) <= length:
        return text
    kept = text[:length]
    return (kept.rpartition(" ")[0] or kept).rstrip() + "…"
