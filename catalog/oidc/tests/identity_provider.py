"""An identity provider on this machine, which signs what a test wants it to sign."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from testing_support.servers import Heard

CLIENT, SECRET = "notes", "a secret: of the client"
Claims = dict[str, Any]
Key = RSAKey | ECKey


@dataclass
class Asked:
    """What somebody wanted when they came to the provider."""

    nonce: str
    challenge: str
    person: Claims


@dataclass
class IdentityProvider:
    """Takes a browser's visit, gives a code, and exchanges it once for an ID token.

    Attributes:
        forge: changes the claims before they are signed.
        sign: makes the token from the claims, where not with the provider's own key.
        published: its keys.
        silent: whether it is out of order.
    """

    key: Key
    origin: str = ""
    algorithm: str = "RS256"
    forge: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    published: list[Key] = field(default_factory=list)
    codes: dict[str, Asked] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    metadata: Claims = field(default_factory=dict)
    silent: bool = False

    def visit(self, location: str, **person: Any) -> dict[str, str]:
        """Somebody signs in: what their browser brings back."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
        assert (query["response_type"], query["code_challenge_method"], query["client_id"]) == ("code", "S256", CLIENT)
        code = f"code-{len(self.codes)}"
        self.codes[code] = Asked(query["nonce"], query["code_challenge"], person)
        return {"code": code, "state": query["state"]}

    def answer(self, request: Heard) -> tuple[int, dict[str, str], bytes]:
        """Answer one request of the service."""
        path = urlsplit(request.target).path
        self.heard.append(path)
        if self.silent:
            return 500, {}, b"oops"
        if path == "/.well-known/openid-configuration":
            return _json(200, self._about())
        if path == "/keys":
            keys = self.published or [self.key]
            return _json(200, {"keys": [{**one.as_dict(private=False), "use": "sig"} for one in keys]})
        return self._exchange(request)

    def _about(self) -> Claims:
        about = {
            "issuer": self.origin,
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "jwks_uri": f"{self.origin}/keys",
        }
        return {**about, **self.metadata}

    def _exchange(self, request: Heard) -> tuple[int, dict[str, str], bytes]:
        form = {name: value[0] for name, value in parse_qs(request.body.decode()).items()}
        proof = "Basic " + b64encode(f"{CLIENT}:a+secret%3A+of+the+client".encode()).decode()
        asked = self.codes.pop(form["code"], None)
        headers = {name.lower(): value for name, value in request.headers.items()}
        verified = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked.challenge != verified or headers.get("authorization") != proof:
            return _json(400, {"error": "invalid_grant"})
        assert form["redirect_uri"] == "http://service.test/api/oidc/callback"
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": self.origin, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked.nonce}
        claims = self.forge({**claims, **asked.person})
        sign = self.sign or self.signed
        return _json(200, {"access_token": "x", "token_type": "Bearer", "id_token": sign(claims)})

    def signed(self, claims: Claims) -> str:
        """A token with the provider's own key."""
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


def _json(status: int, body: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()
