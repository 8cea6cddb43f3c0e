"""Where a page ended, as text that only this service can read back.

Its rules:

* A cursor holds the values of the sort keys of the last row, and its id.
* It is signed together with everything that decided the list: the statement, the caller, the filters. With anything
  else it is refused, so nobody can use it to look into rows that they may not sort by.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ..errors import FieldProblem, Refusal

_MAC = 16
_LONGEST = 8_192


class Cursors:
    """Writes and reads cursors with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, values: Sequence[Any], context: bytes) -> str:
        """The cursor after the row with these keys (JSON values)."""
        payload = msgspec.json.encode(values)
        return urlsafe_b64encode(self._sign(payload, context) + payload).decode().rstrip("=")

    def read(self, text: str, context: bytes, length: int) -> list[Any]:
        """The keys of the row after which to go on.

        Raises:
            Refusal: the cursor was not written by this service for this caller and list.
        """
        try:
            if len(text) > _LONGEST:
                raise ValueError("too long")
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            mac, payload = data[:_MAC], data[_MAC:]
            if not hmac.compare_digest(mac, self._sign(payload, context)):
                raise ValueError("signed for another list")
            values: list[Any] = msgspec.json.decode(payload)
            if len(values) != length:
                raise ValueError("of another list")
        except (ValueError, UnicodeError):
            problem = FieldProblem("?cursor", "format", "the cursor does not belong to this list")
            raise Refusal("invalid", "the cursor does not belong to this list", (problem,)) from None
        return values

    def _sign(self, payload: bytes, context: bytes) -> bytes:
        body = len(context).to_bytes(4, "big") + context + payload
        return hmac.new(self._key, body, sha256).digest()[:_MAC]
