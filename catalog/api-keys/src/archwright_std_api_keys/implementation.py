"""Makes, recognises and ends keys.

* A key is 256 random bits behind a fixed word; its SHA-256 is stored, so a stolen table opens nothing.
* It acts as its owner with the roles that both hold at that moment: a role that the owner loses is lost for the key.
* A key makes and ends no keys: whoever steals one cannot stay longer than it lasts.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from archwright_runtime.component import Context, Credentials, Host, Implementation, Recognised
from archwright_runtime.errors import FieldProblem, Refusal

_RANDOM = 32
_SHOWN = 4
_LONGEST = 100
_TOUCH = timedelta(minutes=10)
"""The time of last use is written at most this often, not with every request."""
_UNITS = {"s": 1, "m": 60}
_SESSION = "key:"


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    keys = Keys(
        host=host,
        prefix=host.config.get("prefix", "key_"),
        days=int(host.config.get("days", 365)),
        most=int(host.config.get("most", 20)),
        remember=_duration(host.config.get("remember", "15s")),
    )
    return Implementation(
        capabilities={"make": keys.make, "revoke": keys.revoke},
        authenticate=keys.recognise,
        schemes=(str(host.config.get("scheme", "ApiKey")).lower(),),
    )


@dataclass(frozen=True)
class Keys:
    """The component's own entity ``Key``."""

    host: Host
    prefix: str
    days: int
    most: int
    remember: timedelta

    async def make(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Make a key of the caller."""
        owner = _person(context)
        roles = sorted(set(input.get("roles") or ()))
        if unheld := [role for role in roles if role not in context.caller.roles]:
            problem = FieldProblem("/roles", "not-held", f"You do not hold the role {unheld[0]} yourself.")
            raise Refusal("invalid", problems=(problem,))
        days = min(int(input.get("days") or self.days), self.days)
        rows = context.rows("Key")
        if len(await rows.find({"owner": owner}, limit=self.most)) >= self.most:
            raise Refusal("too-many-keys", "You have as many keys as one person may have.")
        key = self.prefix + secrets.token_urlsafe(_RANDOM)
        expires = context.now + timedelta(days=days)
        made = await rows.create(
            {
                "owner": owner,
                "name": input["name"],
                "begins": key[: len(self.prefix) + _SHOWN],
                "digest": _digest(key),
                "roles": roles,
                "expires_at": expires,
            }
        )
        return {"id": made["id"], "key": key, "expires": expires}

    async def revoke(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """End a key of the caller; one of somebody else is not there."""
        ended = await context.rows("Key").delete({"id": input["key"], "owner": _person(context)})
        if not ended:
            raise Refusal("not-found")
        self.host.forget(_SESSION + input["key"])
        return {}

    async def recognise(self, context: Context, credentials: Credentials) -> Recognised | None:
        """Whose program holds a key; None when it holds none that works."""
        if not credentials.token.startswith(self.prefix) or len(credentials.token) > _LONGEST:
            return None
        found = await context.rows("Key").find({"digest": _digest(credentials.token)})
        if not found or context.now >= found[0]["expires_at"]:
            return None
        key = found[0]
        person = await context.person(key["owner"])
        if person is None:
            return None
        await self._touch(context, key)
        roles = person.roles if not key["roles"] else person.roles & frozenset(key["roles"])
        caller = replace(person, roles=roles, session=_SESSION + key["id"], via="bearer")
        return Recognised(caller, min(key["expires_at"], context.now + self.remember))

    async def _touch(self, context: Context, key: dict[str, Any]) -> None:
        used = key["used_at"]
        if used is None or context.now - used >= _TOUCH:
            await context.rows("Key").update({"id": key["id"]}, {"used_at": context.now})


def _person(context: Context) -> str:
    """The caller, who has to be there in person."""
    caller = context.caller
    if caller.id is None or (caller.session or "").startswith(_SESSION):
        raise Refusal("forbidden", "A key neither makes nor ends keys.")
    return caller.id


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _duration(text: str) -> timedelta:
    matched = re.fullmatch(r"([0-9]+)([sm])", text)
    assert matched is not None
    return timedelta(seconds=int(matched[1]) * _UNITS[matched[2]])
