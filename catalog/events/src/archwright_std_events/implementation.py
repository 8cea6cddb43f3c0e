"""Events as calls that are signed as Standard Webhooks say, with ids that stay the same over repeats."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from archwright_runtime.component import Context, Host, Implementation, OutwardError
from archwright_runtime.errors import Refusal, SettingError

REFUSED = "events.refused"
_PASSING = frozenset({408, 425, 429})
_LARGEST_ANSWER = 65_536
_LATER = 30
_PREFIX = "whsec_"
_SHORTEST_KEY = 16


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    outward = host.outward("https")
    peers: Mapping[str, Mapping[str, Any]] = host.config.get("peers") or {}
    key = _key(host.secret("signing-key"))
    timeout = float(host.config.get("timeout", 15))
    for name, peer in peers.items():
        try:
            outward.check(peer["url"])
        except OutwardError as error:
            raise SettingError(f"events: the peer `{name}` cannot be reached: {error.reason}") from None

    async def hearing(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"peers": [name for name, peer in peers.items() if _hears(peer, input["event"])]}

    async def deliver(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        peer = peers.get(input["peer"])
        if peer is None:
            raise Refusal(REFUSED, "There is no such peer any more.")
        body = _body(input)
        headers = _headers(key, context.idempotency_key, int(context.now.timestamp()), body)
        try:
            reply = await outward.send(
                "POST", peer["url"], headers=headers, content=body, largest=_LARGEST_ANSWER, seconds=timeout
            )
        except OutwardError as error:
            if error.is_final:
                raise Refusal(REFUSED, "The peer may not be reached.") from None
            raise Refusal("busy", "The peer cannot be reached.", retry_after=_LATER) from None
        if reply.status >= 500 or reply.status in _PASSING:
            raise Refusal("busy", "The peer asks to come again later.", retry_after=_LATER)
        if not 200 <= reply.status < 300:
            raise Refusal(REFUSED, f"The peer answers {reply.status}.")
        return {"status": reply.status}

    return Implementation(capabilities={"peers": hearing, "deliver": deliver})


def _hears(peer: Mapping[str, Any], event: str) -> bool:
    return not peer.get("events") or event in peer["events"]


def _body(input: Mapping[str, Any]) -> bytes:
    """The same bytes at each attempt."""
    happened = input["happened"].astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = {"type": input["event"], "timestamp": happened, "data": input.get("data")}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _headers(key: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "archwright-events",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _key(secret: str) -> bytes:
    """The key as receivers of Standard Webhooks read it."""
    try:
        given = secret.removeprefix(_PREFIX)
        key = base64.b64decode(given, validate=True) if given != secret else secret.encode()
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST_KEY:
        raise SettingError(f"events: the secret `signing-key` must have at least {_SHORTEST_KEY} bytes")
    return key
