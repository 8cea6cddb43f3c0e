"""The capabilities: they move bytes; what decodes them is ``worker``, in a process without rights."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Handler, Host, Implementation, Limits
from archwright_runtime.errors import Refusal

_WORKER = "archwright_std_images.worker"
_BROKEN = "invalid-image"
_LIMITS = Limits(seconds=20, cpu=15, memory=2 << 30)
_LARGEST = 25 << 20
_MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
FORMATS = ("png", "jpeg", "gif", "webp")
PIXELS = 40_000_000
QUALITY = 85


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    host.isolates(_WORKER)
    taken = [list(host.config.get("formats") or FORMATS), host.config.get("pixels") or PIXELS]
    quality = host.config.get("quality") or QUALITY

    async def info(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content = await context.read(input["image"])
        found = await host.isolate(f"{_WORKER}:describe", content, *taken, limits=_LIMITS, broken=_BROKEN)
        return dict(found)

    def redrawn(change: str) -> Handler:
        async def handle(context: Context, input: dict[str, Any]) -> dict[str, Any]:
            image = input["image"]
            content = await context.read(image)
            wish = {"change": change, "width": input.get("width"), "height": input.get("height")}
            wish |= {"format": input.get("format"), "quality": input.get("quality") or quality}
            made = await host.isolate(f"{_WORKER}:redraw", content, *taken, wish, limits=_LIMITS, broken=_BROKEN)
            if len(made["content"]) > _LARGEST:
                raise Refusal("too-complex", "The picture would be too large.")
            media = _MEDIA[made["format"]]
            stored = await context.store(made["content"], name=_named(image["name"], made["format"]), media=media)
            return {"image": stored, "width": made["width"], "height": made["height"]}

        return handle

    changes = {name: redrawn(name) for name in ("resize", "crop", "convert", "strip")}
    return Implementation(capabilities={"info": info, **changes})


def _named(name: str, format: str) -> str:
    """The picture's name with the ending of what it is now."""
    stem = name.rpartition(".")[0] or name
    return f"{stem}.{'jpg' if format == 'jpeg' else format}"
