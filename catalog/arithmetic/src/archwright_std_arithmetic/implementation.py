"""Joins the functions into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation

from .evaluation import evaluate
from .syntax import names_of, parse

_DIGITS = 34


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    digits = int(host.config.get("digits") or _DIGITS)

    async def run(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        result, exact = evaluate(parse(input["expression"]), input.get("values"), digits)
        return {"result": result, "exact": exact}

    async def names(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"names": names_of(parse(input["expression"]))}

    return Implementation(capabilities={"evaluate": run, "names": names})
