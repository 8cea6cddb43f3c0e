"""How accounts come into being: people register, and the first administrator holds the setup code."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context
from archwright_runtime.errors import FieldProblem, Refusal, SettingError

from . import address, attempts, passwords, tokens
from .parts import Parts

_SHORTEST_SETUP_CODE = 20
_OWN = frozenset({"id", "email", "name", "password", "roles", "active", "deactivated_at", "created_at", "updated_at"})
_ADMINISTRATOR = "admin"
"""The role that the manifest declares."""


class Registration:
    """The capabilities ``register`` and ``first_admin``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def register(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Create an account and sign it in."""
        user = await self._create(context, input, list(self._parts.policy.registers_as))
        return await self._parts.sessions.start(context, user)

    async def first_admin(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Create an administrator for whoever holds the setup code, which works once."""
        source = attempts.source(context, self._parts.policy.lockout.account)
        await self._parts.attempts.admit(context, source)
        code = self._setup_code()
        if code is None or not tokens.equal(input["code"], code):
            await self._parts.attempts.fail(context, source)
            raise Refusal("wrong-code", "This setup code is not valid.", keep=True)
        if not await context.rows("UsedCode").ensure({"digest": tokens.digest(code)}, {}):
            raise Refusal("wrong-code", "This setup code is not valid.")
        user = await self._create(context, input, [_ADMINISTRATOR])
        return await self._parts.sessions.start(context, user)

    def _setup_code(self) -> str | None:
        try:
            code = self._parts.host.secret("setup-code")
        except SettingError:
            return None
        return code if len(code) >= _SHORTEST_SETUP_CODE else None

    async def _create(self, context: Context, input: dict[str, Any], roles: list[str]) -> str:
        email = address.checked(input["email"])
        personal = (email, input["name"])
        passwords.check(input["password"], self._parts.policy.password, "/password", personal)
        await self._refuse_taken(context, email)
        kept = await self._parts.hasher.hash(input["password"])
        own = {"name": input["name"], "password": kept, "roles": roles, "active": True}
        key, values = {"email": email}, {**_further(input.get("further")), **own}
        if not await context.rows("User").ensure(key, values):
            raise taken()
        created: str = (await context.rows("User").find(key))[0]["id"]
        return created

    async def _refuse_taken(self, context: Context, email: str) -> None:
        if await context.rows("User").find({"email": email}):
            raise taken()


def _further(values: Any) -> dict[str, Any]:
    """Values of fields that the assembly adds; what this component keeps itself is never among them."""
    return {name: value for name, value in (values or {}).items() if name not in _OWN}


def taken() -> Refusal:
    """The failure of an address that belongs to somebody; a unique address reveals that it exists."""
    problem = FieldProblem("/email", "unique", "Somebody has registered with this address.")
    return Refusal("address-taken", "Somebody has registered with this address.", problems=(problem,))
