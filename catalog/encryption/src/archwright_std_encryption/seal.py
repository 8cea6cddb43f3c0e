"""Seals: ``e1.<key>.<nonce and cipher text>``, under AES-256-GCM with a key derived by HKDF-SHA-256.

The context is authenticated with the text, so that a seal taken from one place does not open in another.
A nonce is 96 random bits: one key seals 2**32 texts before a repetition is likely enough to matter (NIST SP 800-38D).
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archwright_runtime.errors import Refusal, SettingError

_SHORTEST = 32
_NONCE = 12
_FORM = re.compile(r"e1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)")


class Seals:
    """Seals texts with the first key and opens with every one.

    Raises:
        SettingError: a key is too short.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if any(len(key) < _SHORTEST for key in keys):
            raise SettingError(f"an encryption key has fewer than {_SHORTEST} characters")
        derived = [_derived(key) for key in keys]
        self._names = [sha256(key).hexdigest()[:8] for key in derived]
        self._ciphers = {name: AESGCM(key) for name, key in zip(self._names, derived, strict=True)}

    def seal(self, text: str, context: str) -> str:
        """A text that only these keys open."""
        name, nonce = self._names[0], secrets.token_bytes(_NONCE)
        sealed = nonce + self._ciphers[name].encrypt(nonce, text.encode(), _bound(name, context))
        return f"e1.{name}.{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode()}"

    def open(self, sealed: str, context: str) -> tuple[str, bool]:
        """The text, and whether the newest key sealed it.

        Raises:
            Refusal: it was not sealed here, was changed, or belongs to another context.
        """
        found = _FORM.fullmatch(sealed)
        cipher = self._ciphers.get(found[1]) if found is not None else None
        if found is None or cipher is None:
            raise _closed()
        try:
            content = base64.b64decode(found[2] + "=" * (-len(found[2]) % 4), altchars=b"-_", validate=True)
            text = cipher.decrypt(content[:_NONCE], content[_NONCE:], _bound(found[1], context))
        except (InvalidTag, binascii.Error, ValueError):
            raise _closed() from None
        return text.decode(), found[1] == self._names[0]


def _derived(secret: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"archwright-encryption").derive(secret.encode())


def _bound(name: str, context: str) -> bytes:
    return f"e1.{name}.{context}".encode()


def _closed() -> Refusal:
    return Refusal("cannot-open", "this was not sealed here")
