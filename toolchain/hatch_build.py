"""Puts the catalogue of components into the wheel, so that an installed toolchain can assemble at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds what ``index.json`` names: the manifest and the package of each component."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files; an editable installation reads the catalogue where it lies."""
        if version == "editable":
            return
        beside, above = Path(self.root) / "catalog", Path(self.root).parent / "catalog"
        catalog = beside if beside.is_dir() else above
        target = "catalog" if self.target_name == "sdist" else "archwright/catalog"
        folders = sorted(entry["folder"] for entry in json.loads((catalog / "index.json").read_bytes()).values())
        kept = ("component.yaml", "pyproject.toml")
        files = [catalog / "index.json", *(catalog / folder / name for folder in folders for name in kept)]
        for folder in folders:
            files += sorted((catalog / folder / "src").rglob("*"))
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path):
                build_data["force_include"][str(path)] = f"{target}/{path.relative_to(catalog).as_posix()}"
