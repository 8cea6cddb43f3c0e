"""A component that recognises people by tokens like ``employee.ada`` and keeps nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archwright_runtime.caller import Caller
from archwright_runtime.component import Context, Credentials, Host, Implementation, Recognised


def create(host: Host) -> Implementation:
    """The component."""

    async def authenticate(context: Context, credentials: Credentials) -> Recognised | None:
        role, _, name = credentials.token.partition(".")
        if not name:
            return None
        via = "cookie" if credentials.scheme == "cookie" else "bearer"
        caller = Caller(name.ljust(22, "0"), frozenset({role}), credentials.token, via)
        return Recognised(caller, context.now + timedelta(minutes=5))

    async def fail(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("Ada's secret")

    return Implementation(capabilities={"fail": fail}, authenticate=authenticate, schemes=("bearer",), cookie="session")
