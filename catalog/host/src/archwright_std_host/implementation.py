"""Joins the facts into what the runtime loads."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal

_DEFAULT = ("memory", "process", "uptime")


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    listed = host.config.get("facts")
    facts = tuple(_DEFAULT if listed is None else listed)
    disks: Mapping[str, str] = host.config.get("disks") or {}

    async def status(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for fact in facts:
            found |= await host.offload(_FACTS[fact])
        return found

    async def disk(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        folder = disks.get(input["name"])
        if folder is None:
            raise Refusal("unknown-disk", "there is no such disk")
        found: dict[str, Any] = await host.offload(_disk, folder)
        return found

    return Implementation(capabilities={"status": status, "disk": disk})


def _processor() -> dict[str, Any]:
    import psutil

    return {"processors": psutil.cpu_count() or 1, "load_percent": _tenths(psutil.cpu_percent(interval=None))}


def _memory() -> dict[str, Any]:
    import psutil

    memory = psutil.virtual_memory()
    return {"memory_bytes": memory.total, "memory_free_bytes": memory.available}


def _process() -> dict[str, Any]:
    import psutil

    own = psutil.Process()
    with own.oneshot():
        return {
            "own_memory_bytes": own.memory_info().rss,
            "own_threads": own.num_threads(),
            "own_open_files": own.num_fds(),
            "own_started": _instant(own.create_time()),
        }


def _uptime() -> dict[str, Any]:
    import psutil

    return {"booted": _instant(psutil.boot_time())}


def _system() -> dict[str, Any]:
    return {"system": f"{platform.system()} {platform.release()} {platform.machine()}"[:200]}


def _disk(folder: str) -> dict[str, Any]:
    try:
        found = os.statvfs(folder)
    except OSError:
        raise Refusal("unavailable", "this disk cannot be read now") from None
    size, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
    used = 1000 * (size - found.f_bfree * found.f_frsize) // size if size else 0
    return {"size_bytes": size, "free_bytes": free, "used_percent": used}


def _tenths(percent: float) -> int:
    return round(percent * 10)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


_FACTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "processor": _processor,
    "memory": _memory,
    "process": _process,
    "uptime": _uptime,
    "system": _system,
}
