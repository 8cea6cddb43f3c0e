"""The catalogue as a whole."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from archwright.registry.certification import certify
from archwright.registry.stores.directory import Directory, index

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(manifest.parent for manifest in ROOT.glob("*/component.yaml"))
_ALLOWED = {"archwright_runtime.component", "archwright_runtime.errors", "archwright_runtime.caller"}


def test_the_index_is_fresh() -> None:
    """``index.json`` names every component with the digest of the bytes that lie here."""
    assert (ROOT / "index.json").read_bytes() == index(ROOT)


def test_every_component_is_certified() -> None:
    """Each folder with a manifest is in the catalogue, without a finding."""
    catalogue, findings = certify(Directory(ROOT))

    assert findings == ()
    assert len(catalogue.names) == len(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_component_imports_its_interface_only(folder: Path) -> None:
    """Of the runtime a component imports what is made for components, and nothing of the tools."""
    imported = {name for path in (folder / "src").rglob("*.py") for name in _imports(path)}

    ours = {name for name in imported if name.split(".")[0] in ("archwright", "archwright_runtime")}
    assert ours <= _ALLOWED


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_component_has_a_page(folder: Path) -> None:
    """Each component says what it is, when to use it, and how it is configured."""
    page = (folder / "README.md").read_text()

    assert [part for part in ("**Use it**", "**Do not use it**", "## Configuration") if part not in page] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_page_explains_every_key(folder: Path) -> None:
    """Each configured value and each capability is named on the component's page."""
    catalogue, _ = certify(Directory(ROOT))
    manifest = catalogue.versions(f"std/{folder.name}")[-1].manifest
    page = (folder / "README.md").read_text()

    names = [*manifest.config.get("properties", {}), *(name.split(".")[1] for name in manifest.provides.capabilities)]
    assert [name for name in names if name not in page] == []


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found - set(sys.stdlib_module_names)
