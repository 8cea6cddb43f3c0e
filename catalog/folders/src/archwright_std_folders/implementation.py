"""Joins the parts into what the runtime loads."""

from __future__ import annotations

import errno
from collections.abc import Callable
from mimetypes import MimeTypes
from typing import Any

from archwright_runtime.component import Context, Host, Implementation
from archwright_runtime.errors import Refusal, SettingError

from .paths import parts
from .tree import Tree

LARGEST = 25_000_000
ENTRIES = 2_000
_LIMIT = 100


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    try:
        tree = Tree(str(host.config["directory"]), int(host.config.get("entries") or ENTRIES))
    except (OSError, ValueError) as error:
        raise SettingError(f"the directory of folders cannot be used: {error}") from None

    # What the machine thinks of endings has no say.
    types = MimeTypes()

    async def run(work: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return await host.offload(work, *arguments)
        except OSError as error:
            raise _refusal(error) from None

    async def list_(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        folder = parts(input.get("folder") or "", empty=True)
        entries, complete = await run(tree.list, folder, input.get("after") or "", input.get("limit") or _LIMIT)
        return {"entries": entries, "complete": complete}

    async def read(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        path = parts(input["path"])
        content = await run(tree.read, path, LARGEST)
        media = types.guess_type(path[-1])[0] or ""
        return {"file": await context.store(content, name=path[-1], media=media)}

    async def write(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        path, content = parts(input["path"]), await context.read(input["file"])
        await run(tree.write, path, content, bool(input.get("replace")))
        return {"size": len(content)}

    async def move(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        await run(tree.move, parts(input["path"]), parts(input["to"]))
        return {}

    async def delete(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        await run(tree.delete, parts(input["path"]))
        return {}

    return Implementation(capabilities={"list": list_, "read": read, "write": write, "move": move, "delete": delete})


_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.EISDIR, errno.EINVAL, errno.EXDEV})
# A link in the way (ELOOP, ENOTDIR) looks like nothing at all.
_MISSING = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO})


def _refusal(error: OSError) -> Exception:
    if error.errno in _TAKEN:
        return Refusal("path-taken", "Something with that name is there, or the folder is not empty.")
    if error.errno in _MISSING:
        return Refusal("no-such-path", "There is nothing of that name.")
    if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ):
        return Refusal("bad-path", "The name cannot be used.")
    return Refusal("busy", "The files cannot be reached at the moment.", retry_after=30)
