"""Links that let a person choose a password: after forgetting one, and when an administrator invites.

* The answer to a request is the same whether or not the address has an account; what follows arrives by mail.
* A link works once, for a stated time, and only its digest is stored.
* Links begin with the configured address of the service, never with what a request calls itself.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from archwright_runtime.component import Context
from archwright_runtime.errors import FieldProblem, Refusal

from . import address, attempts, passwords, tokens
from .parts import Parts, find_user
from .registration import taken

_REQUESTS_WITHOUT_WAIT = 3


class Recovery:
    """The capabilities ``request_reset``, ``invite`` and ``reset_password``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def request_reset(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """A link for the address, if it has an account; the same empty answer otherwise."""
        email = address.normalise(input["email"])
        source = attempts.source(context, self._parts.policy.lockout.source)
        await self._parts.attempts.admit(context, source)
        await self._parts.attempts.fail(context, source)
        await self._refuse_flood(context, email)
        user = await find_user(context, email=email)
        if user is None or not user["active"]:
            return {"found": False, "to": "", "name": "", "link": ""}
        link = await self._link(context, user["id"], self._parts.policy.reset_lasts)
        return {"found": True, "to": user["email"], "name": user["name"], "link": link}

    async def invite(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """An account without a password, and the link with which its holder chooses one."""
        email = address.checked(input["email"])
        values = {"name": input["name"], "password": None, "roles": [], "active": True}
        if not await context.rows("User").ensure({"email": email}, values):
            raise taken()
        user = (await context.rows("User").find({"email": email}))[0]
        link = await self._link(context, user["id"], self._parts.policy.invitation_lasts)
        return {"user": user["id"], "to": email, "link": link}

    async def reset_password(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Choose a password with a link; every session of the user ends."""
        token, user = await self._redeemable(context, input["token"])
        passwords.check(input["password"], self._parts.policy.password, "/password", (user["email"], user["name"]))
        kept = await self._parts.hasher.hash(input["password"])
        if not await context.rows("ResetToken").delete({"id": token["id"]}):
            raise _expired()
        await context.rows("ResetToken").delete({"user": user["id"]})
        await context.rows("User").update({"id": user["id"]}, {"password": kept})
        await context.rows("Attempt").delete({"key": self._account(user["email"])})
        await self._parts.sessions.end_all(context, user["id"])
        return {}

    async def _redeemable(self, context: Context, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        source = attempts.source(context, self._parts.policy.lockout.source)
        await self._parts.attempts.admit(context, source)
        plausible = tokens.is_plausible(token)
        found = await context.rows("ResetToken").find({"digest": tokens.digest(token)}) if plausible else []
        user = await find_user(context, id=found[0]["user"]) if found else None
        if user is None or not user["active"] or found[0]["expires"] <= context.now:
            await self._parts.attempts.fail(context, source)
            raise _expired()
        return found[0], user

    async def _link(self, context: Context, user: str, lasts: timedelta) -> str:
        token = tokens.fresh()
        await context.rows("ResetToken").delete({"user": user})
        values = {"user": user, "digest": tokens.digest(token), "expires": context.now + lasts}
        await context.rows("ResetToken").create(values)
        policy = self._parts.policy
        return f"{policy.address.rstrip('/')}{policy.reset_page}?token={token}"

    async def _refuse_flood(self, context: Context, email: str) -> None:
        counted = attempts.account("reset", email, _REQUESTS_WITHOUT_WAIT)
        await self._parts.attempts.admit(context, counted)
        await self._parts.attempts.fail(context, counted)

    def _account(self, email: str) -> str:
        return attempts.account("password", email, 0).key


def _expired() -> Refusal:
    problem = FieldProblem("/token", "expired", "This link has been used or is too old.")
    return Refusal("expired-link", "This link has been used or is too old.", problems=(problem,), keep=True)
