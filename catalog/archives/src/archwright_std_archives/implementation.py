"""The capabilities: they move bytes; what reads archives is ``worker``, in a process without rights."""

from __future__ import annotations

import mimetypes
from typing import Any

from archwright_runtime.component import Context, Host, Implementation, Limits
from archwright_runtime.errors import Refusal

_WORKER = "archwright_std_archives.worker"
_BROKEN = "invalid-archive"
_LARGEST = 25 << 20
_LIMITS = Limits(seconds=20, cpu=15, memory=1 << 30)
ENTRIES = 1000
UNPACKED = 256 << 20


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    host.isolates(_WORKER)
    bounds = [host.config.get("entries") or ENTRIES, host.config.get("unpacked") or UNPACKED]

    async def listed(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content = await context.read(input["archive"])
        return dict(await host.isolate(f"{_WORKER}:listed", content, *bounds, limits=_LIMITS, broken=_BROKEN))

    async def extract(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content, name = await context.read(input["archive"]), input["name"]
        found = await host.isolate(
            f"{_WORKER}:extracted", content, *bounds, name, _LARGEST, limits=_LIMITS, broken=_BROKEN
        )
        media = mimetypes.guess_type(name, strict=True)[0] or "application/octet-stream"
        return {"file": await context.store(found, name=name, media=media)}

    async def zipped(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        files = input["files"]
        if sum(file["size"] for file in files) > bounds[1]:
            raise Refusal("too-complex", "The files are too large together.")
        given = [[file["name"], await context.read(file)] for file in files]
        made = await host.isolate(f"{_WORKER}:zipped", given, limits=_LIMITS, broken="too-complex")
        if len(made) > _LARGEST:
            raise Refusal("too-complex", "The archive would be too large.")
        name = input.get("name") or "files"
        name = name if name.lower().endswith(".zip") else f"{name}.zip"
        return {"archive": await context.store(made, name=name, media="application/zip")}

    return Implementation(capabilities={"list": listed, "extract": extract, "zip": zipped})
