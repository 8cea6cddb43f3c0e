"""Joins the parts into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

from . import templates
from .delivery import deliver
from .message import compose, offer_to_leave
from .settings import Settings


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    settings = Settings.read(host)
    known = templates.read(settings.templates)

    async def send(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        template = known.get(input["template"])
        if template is None:
            raise Refusal("mail.rejected", f"There is no template `{input['template']}`.")
        content = template.fill(input.get("data") or {})
        message = compose(settings, input["to"], content, context.idempotency_key, context.now)
        if "unsubscribe" in input:
            offer_to_leave(message, input["unsubscribe"])
        await host.offload(deliver, settings, message)
        return {"message_id": str(message["Message-ID"])}

    return Implementation(capabilities={"send": send})
