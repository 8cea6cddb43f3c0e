"""Begins a sign-in and ends it.

* What asks the provider runs before the transaction and writes nothing; what writes asks nobody.
* A sign-in ends once, within ten minutes, in the browser in which it began.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import FieldProblem, Refusal

from . import binding
from .claims import Expected, not_proved
from .provider import Provider

_LASTS = timedelta(minutes=10)
_LOCAL = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")
"""A path of this service: no second slash in front, no backslash, nothing that browsers leave out."""

Row = dict[str, Any]


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    scopes = [str(one) for one in host.config.get("scopes") or ("openid", "email", "profile")]
    asked = " ".join(dict.fromkeys(["openid", *scopes]))
    path = str(host.config.get("path", "/api/oidc"))
    address = str(host.config["address"]).rstrip("/") + path + "/callback"
    signing = SigningIn(Provider(host), address, asked)
    return Implementation(
        capabilities={
            "prepare": signing.prepare,
            "begin": signing.begin,
            "exchange": signing.exchange,
            "recall": signing.recall,
            "link": signing.link,
        }
    )


@dataclass(frozen=True)
class SigningIn:
    """The component's own entities ``Begun`` and ``Link``, and the provider."""

    provider: Provider
    address: str
    scopes: str

    async def prepare(self, context: Context, input: Row) -> Row:
        """Where the browser goes, and what it keeps."""
        published = await self.provider.published(context.now)
        secret = binding.fresh()
        query = {
            "response_type": "code",
            "client_id": self.provider.client,
            "redirect_uri": self.address,
            "scope": self.scopes,
            "state": binding.state(secret),
            "nonce": binding.nonce(secret),
            "code_challenge": binding.challenge(secret),
            "code_challenge_method": "S256",
        }
        separator = "&" if "?" in published.authorization else "?"
        location = published.authorization + separator + urlencode(query)
        return {"location": location, "binding": secret, "state": query["state"]}

    async def begin(self, context: Context, input: Row) -> Row:
        """Remember a sign-in."""
        if not _LOCAL.fullmatch(input["to"]):
            problem = FieldProblem("?to", "format", "This is no path of this service.")
            raise Refusal("invalid", "This is no path of this service.", (problem,))
        values = {"digest": binding.digest(input["state"]), "to": input["to"], "expires": context.now + _LASTS}
        await context.rows("Begun").create(values)
        return {}

    async def exchange(self, context: Context, input: Row) -> Row:
        """Whom the provider means; nothing is asked for a browser that has begun nothing."""
        secret = input.get("binding")
        if secret is None or not binding.belongs(input.get("state"), secret):
            raise _not_begun()
        if not input.get("code") or input.get("iss", self.provider.issuer) != self.provider.issuer:
            raise not_proved()
        expected = Expected(self.provider.issuer, self.provider.client, binding.nonce(secret), context.now)
        return await self.provider.identify(input["code"], binding.verifier(secret), self.address, expected)

    async def recall(self, context: Context, input: Row) -> Row:
        """End a sign-in that was begun."""
        digest = {"digest": binding.digest(input.get("state") or "")}
        found = await context.rows("Begun").find(digest)
        if not found or not await context.rows("Begun").delete(digest) or found[0]["expires"] <= context.now:
            raise _not_begun()
        linked = await context.rows("Link").find({"issuer": input["issuer"], "subject": input["subject"]})
        return {"to": found[0]["to"], **({"user": linked[0]["person"]} if linked else {})}

    async def link(self, context: Context, input: Row) -> Row:
        """Remember whom the provider means."""
        key = {"issuer": input["issuer"], "subject": input["subject"]}
        links = context.rows("Link")
        linked = await links.find({"issuer": input["issuer"], "person": input["user"]})
        if not linked and await links.ensure(key, {"person": input["user"]}):
            return {}
        # An address that the provider gave to somebody else must not give them the account of who had it before.
        if not linked or linked[0]["subject"] != input["subject"]:
            raise Refusal("unknown-person", "You have no account here.")
        return {}


def _not_begun() -> Refusal:
    return Refusal("not-begun", "This sign-in was not begun here or is too old; begin again.")
