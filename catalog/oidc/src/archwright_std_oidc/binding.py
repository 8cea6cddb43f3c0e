"""What ties a sign-in to one browser: a secret in its cookie, from which everything else is derived.

``state``, ``nonce`` and the PKCE verifier are derived, each for its purpose, so that none of them has to be kept and
whoever has one knows neither the others nor the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

_BYTES = 32


def fresh() -> str:
    """256 random bits for the cookie of a browser."""
    return secrets.token_urlsafe(_BYTES)


def state(binding: str) -> str:
    """What comes back with the browser."""
    return _derived(binding, "state")


def nonce(binding: str) -> str:
    """What comes back within the token."""
    return _derived(binding, "nonce")


def verifier(binding: str) -> str:
    """What proves to the provider that whoever brings a code began the sign-in (RFC 7636)."""
    return _derived(binding, "verifier")


def challenge(binding: str) -> str:
    """What the provider is told of the verifier beforehand, method S256."""
    return _text(hashlib.sha256(verifier(binding).encode()).digest())


def digest(value: str) -> str:
    """What is stored in place of a state."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def belongs(given: str | None, binding: str | None) -> bool:
    """Whether a state is the one of this browser, in a time that depends on neither."""
    if not given or not binding:
        return False
    return hmac.compare_digest(digest(given), digest(state(binding)))


def _derived(binding: str, purpose: str) -> str:
    return _text(hmac.digest(binding.encode("utf-8", "surrogatepass"), f"oidc {purpose}".encode(), "sha256"))


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
