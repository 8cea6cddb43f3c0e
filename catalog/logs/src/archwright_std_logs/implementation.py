"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from . import reading

_LINES = 100
_SCAN = 16 * 1024 * 1024


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    files: Mapping[str, str] = host.config.get("files") or {}
    scan = int(host.config.get("scan") or _SCAN)

    def path(name: str) -> str:
        if name not in files:
            raise Refusal("unknown-log", "there is no such log")
        return files[name]

    async def names(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"names": sorted(files)}

    async def tail(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        file, before = path(input["file"]), input.get("before")
        lines, begin = await host.offload(reading.tail, file, input.get("lines") or _LINES, before)
        return {"lines": lines, "before": begin or None}

    async def search(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        file, holds = path(input["file"]), reading.test(input.get("text"), input.get("pattern"))
        lines, complete = await host.offload(reading.search, file, holds, input.get("most") or _LINES, scan)
        return {"lines": lines, "complete": complete}

    return Implementation(capabilities={"names": names, "tail": tail, "search": search})
