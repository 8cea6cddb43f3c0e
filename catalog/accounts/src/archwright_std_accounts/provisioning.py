"""Accounts of people whom another component has recognised, such as one that asks an identity provider."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context
from archwright_runtime.errors import Refusal

from . import address
from .parts import Parts, find_user


class Provisioning:
    """The capability ``provision``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def provision(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """The account that is known, else one with a proved address, else a new one, as far as that is wanted."""
        if input.get("user") is not None:
            return {"user": input["user"]}
        email = _address(input.get("email"))
        found = await find_user(context, email=email)
        if found is None and input["make"]:
            return {"user": await self._make(context, email, input.get("name"))}
        if found is None or not found["active"] or not input["match"]:
            raise _unknown()
        await self._hand_over(context, found["id"])
        return {"user": found["id"]}

    async def _make(self, context: Context, email: str, name: str | None) -> str:
        roles = list(self._parts.policy.registers_as)
        values = {"name": name or email[:100], "password": None, "roles": roles, "active": True}
        if not await context.rows("User").ensure({"email": email}, values):
            raise _unknown()
        created: str = (await context.rows("User").find({"email": email}))[0]["id"]
        return created

    async def _hand_over(self, context: Context, user: str) -> None:
        """Whoever registered with an address that was never theirs keeps no way in."""
        await context.rows("User").update({"id": user}, {"password": None})
        await context.rows("ResetToken").delete({"user": user})
        await self._parts.sessions.end_all(context, user)


def _address(email: str | None) -> str:
    if email is None:
        raise _unknown()
    try:
        return address.checked(email)
    except Refusal:
        raise _unknown() from None


def _unknown() -> Refusal:
    return Refusal("unknown-person", "There is no account for you here.")
