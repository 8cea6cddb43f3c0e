"""The identity provider: what it publishes about itself, its keys, and the exchange of codes.

* Its documents are remembered for an hour; a key that is unknown has its keys read again, once.
* What it publishes is believed only where it names the configured issuer and stays on the declared hosts.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from archwright_runtime.component import Host, OutwardError
from archwright_runtime.errors import Refusal, SettingError

from . import claims
from .claims import ALGORITHMS, Expected, not_proved

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_REMEMBERED = timedelta(hours=1)
_LARGEST = 262_144
_LONGEST_TOKEN = 16_384
_SECONDS = 8.0
_LATER = 15
_KINDS = frozenset({"RSA", "EC"})


@dataclass(frozen=True)
class Published:
    """What is known of the provider."""

    authorization: str
    token: str
    jwks: str
    read_at: datetime


@dataclass(frozen=True)
class Keys:
    """The public keys of the provider."""

    found: KeySet
    names: frozenset[str | None]
    read_at: datetime


class Provider:
    """One provider, for one client."""

    def __init__(self, host: Host) -> None:
        self.issuer = str(host.config["issuer"])
        self.client = str(host.config["client"])
        self._authentication = str(host.config.get("authentication", "basic"))
        self._secret = host.secret("client-secret") if self._authentication != "none" else ""
        self._outward = host.outward("https")
        self._published: Published | None = None
        self._keys: Keys | None = None
        try:
            self._outward.check(self._discovery)
        except OutwardError as error:
            raise SettingError(f"oidc: the issuer cannot be reached: {error.reason}") from None

    @property
    def _discovery(self) -> str:
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"

    async def published(self, now: datetime) -> Published:
        """What the provider says about itself.

        Raises:
            Refusal: ``busy``, where it says nothing that can be used.
        """
        known = self._published
        if known is not None and now - known.read_at < _REMEMBERED:
            return known
        document = await self._document(self._discovery)
        places = [document.get(f"{name}_endpoint") for name in ("authorization", "token")]
        authorization, token, jwks = (*places, document.get("jwks_uri"))
        if document.get("issuer") != self.issuer or not isinstance(authorization, str):
            raise _silent()
        if not isinstance(token, str) or not isinstance(jwks, str):
            raise _silent()
        for place in (authorization, token, jwks):
            self._check(place)
        self._published = Published(authorization, token, jwks, now)
        return self._published

    async def identify(self, code: str, verifier: str, address: str, expected: Expected) -> dict[str, Any]:
        """Whom the provider means by a code.

        Raises:
            Refusal: ``not-proved``, or ``busy`` where it cannot be asked.
        """
        published = await self.published(expected.now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": address,
            "code_verifier": verifier,
            **self._named(),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", **self._authorized()}
        status, content = await self._ask("POST", published.token, headers, urlencode(form).encode())
        if 400 <= status < 500:
            raise not_proved()
        if status != 200:
            raise _silent()
        token = _members(content).get("id_token")
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            raise not_proved()
        return claims.tested(await self._claims(token, expected.now), expected)

    def _named(self) -> dict[str, str]:
        if self._authentication == "basic":
            return {}
        return {"client_id": self.client, **({"client_secret": self._secret} if self._authentication == "post" else {})}

    def _authorized(self) -> dict[str, str]:
        if self._authentication != "basic":
            return {}
        # RFC 6749, 2.3.1: both are escaped like a form before they are joined.
        pair = f"{quote_plus(self.client)}:{quote_plus(self._secret)}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode("ascii")}

    async def _claims(self, token: str, now: datetime) -> Mapping[str, Any]:
        from joserfc import jws, jwt
        from joserfc.errors import JoseError

        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
            if header.get("alg") not in ALGORITHMS:
                raise not_proved()
            keys = await self._keys_for(header.get("kid"), now)
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise not_proved() from None

    async def _keys_for(self, kid: Any, now: datetime) -> KeySet:
        """The keys, read again where they are old or lack the one that is named."""
        known = self._keys
        if known is None or now - known.read_at >= _REMEMBERED or kid not in known.names:
            known = self._keys = await self._read_keys(now)
        if kid not in known.names and (kid is not None or len(known.names) != 1):
            raise not_proved()
        return known.found

    async def _read_keys(self, now: datetime) -> Keys:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        document = await self._document((await self.published(now)).jwks)
        given = document.get("keys")
        usable = [one for one in given if _is_usable(one)] if isinstance(given, list) else []
        try:
            found = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError):
            raise _silent() from None
        return Keys(found, frozenset(one.get("kid") for one in usable), now)

    async def _document(self, url: str) -> dict[str, Any]:
        status, content = await self._ask("GET", url, {}, b"")
        if status != 200:
            raise _silent()
        return _members(content)

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> tuple[int, bytes]:
        sent = {"Accept": "application/json", "User-Agent": "archwright", **headers}
        try:
            reply = await self._outward.send(
                method, url, headers=sent, content=content, largest=_LARGEST, seconds=_SECONDS
            )
        except OutwardError:
            raise _silent() from None
        return reply.status, reply.content

    def _check(self, url: str) -> None:
        try:
            self._outward.check(url)
        except OutwardError:
            raise _silent() from None


def _is_usable(key: Any) -> bool:
    """Whether a key can sign tokens; those of kinds that are not taken are left aside."""
    if not isinstance(key, dict) or key.get("kty") not in _KINDS or key.get("use", "sig") != "sig":
        return False
    return key.get("kid") is None or isinstance(key["kid"], str)


def _members(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise _silent() from None
    if not isinstance(found, dict):
        raise _silent()
    return found


def _silent() -> Refusal:
    return Refusal("busy", "The identity provider cannot be asked.", retry_after=_LATER)
