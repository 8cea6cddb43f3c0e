"""A catalogue that lies in a folder: ``index.json`` names each component's folder and digest."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from .. import digest
from ..store import Package

INDEX = "index.json"
_MANIFEST = "component.yaml"
_PROJECT = "pyproject.toml"
_LARGEST_FILE = 4 * 1024 * 1024


class Directory:
    """The components below one folder, e.g. ``catalog/``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> frozenset[str]:
        """What ``index.json`` names."""
        return frozenset(self._index())

    def packages(self, wanted: Collection[str] | None = None) -> Iterator[Package]:
        """The component versions that ``index.json`` names, each with its bytes read once."""
        for name, entry in sorted(self._index().items()):
            if wanted is not None and name not in wanted:
                continue
            folder = self._root / entry["folder"]
            if not folder.resolve().is_relative_to(self._root.resolve()):
                raise CatalogError(f"`{INDEX}` names a folder outside the catalogue: {entry['folder']}")
            yield Package(name, entry["version"], entry["digest"], str(folder), files(folder))

    def _index(self) -> dict[str, dict[str, str]]:
        path = self._root / INDEX
        try:
            content: Any = json.loads(path.read_bytes())
        except OSError as error:
            raise CatalogError(f"no catalogue at {self._root}: {error.strerror}") from None
        except ValueError as error:
            raise CatalogError(f"{path} is not JSON: {error}") from None
        if not _is_index(content):
            raise CatalogError(f"{path} must map each component to its folder, version and digest")
        entries: dict[str, dict[str, str]] = content
        return entries


def files(folder: Path) -> dict[str, bytes]:
    """The certified bytes of a component's folder: its manifest and its Python package; nothing else counts."""
    found = [folder / _MANIFEST, folder / _PROJECT, *sorted((folder / "src").rglob("*"))]
    return {
        path.relative_to(folder).as_posix(): _read(path)
        for path in found
        if path.is_file()
        and "__pycache__" not in path.parts
        and not any(part.endswith(".egg-info") for part in path.parts)
    }


def index(root: Path) -> bytes:
    """A fresh ``index.json`` for the component folders below a catalogue."""
    from ...language.component import read_identity

    entries = {}
    for manifest in sorted(root.glob(f"*/{_MANIFEST}")):
        name, version = read_identity(manifest.read_bytes(), str(manifest))
        folder = manifest.parent
        entries[name] = {"folder": folder.name, "version": version, "digest": digest.of_files(files(folder))}
    return (json.dumps(entries, indent=2, sort_keys=True) + "\n").encode()


def _read(path: Path) -> bytes:
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST_FILE:
            raise CatalogError(f"{path} is a link or larger than {_LARGEST_FILE} bytes; a component holds neither")
        return path.read_bytes()
    except OSError as error:
        raise CatalogError(f"cannot read {path}: {error.strerror}") from None


def _is_index(content: Any) -> bool:
    return isinstance(content, dict) and all(
        isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("folder", "version", "digest"))
        for entry in content.values()
    )
