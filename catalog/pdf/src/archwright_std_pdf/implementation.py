"""The capabilities: they move bytes; what parses documents is ``worker``, in a process without rights."""

from __future__ import annotations

from typing import Any

from archwright_runtime.component import Context, Host, Implementation, Limits
from archwright_runtime.errors import Refusal

_WORKER = "archwright_std_pdf.worker"
_BROKEN = "invalid-pdf"
_LARGEST = 25 << 20
_MEDIA = "application/pdf"
_LIMITS = Limits(seconds=30, cpu=20, memory=1 << 30, result=128 << 20)
PAGES = 500


class Documents:
    """The capabilities of one service."""

    def __init__(self, host: Host) -> None:
        host.isolates(_WORKER)
        self._host = host
        self._most = host.config.get("pages") or PAGES

    async def info(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """What a document is."""
        return dict(await self._run("describe", await context.read(input["document"])))

    async def text(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """What it says."""
        content = await context.read(input["document"])
        return dict(await self._run("text", content, input.get("first"), input.get("last")))

    async def pages(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Some of its pages."""
        document = input["document"]
        first, last = input["first"], input.get("last") or input["first"]
        made = await self._run("pages", await context.read(document), first, last)
        numbers = f"{first}" if first == last else f"{first}-{last}"
        kept = await self._keep(context, made["content"], f"{_stem(document['name'])}-{numbers}")
        return {"document": kept, "pages": made["pages"]}

    async def split(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """All of its pages, in parts."""
        document = input["document"]
        parts = await self._run("split", await context.read(document), input["every"])
        stem = _stem(document["name"])
        kept = [await self._keep(context, part, f"{stem}-{number}") for number, part in enumerate(parts, 1)]
        return {"documents": kept, "count": len(kept)}

    async def merge(self, context: Context, input: dict[str, Any]) -> dict[str, Any]:
        """Several documents as one."""
        documents = input["documents"]
        if not documents:
            raise Refusal("invalid-pdf", "There is nothing to put together.")
        if sum(document["size"] for document in documents) > _LARGEST:
            raise Refusal("too-complex", "The documents are too large together.")
        made = await self._run("merge", [await context.read(document) for document in documents])
        name = _stem(input.get("name") or documents[0]["name"])
        return {"document": await self._keep(context, made["content"], name), "pages": made["pages"]}

    async def _run(self, function: str, given: Any, *more: Any) -> Any:
        target = f"{_WORKER}:{function}"
        return await self._host.isolate(target, given, self._most, *more, limits=_LIMITS, broken=_BROKEN)

    async def _keep(self, context: Context, content: bytes, stem: str) -> dict[str, Any]:
        if len(content) > _LARGEST:
            raise Refusal("too-complex", "The document would be too large.")
        return await context.store(content, name=f"{stem}.pdf", media=_MEDIA)


def create(host: Host) -> Implementation:
    """The component as it is configured in one service."""
    made = Documents(host)
    return Implementation(
        capabilities={
            "info": made.info,
            "text": made.text,
            "pages": made.pages,
            "split": made.split,
            "merge": made.merge,
        }
    )


def _stem(name: str) -> str:
    return name[:-4] if name.lower().endswith(".pdf") else name
