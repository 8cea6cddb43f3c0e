"""The capabilities: they move bytes and rows; what parses files is ``reading``, in a process without rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archwright_runtime.component import Context, Host, Implementation, Limits
from archwright_runtime.errors import Refusal

_READING, _WRITING = "archwright_std_spreadsheets.reading", "archwright_std_spreadsheets.writing"
_BROKEN = "invalid-spreadsheet"
_LARGEST = 25 << 20
_LIMITS = Limits(seconds=30, cpu=20, memory=1 << 30)
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}
ROWS = 10_000
COLUMNS = 100
ENCODING = "utf-8"


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    host.isolates(_READING, _WRITING)
    bounds = [host.config.get("rows") or ROWS, host.config.get("columns") or COLUMNS]

    async def sheets(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content = await context.read(input["file"])
        encoding = input.get("encoding") or ENCODING
        names = await host.isolate(f"{_READING}:sheets", content, encoding, limits=_LIMITS, broken=_BROKEN)
        return {"sheets": names, "count": len(names)}

    async def read(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content = await context.read(input["file"])
        wish = [input.get("sheet"), input.get("heading") is not False, input.get("encoding") or ENCODING]
        wish.append(_is_json(input["file"]))
        return dict(await host.isolate(f"{_READING}:rows", content, *bounds, *wish, limits=_LIMITS, broken=_BROKEN))

    async def write(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        format, wish = input["format"], [input.get("columns"), input.get("sheet")]
        target = f"{_WRITING}:written"
        made = await host.isolate(target, input["rows"], format, *bounds, *wish, limits=_LIMITS, broken="invalid-rows")
        if len(made["content"]) > _LARGEST:
            raise Refusal("too-complex", "The file would be too large.")
        stem = (input.get("name") or "rows").removesuffix(f".{format}")
        stored = await context.store(made["content"], name=f"{stem}.{format}", media=_MEDIA[format])
        return {"file": stored, "count": made["count"]}

    return Implementation(capabilities={"sheets": sheets, "read": read, "write": write})


def _is_json(file: Mapping[str, Any]) -> bool:
    """Whether a file says that it is JSON; its text alone could be CSV as well."""
    return bool(file["media"] == _MEDIA["json"] or file["name"].lower().endswith(".json"))
