"""Built services, written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from archwright_runtime.application.integrity import LOCK, digest
from archwright_runtime.plan import Plan

OPENAPI = b'{"openapi":"3.1.0","info":{"title":"Shop","version":"1.0.0"},"paths":{}}'


def plan(**more: Any) -> Plan:
    """A plan with nothing but what is given."""
    return Plan(format=1, requires=(), name="shop", version="1.0.0", owner="team", **more)


def build(directory: Path, made: Plan, migrations: dict[str, str] | None = None) -> Path:
    """Write a built service with its lock."""
    files = {"plan.json": msgspec.json.encode(made), "openapi.json": OPENAPI}
    files |= {f"migrations/{name}": text.encode() for name, text in (migrations or {}).items()}
    for name, data in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
    lock = {"format": 1, "files": {name: digest(data) for name, data in files.items()}}
    (directory / LOCK).write_bytes(msgspec.json.encode(lock))
    return directory
