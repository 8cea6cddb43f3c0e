"""Joins the functions into what the runtime loads."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from archwright_runtime.component import Context, Host, Implementation

_DEFAULT = "sha256"


def create(host: Host) -> Implementation:
    """The component; there is nothing to configure."""

    async def text(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"digest": digest(input["text"].encode(), input.get("algorithm"))}

    async def file(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        content = await context.read(input["file"])
        found = await host.offload(digest, content, input.get("algorithm"))
        return {"digest": found, "size": len(content)}

    async def same(context: Context, input: dict[str, Any]) -> dict[str, Any]:
        return {"same": hmac.compare_digest(input["left"].encode(), input["right"].encode())}

    return Implementation(capabilities={"text": text, "file": file, "same": same})


def digest(content: bytes, algorithm: str | None) -> str:
    """The digest of bytes as hexadecimal digits."""
    return hashlib.new((algorithm or _DEFAULT).replace("sha3-", "sha3_"), content).hexdigest()
