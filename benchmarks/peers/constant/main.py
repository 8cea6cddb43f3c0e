"""Answers a ticket-sized body without looking at the request."""

from __future__ import annotations

import json
from typing import Any

_TICKET = {
    "id": "0b7c6a1e-5c55-4a53-9d0a-5f5fb2d3a111",
    "subject": "Printer on floor 3 prints blank pages",
    "body": "x" * 200,
    "status": "open",
    "priority": 3,
    "owner_id": "5f0c2a44-5c55-4a53-9d0a-5f5fb2d3a222",
    "created_at": "2026-01-01T00:00:00.000000Z",
    "updated_at": "2026-01-01T00:00:00.000000Z",
}
_BODY = json.dumps(_TICKET).encode()
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer at once."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})
