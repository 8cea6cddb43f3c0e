"""Signatures as Standard Webhooks say: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

_PREFIX = "whsec_"


def derived(root: str, subscription: str) -> str:
    """The secret of one subscription: known to it and to us, stored nowhere."""
    key = hmac.new(root.encode(), f"webhooks/{subscription}".encode(), sha256).digest()
    return _PREFIX + base64.b64encode(key).decode()


def headers(secret: str, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What a delivery carries to prove where it comes from."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}
