"""The smallest accounts component: everybody's password is the same, and a session is the user's id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archwright_runtime.caller import Caller
from archwright_runtime.component import Context, Credentials, Host, Implementation, Recognised
from archwright_runtime.errors import Refusal

PASSWORD = "correct horse"


def create(host: Host) -> Implementation:
    """The component."""
    return Implementation(
        capabilities={"sign_in": _sign_in, "sign_out": _sign_out}, authenticate=_authenticate, cookie="session"
    )


async def _sign_in(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    found = await context.rows("User").find({"email": given["email"]})
    if not found or given["password"] != PASSWORD:
        raise Refusal("wrong-credentials")
    return {"token": f"of-{found[0]['id']}"}


async def _sign_out(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    return {}


async def _authenticate(context: Context, credentials: Credentials) -> Recognised | None:
    found = await context.rows("User").find({"id": credentials.token.removeprefix("of-")})
    if not found:
        return None
    caller = Caller(found[0]["id"], frozenset(found[0]["roles"]), f"session-{credentials.token}", "cookie")
    return Recognised(caller, context.now + timedelta(hours=1))
