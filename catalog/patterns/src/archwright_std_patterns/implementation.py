"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from . import search

_MOST = 100


def create(host: Host) -> Implementation:
    """The component; there is nothing to configure."""

    async def check(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        try:
            search.compiled(input["pattern"], False)
        except Refusal as refusal:
            return {"valid": False, "problem": str(refusal)[:200]}
        return {"valid": True}

    async def matches(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        pattern = _pattern(input)
        return {"matches": await host.offload(search.matches, pattern, input["text"])}

    async def find(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        found, more = await host.offload(search.find, _pattern(input), input["text"], input.get("most") or _MOST)
        return {"found": found, "more": more}

    async def replace(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        text, count = await host.offload(search.replace, _pattern(input), input["text"], input["with"])
        return {"text": text, "count": count}

    return Implementation(capabilities={"check": check, "matches": matches, "find": find, "replace": replace})


def _pattern(input: dict[str, Any]) -> Any:
    return search.compiled(input["pattern"], bool(input.get("ignore_case")))
