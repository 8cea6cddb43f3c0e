"""Deliveries: one request for each event and subscriber, and a row that says what came of it."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from archwright_runtime.component import Context, Host, Implementation, OutwardError
from archwright_runtime.errors import Refusal

from . import signing

_MOST = 1_000
_MOST_MATCHING = 500
_LARGEST_ANSWER = 65_536
_GONE = 410


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    outward = host.outward("https")
    root = host.secret("signing-key")
    attempts = int(host.config.get("attempts", 8))
    timeout = float(host.config.get("timeout", 15))

    async def check(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        try:
            outward.check(input["url"])
        except OutwardError:
            raise Refusal("bad-address", "Events are delivered to public addresses with TLS.") from None
        return {}

    async def matching(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        active = await context.rows("Subscription").find({"active": True}, limit=_MOST)
        wanted = [row["id"] for row in active if input["event"] in row["events"]]
        return {"subscriptions": wanted[:_MOST_MATCHING]}

    async def secret(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"secret": signing.derived(root, input["subscription"])}

    async def deliver(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        found = await context.rows("Delivery").find({"id": input["delivery"], "status": "pending"})
        subscribed = await context.rows("Subscription").find({"id": found[0]["subscription"]}) if found else []
        if not subscribed:
            return {}
        row, subscription = found[0], subscribed[0]
        status, reason = (0, "inactive") if not subscription["active"] else await ask(context, row, subscription)
        await settle(context, row, status, reason)
        return {}

    async def ask(context: Context, row: dict[str, Any], subscription: dict[str, Any]) -> tuple[int, str | None]:
        body = _body(row)
        signed = signing.headers(
            signing.derived(root, subscription["id"]), row["id"], int(context.now.timestamp()), body
        )
        headers = {"Content-Type": "application/json", "User-Agent": "archwright-webhooks", **signed}
        try:
            reply = await outward.send(
                "POST", subscription["url"], headers=headers, content=body, largest=_LARGEST_ANSWER, seconds=timeout
            )
        except OutwardError as error:
            return 0, error.reason
        return reply.status, None if 200 <= reply.status < 300 else "gone" if reply.status == _GONE else "answer"

    async def settle(context: Context, row: dict[str, Any], status: int, reason: str | None) -> None:
        """Keep what came of it; what may still be heard is tried again."""
        tried = row["attempts"] + 1
        final = reason in ("inactive", "gone", "url", "host", "address", "request") or tried >= attempts
        state = "delivered" if reason is None else "dead" if final else "pending"
        values = {"status": state, "attempts": tried, "answered": status or None, "reason": reason}
        if state == "delivered":
            values["delivered_at"] = context.now
        await context.rows("Delivery").update({"id": row["id"]}, values)
        if reason == "gone":
            await context.rows("Subscription").update({"id": row["subscription"]}, {"active": False})
        if state == "pending":
            raise Refusal("busy", "The subscriber did not accept the event.", keep=True)

    known = {"check": check, "matching": matching, "secret": secret, "deliver": deliver}
    return Implementation(capabilities=known)


def _body(row: dict[str, Any]) -> bytes:
    """The same bytes at each attempt, so that a repeat is one."""
    happened = row["created_at"].astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = {"type": row["event"], "timestamp": happened, "data": row["data"]}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
