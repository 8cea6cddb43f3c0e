"""A component by itself: its package under a configuration, asked as the runtime would ask it.

What goes in and what comes out is held against the manifest, so that a test of behaviour is one of the types too.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from archwright.assembler.plan import to_data
from archwright.assembler.resolve.types import of_field, of_plan
from archwright.language.component import Component, configured
from archwright.language.configuration import with_defaults
from archwright.language.nodes import Mapping as Tree
from archwright.language.nodes import to_data as plain
from archwright.language.reader import read
from archwright_runtime.caller import ANONYMOUS, Caller
from archwright_runtime.component import Implementation
from archwright_runtime.errors import SettingError
from archwright_runtime.operations.values import conforms, within
from archwright_runtime.plan import Type

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Surroundings:
    """Host and context at once; bytes that a call stores are kept in ``files``."""

    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)
    now: datetime = NOW
    caller: Caller = ANONYMOUS
    source: str = "192.0.2.1"
    idempotency_key: str = "key"
    files: dict[str, bytes] = field(default_factory=dict)

    def secret(self, name: str) -> str:
        """A secret of the test."""
        if name not in self.secrets:
            raise SettingError(f"the secret `{name}` is not given")
        return self.secrets[name]

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run at once."""
        return await asyncio.to_thread(work, *arguments)

    def forget(self, session: str) -> None:
        """Nothing is remembered."""

    def rows(self, entity: str) -> Any:
        """There are none."""
        raise LookupError(entity)

    async def read(self, file: Mapping[str, Any]) -> bytes:
        """Bytes that the test gave or a call stored."""
        return self.files[file["id"]]

    async def store(self, content: bytes, *, name: str, media: str) -> dict[str, Any]:
        """Keep bytes."""
        value = self.given(content, name, media)
        return value

    def given(self, content: bytes, name: str = "file", media: str = "application/octet-stream") -> dict[str, Any]:
        """A file value of the test."""
        id = f"f{len(self.files)}"
        self.files[id] = content
        return {"id": id, "name": name, "media": media, "size": len(content)}


class Part:
    """One component, started.

    Args:
        folder: where its manifest lies.
        config: as an assembly would write it.
        secrets: by their names in the manifest.
    """

    def __init__(self, folder: Path, secrets: Mapping[str, str] | None = None, **config: Any) -> None:
        tree = read((folder / "component.yaml").read_bytes(), "component.yaml").root
        assert isinstance(tree, Tree)
        schema = plain(tree.entries["config"].value) if "config" in tree.entries else {}
        known = with_defaults(schema, config)
        document, findings = configured(tree, "component.yaml", known)
        assert document is not None, findings
        self.manifest: Component = document.model
        self.surroundings = Surroundings(known, secrets or {})
        assert self.manifest.implementation is not None
        module = importlib.import_module(self.manifest.implementation.module)
        self.implementation: Implementation = module.create(self.surroundings)

    async def run(self, verb: str, **input: Any) -> dict[str, Any]:
        """Call a capability by its short name."""
        capability = next(
            one for name, one in self.manifest.provides.capabilities.items() if name.split(".", 1)[1] == verb
        )
        assert not [name for name, one in capability.input.items() if one.spec.required and name not in input]
        _hold(capability.input, input)
        handler: Callable[..., Awaitable[dict[str, Any]]] = self.implementation.capabilities[verb]
        output = await handler(self.surroundings, input)
        _hold(capability.output, output)
        missing = [name for name, one in capability.output.items() if one.spec.required and output.get(name) is None]
        assert not missing, f"{verb} promises {missing}"
        return output


def _hold(stated: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        type = msgspec.convert(to_data(of_plan(of_field(stated[name].spec.type, str))), Type)
        assert conforms(type, value), f"{name} is not {type}: {value!r}"
        assert within(type, value), f"{name} is beyond {type}: {value!r}"
