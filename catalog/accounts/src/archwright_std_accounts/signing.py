"""Signing in and out, and changing one's password.

A stranger learns nothing from a failed sign-in: whether the address is unknown, the password wrong, the account
deactivated or without a password, the answer is the same and so is the work, one verification of a hash.
"""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context
from archwright_runtime.errors import FieldProblem, Refusal

from . import address, attempts, passwords
from .attempts import Counted
from .parts import Parts, find_user, signed_in_user
from .registration import taken


class Signing:
    """The capabilities around sessions and what proves who somebody is."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def sign_in(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Start a session for the holder of an address and its password."""
        return await self._parts.sessions.start(context, (await self.check(context, input))["user"])

    async def check(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """The active user with an address and its password."""
        email, password = address.normalise(input["email"]), input["password"]
        self._refuse_oversized(password, "/password")
        account, source = self._counters(context, email)
        await self._parts.attempts.admit(context, source)
        await self._parts.attempts.admit(context, account)
        user = await find_user(context, email=email)
        right = await self._parts.hasher.verify(user["password"] if user else None, password)
        if user is None or not right or not user["active"]:
            await self._parts.attempts.fail(context, account)
            await self._parts.attempts.fail(context, source)
            raise Refusal("wrong-credentials", "The e-mail address or the password is wrong.", keep=True)
        await self._parts.attempts.succeed(context, account)
        await self._refresh_hash(context, user, password)
        return {"user": user["id"]}

    async def confirm(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Refuse a caller who does not know the present password."""
        await self._require_password(context, await signed_in_user(context), input)
        return {}

    async def admit(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Start a session for an active user whom another component has recognised."""
        if await self._parts.sessions.person(context, input["user"]) is None:
            raise Refusal("wrong-credentials", "This account is not active.")
        return await self._parts.sessions.start(context, input["user"])

    async def issue(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Start a further session of the caller, who came with one: what has fewer rights, as a key has, gains none."""
        if not await self._parts.sessions.holds(context):
            raise Refusal("forbidden", "Only a session starts a further one.")
        return await self._parts.sessions.add(context, (await signed_in_user(context))["id"])

    async def repeat(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """The token that a program presented; that of a cookie is no script's business."""
        if context.caller.token is None:
            raise Refusal("forbidden", "Only a token is repeated, never a cookie.")
        return {"token": context.caller.token}

    async def sign_out(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """End the session that the request came with."""
        await self._parts.sessions.end(context)
        return {}

    async def sign_out_everywhere(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """End every session of the caller."""
        await self._parts.sessions.end_all(context, (await signed_in_user(context))["id"])
        return {}

    async def change_password(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Replace the caller's password; all sessions end and one starts anew."""
        user = await signed_in_user(context)
        passwords.check(input["new"], self._parts.policy.password, "/new", (user["email"], user["name"]))
        await self._confirm(context, user, input)
        kept = await self._parts.hasher.hash(input["new"])
        await context.rows("User").update({"id": user["id"]}, {"password": kept})
        await context.rows("ResetToken").delete({"user": user["id"]})
        await self._parts.sessions.end_all(context, user["id"])
        return await self._parts.sessions.start(context, user["id"])

    async def change_email(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Replace the caller's address; links sent to the old one are void."""
        user = await signed_in_user(context)
        email = address.checked(input["email"])
        await self._confirm(context, user, input)
        other = await find_user(context, email=email)
        if other is not None and other["id"] != user["id"]:
            raise taken()
        await context.rows("User").update({"id": user["id"]}, {"email": email})
        await context.rows("ResetToken").delete({"user": user["id"]})
        return {}

    async def _confirm(self, context: Context, user: dict[str, Any], input: dict[str, Any]) -> None:
        """Refuse a change unless the present password is given, so that an open session alone is not enough."""
        if self._parts.policy.confirm_changes:
            await self._require_password(context, user, input)

    async def _require_password(self, context: Context, user: dict[str, Any], input: dict[str, Any]) -> None:
        current = input.get("current") or ""
        self._refuse_oversized(current, "/current")
        account, _ = self._counters(context, user["email"])
        await self._parts.attempts.admit(context, account)
        if not await self._parts.hasher.verify(user["password"], current):
            await self._parts.attempts.fail(context, account)
            problem = FieldProblem("/current", "wrong", "This is not your present password.")
            raise Refusal("invalid", problems=(problem,), keep=True)
        await self._parts.attempts.succeed(context, account)

    def _counters(self, context: Context, email: str) -> tuple[Counted, Counted | None]:
        lockout = self._parts.policy.lockout
        return attempts.account("password", email, lockout.account), attempts.source(context, lockout.source)

    def _refuse_oversized(self, password: str, pointer: str) -> None:
        longest = self._parts.policy.password.longest
        if len(password) > longest:
            problem = FieldProblem(pointer, "too-long", f"A password has at most {longest} characters.")
            raise Refusal("invalid", problems=(problem,))

    async def _refresh_hash(self, context: Context, user: dict[str, Any], password: str) -> None:
        if self._parts.hasher.is_outdated(user["password"]):
            kept = await self._parts.hasher.hash(password)
            await context.rows("User").update({"id": user["id"]}, {"password": kept})
