"""Writes the index of the catalogue for tests, with the entries that are wrong on purpose."""

from __future__ import annotations

import json
from pathlib import Path

from archwright.registry import digest
from archwright.registry.stores.directory import INDEX, files

FOLDER = Path(__file__).parent / "catalog"


def index() -> bytes:
    """The index: every folder under its own name, the altered one with another digest."""
    entries = {f"test/{manifest.parent.name}": _entry(manifest.parent) for manifest in FOLDER.glob("*/component.yaml")}
    entries["test/altered"]["digest"] = digest.of_bytes(b"what was certified")
    return (json.dumps(entries, indent=2, sort_keys=True) + "\n").encode()


def _entry(folder: Path) -> dict[str, str]:
    return {"folder": folder.name, "version": "1.0.0", "digest": digest.of_files(files(folder))}


if __name__ == "__main__":
    (FOLDER / INDEX).write_bytes(index())
