"""The keys of a service: one that signs, and those whose signatures count."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from archwright_runtime.component import Host
from archwright_runtime.errors import SettingError

_SHORTEST = 32
_FIRST, _BEFORE = "signing-key", "previous-signing-key"


class Key(ABC):
    """One key."""

    @abstractmethod
    def sign(self, content: bytes) -> bytes:
        """The signature of a content."""

    @abstractmethod
    def fits(self, content: bytes, signature: bytes) -> bool:
        """Whether a signature is this key's."""

    @property
    def public(self) -> str | None:
        """What others verify with."""
        return None


class SharedKey(Key):
    """HMAC with SHA-256."""

    def __init__(self, secret: str) -> None:
        if len(secret) < _SHORTEST:
            raise SettingError(f"the secret `{_FIRST}` has fewer than {_SHORTEST} characters")
        self._key = sha256(b"archwright-signing\x00" + secret.encode()).digest()

    def sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")

    def fits(self, content: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(content), signature)


class PairedKey(Key):
    """Ed25519."""

    def __init__(self, secret: str) -> None:
        try:
            key = load_pem_private_key(secret.encode(), password=None)
        except (ValueError, TypeError):
            raise SettingError(f"the secret `{_FIRST}` is no private key in PEM") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingError(f"the secret `{_FIRST}` is no Ed25519 key")
        self._key = key

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(content)

    def fits(self, content: bytes, signature: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, content)
        except InvalidSignature:
            return False
        return True

    @property
    def public(self) -> str | None:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True)
class Keys:
    """The first signs, all verify."""

    known: Sequence[Key] = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        """The signature of a content."""
        return self.known[0].sign(content)

    def fits(self, content: bytes, signature: bytes) -> bool:
        """Whether a signature is one of ours."""
        return any(key.fits(content, signature) for key in self.known)

    @property
    def public(self) -> str | None:
        """What others verify with."""
        return self.known[0].public


def read_keys(host: Host, algorithm: str) -> Keys:
    """The keys that the deployment gives.

    Raises:
        SettingError: one is missing, too short or of another kind.
    """
    make: type[SharedKey] | type[PairedKey] = SharedKey if algorithm == "hmac" else PairedKey
    known = [make(host.secret(_FIRST))]
    try:
        before = host.secret(_BEFORE)
    except SettingError:
        return Keys(tuple(known))
    return Keys((*known, make(before)))
