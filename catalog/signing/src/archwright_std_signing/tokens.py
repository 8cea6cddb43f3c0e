"""Tokens: ``s1.<content>.<signature>``, both in base64 for addresses; the content is JSON that everybody may read."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime

from archwright_runtime.errors import Refusal

from .keys import Keys

_FORM = re.compile(r"s1\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_CONTEXT = b"archwright-token\x00"


def sign(keys: Keys, text: str, purpose: str, expires: datetime) -> str:
    """A token for a text."""
    content = json.dumps([purpose, int(expires.timestamp()), text], ensure_ascii=False, separators=(",", ":")).encode()
    return f"s1.{encoded(content)}.{encoded(keys.sign(_CONTEXT + content))}"


def verify(keys: Keys, token: str, purpose: str) -> tuple[str, datetime]:
    """The text of a token and until when it counts.

    Raises:
        Refusal: it is not ours, was changed, or is for something else.
    """
    found = _FORM.fullmatch(token)
    if found is None:
        raise bad()
    content, signature = decoded(found[1]), decoded(found[2])
    if not keys.fits(_CONTEXT + content, signature):
        raise bad()
    wanted, expires, text = json.loads(content)
    if wanted != purpose:
        raise bad()
    return text, datetime.fromtimestamp(expires, UTC)


def encoded(content: bytes) -> str:
    """Bytes as letters that addresses take."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of such letters, in the one way to write them.

    Raises:
        Refusal: they are none.
    """
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise bad() from None
    if encoded(content) != text:
        raise bad()
    return content


def bad() -> Refusal:
    """The one answer to everything that is wrong with a signature."""
    return Refusal("bad-signature", "this was not signed here")
