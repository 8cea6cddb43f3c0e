"""A component's host and context around real isolation: the shortest way to give capabilities files of attackers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import msgspec
import yaml

from archwright.language.component import read_component
from archwright_runtime.caller import ANONYMOUS
from archwright_runtime.component import Host, Implementation
from archwright_runtime.isolation.isolation import Isolation
from archwright_runtime.operations.isolating import Isolating


class Workbench(Isolating):
    """Host, context and files in memory, at once.

    Attributes:
        implementation: the component, made with ``config``.
    """

    caller = ANONYMOUS
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    source = ""
    idempotency_key = "effect-1"

    def __init__(self, create: Callable[[Host], Implementation], isolation: Isolation, config: Mapping[str, Any]):
        super().__init__(isolation)
        self.config = config
        self.files: dict[str, bytes] = {}
        self.implementation = create(cast(Any, self))

    def secret(self, name: str) -> str:
        raise LookupError(name)

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(work, *arguments)

    def forget(self, session: str) -> None:
        raise NotImplementedError

    def rows(self, entity: str) -> Any:
        raise LookupError(entity)

    async def read(self, file: Mapping[str, Any]) -> bytes:
        return self.files[file["id"]]

    async def store(self, content: bytes, *, name: str, media: str) -> dict[str, Any]:
        return self.file(content, name, media)

    def file(self, content: bytes, name: str = "file", media: str = "application/octet-stream") -> dict[str, Any]:
        """A file as an operation hands it over."""
        id = f"file-{len(self.files)}"
        self.files[id] = content
        return {"id": id, "name": name, "media": media, "size": len(content)}

    async def call(self, capability: str, **input: Any) -> dict[str, Any]:
        """Call a capability; bytes become files. The answer is held against what is plain data."""
        given = {name: self._given(value) for name, value in input.items()}
        made = await self.implementation.capabilities[capability](cast(Any, self), given)
        msgspec.json.encode(made)
        return made

    def content(self, file: Mapping[str, Any]) -> bytes:
        """The bytes of a file that was stored."""
        return self.files[file["id"]]

    def _given(self, value: Any) -> Any:
        if isinstance(value, bytes):
            return self.file(value)
        if isinstance(value, list):
            return [self._given(one) for one in value]
        return value


@asynccontextmanager
async def workbench(create: Callable[[Host], Implementation], **config: Any) -> AsyncIterator[Workbench]:
    """A component that is ready to be called, isolated as in a service, until the block ends."""
    isolation = Isolation()
    bench = Workbench(create, isolation, config)
    await isolation.start(bench.isolated)
    try:
        yield bench
    finally:
        await isolation.stop()


def stated_defaults(folder: Path) -> dict[str, Any]:
    """The defaults of configuration in the manifest of a component's folder, which has no findings."""
    path = folder / "component.yaml"
    findings = read_component(path.read_bytes(), str(path)).findings
    assert findings == (), [f"{one.code} {one.message}" for one in findings]
    properties = yaml.safe_load(path.read_bytes())["config"]["properties"]
    return {name: one["default"] for name, one in properties.items() if "default" in one}
