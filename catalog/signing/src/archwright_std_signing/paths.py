"""Paths with ``expires`` and ``signature`` at the end of their query."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from archwright_runtime.errors import Refusal

from .keys import Keys
from .tokens import bad, decoded, encoded

_PATH = re.compile(r"/(?!/)[!-~]*")
_SIGNED = re.compile(r"(/(?!/)[!-~]*?)([?&])expires=([0-9]{1,12})&signature=([A-Za-z0-9_-]+)")
_CONTEXT = b"archwright-path\x00"


def sign(keys: Keys, path: str, expires: datetime) -> str:
    """A path that counts until then.

    Raises:
        Refusal: it is no path of this service, or is signed already.
    """
    if not _PATH.fullmatch(path) or "#" in path or "\\" in path or "signature=" in path or "expires=" in path:
        raise Refusal("bad-path", "this is no path that could be signed")
    whole = f"{path}{'&' if '?' in path else '?'}expires={int(expires.timestamp())}"
    return f"{whole}&signature={encoded(keys.sign(_CONTEXT + whole.encode()))}"


def verify(keys: Keys, signed: str) -> tuple[str, datetime]:
    """The path that was signed, and until when it counts.

    Raises:
        Refusal: it was changed, or not signed here.
    """
    found = _SIGNED.fullmatch(signed)
    if found is None:
        raise bad()
    whole = signed[: found.start(4) - len("&signature=")]
    if not keys.fits(_CONTEXT + whole.encode(), decoded(found[4])):
        raise bad()
    return found[1], datetime.fromtimestamp(int(found[3]), UTC)
