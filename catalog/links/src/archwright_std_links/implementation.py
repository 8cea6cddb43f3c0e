"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from archwright_runtime.component import Context, Host, Implementation

from .link import Rules, read
from .spelling import suspicion


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    config = host.config
    rules = Rules(
        schemes=frozenset(config.get("schemes") or ("https", "http")),
        allowed=tuple(config.get("allowed") or ()),
        own=tuple(config.get("own") or ()),
        addresses=bool(config.get("addresses", False)),
    )
    notice = str(config.get("notice") or "")

    async def check(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        link = read(input["url"], rules)
        reason = suspicion(link.host)
        return {
            "url": link.url,
            "host": link.host,
            "external": link.external,
            "suspicious": reason is not None,
            "reason": reason,
            "shown": link.shown,
        }

    async def lead(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        link = read(input["url"], rules)
        through = link.external and bool(notice)
        return {"href": f"{notice}?to={quote(link.url, safe='')}" if through else link.url, "external": link.external}

    return Implementation(capabilities={"check": check, "lead": lead})
