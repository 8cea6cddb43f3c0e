"""Encrypted fields: AES-256-GCM with a fresh nonce for each value.

What was sealed for one field of one row opens there and nowhere else, since its place is authenticated with it.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode

from ..errors import DatabaseError

_VERSION = b"\x01"
_NONCE = 12


class Vault:
    """Seals and opens values with one key.

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        # Seven megabytes that services without encrypted fields need not carry.
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)
        self._refused = InvalidTag

    def seal(self, text: str, place: str) -> str:
        """The text, readable only with the key and only for this place (``Entity/field/id``)."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), place.encode())
        return b64encode(_VERSION + nonce + sealed).decode()

    def open(self, sealed: str, place: str) -> str:
        """The text that was sealed.

        Raises:
            DatabaseError: it was sealed with another key or for another place, or was altered.
        """
        data = b64decode(sealed)
        if data[:1] != _VERSION:
            raise DatabaseError(f"an encrypted value of {_field(place)} has an unknown form")
        nonce = data[1 : 1 + _NONCE]
        try:
            return self._cipher.decrypt(nonce, data[1 + _NONCE :], place.encode()).decode()
        except self._refused:
            raise DatabaseError(f"an encrypted value of {_field(place)} does not open with this key") from None


def _field(place: str) -> str:
    return place.rpartition("/")[0]
