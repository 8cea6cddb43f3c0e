"""What administrators do to other people's sessions; the rest of their work is data in the manifest."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context

from .parts import Parts

_NOBODY = "anonymised"


class Administration:
    """The capabilities ``revoke``, ``close`` and ``refresh``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def revoke(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """End every session of a user and every link sent to them."""
        await self._parts.sessions.end_all(context, input["user"])
        await context.rows("ResetToken").delete({"user": input["user"]})
        return {}

    async def close(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Deactivate a user for good: no session, no link, no password, no name."""
        await self.revoke(context, input)
        gone = {"active": False, "deactivated_at": context.now, "password": None, "name": _NOBODY}
        await context.rows("User").update({"id": input["user"]}, gone)
        return {}

    async def refresh(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Have everybody's roles read again, since some have changed."""
        self._parts.sessions.forget()
        return {}
