"""Joins the parts into what the runtime loads."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation, Limits

_WORKER = "archwright_std_uploads.worker"
_LIMITS = Limits(seconds=20, cpu=15)
ALLOWED = ("png", "jpg", "jpeg", "gif", "webp", "pdf", "txt", "md", "csv", "docx", "xlsx", "pptx", "odt", "ods", "odp")


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    host.isolates(_WORKER)
    allowed = list(host.config.get("allow") or ALLOWED)
    strict = (host.config.get("active") or "refuse") == "refuse"

    async def check(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        file = input["file"]
        content = await context.read(file)
        target, broken = f"{_WORKER}:inspect", "unwanted-file"
        found = await host.isolate(target, content, file["name"], allowed, strict, limits=_LIMITS, broken=broken)
        return dict(found)

    return Implementation(capabilities={"check": check})
