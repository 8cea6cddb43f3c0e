"""Sessions: opaque random tokens, of which only a digest is stored.

* A sign-in makes a new token and never takes over one that the request brought, so none can be planted beforehand.
* A session ends by sign-out, after being idle, after its full length, or when its user is deactivated.
* Every change of a password ends all sessions of the user and starts one anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from archwright_runtime.caller import Caller
from archwright_runtime.component import Context, Credentials, Recognised, Rows

from . import tokens
from .policy import Policy

_TOUCHES_PER_IDLE = 24
"""How often the time of last use is written within the idle time: exact enough, and not a write per request."""


class Sessions:
    """The component's own entity ``Session``."""

    def __init__(self, policy: Policy, forget: Callable[[str], None]) -> None:
        self._policy = policy
        self._forget = forget

    async def start(self, context: Context, user: str) -> dict[str, Any]:
        """A new session for a user; the one that the request came with ends."""
        await self.end(context)
        return await self.add(context, user)

    async def add(self, context: Context, user: str) -> dict[str, Any]:
        """A further session for a user; the one used least recently makes room for it."""
        await self._make_room(context, user)
        token = tokens.fresh()
        expires = context.now + self._policy.absolute
        values = {"user": user, "digest": tokens.digest(token), "used": context.now, "expires": expires}
        await _rows(context).create(values)
        return {"user": user, "token": token, "expires": expires}

    async def holds(self, context: Context) -> bool:
        """Whether the request came with a session, and not with credentials of another component."""
        session = context.caller.session
        return session is not None and bool(await _rows(context).find({"id": session}))

    async def end(self, context: Context) -> None:
        """End the session that the request came with."""
        if context.caller.session is not None:
            await self._delete(context, {"id": context.caller.session})

    async def end_all(self, context: Context, user: str) -> None:
        """End every session of a user."""
        await self._delete(context, {"user": user})

    async def recognise(self, context: Context, credentials: Credentials) -> Recognised | None:
        """Who holds a token; None when nobody does any more."""
        if not tokens.is_plausible(credentials.token):
            return None
        session = _first(await _rows(context).find({"digest": tokens.digest(credentials.token)}))
        if session is None or context.now >= self._ends(session):
            return None
        user = _first(await context.rows("User").find({"id": session["user"]}))
        if user is None or not user["active"]:
            return None
        await self._touch(context, session)
        via = "cookie" if credentials.scheme == "cookie" else "bearer"
        token = credentials.token if via == "bearer" else None
        caller = Caller(user["id"], frozenset(user["roles"]), session["id"], via, token)
        return Recognised(caller, min(self._ends(session), context.now + self._policy.remember))

    async def person(self, context: Context, user: str) -> Caller | None:
        """An active user with the roles held now, for components with credentials of their own."""
        found = _first(await context.rows("User").find({"id": user}))
        return None if found is None or not found["active"] else Caller(found["id"], frozenset(found["roles"]))

    def forget(self, session: str = "*") -> None:
        """Have rights read again from the database."""
        self._forget(session)

    def _ends(self, session: dict[str, Any]) -> datetime:
        idle: datetime = session["used"] + self._policy.idle
        absolute: datetime = session["expires"]
        return min(idle, absolute)

    async def _touch(self, context: Context, session: dict[str, Any]) -> None:
        unused: timedelta = context.now - session["used"]
        if unused * _TOUCHES_PER_IDLE >= self._policy.idle:
            await _rows(context).update({"id": session["id"]}, {"used": context.now})
            session["used"] = context.now

    async def _make_room(self, context: Context, user: str) -> None:
        kept = await _rows(context).find({"user": user}, limit=self._policy.sessions + 1)
        oldest = sorted(kept, key=lambda session: session["used"])
        for session in oldest[: max(0, len(kept) - self._policy.sessions + 1)]:
            await self._delete(context, {"id": session["id"]})

    async def _delete(self, context: Context, where: dict[str, Any]) -> None:
        ended = await _rows(context).find(where, limit=self._policy.sessions + 1)
        await _rows(context).delete(where)
        for session in ended:
            self._forget(session["id"])


def _rows(context: Context) -> Rows:
    return context.rows("Session")


def _first(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    return found[0] if found else None
