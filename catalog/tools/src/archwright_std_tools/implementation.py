"""The capability: finds the tool, fills its template, keeps what it made."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal, SettingError

from .tool import Tool

_LARGEST = 25 << 20


def create(host: Host) -> Implementation:
    """The component as it is configured in one service.

    Raises:
        SettingError: a program is not installed, or a template cannot be filled.
    """
    configured = host.config.get("tools") or {}
    if not configured:
        raise SettingError("tools: at least one tool must be given")
    tools = {name: Tool.read(name, given, host) for name, given in configured.items()}

    async def run(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        tool = tools.get(input["tool"])
        if tool is None:
            raise Refusal("no-such-tool", f"There is no tool `{input['tool']}`.")
        arguments = tool.filled(input.get("values") or {})
        file = input["file"]
        finished = await host.execute(
            tool.program,
            arguments,
            files={tool.input: await context.read(file)},
            results=[tool.output],
            limits=tool.limits,
            broken="tool-failed",
        )
        made = finished.files.get(tool.output)
        if finished.code != 0 or made is None:
            raise Refusal("tool-failed", "The tool cannot do anything with this file.")
        if len(made) > _LARGEST:
            raise Refusal("too-complex", "What the tool made is too large.")
        stem = file["name"].rpartition(".")[0] or file["name"]
        name = f"{stem}.{tool.output.rpartition('.')[2]}"
        return {"file": await context.store(made, name=name, media=tool.media)}

    return Implementation(capabilities={"run": run})
