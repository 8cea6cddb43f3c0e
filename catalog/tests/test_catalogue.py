"""The catalogue as a whole."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from archwright.bootstrap import check
from archwright.diagnostics import Severity
from archwright.language.component import Component
from archwright.registry.certification import certify
from archwright.registry.stores.directory import Directory, index

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(manifest.parent for manifest in ROOT.glob("*/component.yaml"))
REQUIREMENTS = ROOT.parent / "requirements-catalog.in"
_EXAMPLE = re.compile(r"^```yaml\n(assembly:.*?)^```$", re.MULTILINE | re.DOTALL)
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
    manifest = _manifests()[folder.name]
    page = (folder / "README.md").read_text()

    names = [
        *manifest.config.get("properties", {}),
        *(name.split(".")[1] for name in manifest.provides.capabilities),
        *manifest.provides.traits,
    ]
    assert [name for name in names if name not in page] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_component_is_found_by_what_people_say(folder: Path) -> None:
    """Each manifest says when to use it and when not, with four examples in the words of people who need it."""
    manifest = _manifests()[folder.name]

    assert manifest.use_when and manifest.avoid_when
    assert len(manifest.examples) >= 4


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_page_has_an_example_that_assembles(folder: Path, tmp_path: Path) -> None:
    """The worked example of each component is a whole assembly without an error, and uses the component."""
    examples = _EXAMPLE.findall((folder / "README.md").read_text())

    assert examples
    for example in examples:
        (tmp_path / "assembly.yaml").write_text(example)
        found = check(tmp_path, catalog=ROOT).findings
        assert [f"{one.code}: {one.message}" for one in found if one.severity is Severity.ERROR] == []
    assert any(f"std/{folder.name}@" in example for example in examples)


def test_requirements_name_what_components_need() -> None:
    """``requirements-catalog.in`` lists the dependencies of every component below its name, and no others."""
    stated: dict[str, list[str]] = {}
    current = ""
    for line in REQUIREMENTS.read_text().splitlines():
        if line.startswith("# std/"):
            current = line.removeprefix("# std/").strip()
        elif current and line:
            stated.setdefault(current, []).append(line)

    assert {name: sorted(map(_bare, lines)) for name, lines in stated.items()} == _dependencies()


def _dependencies() -> dict[str, list[str]]:
    projects = {
        folder.name: tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        for folder in FOLDERS
        if (folder / "pyproject.toml").exists()
    }
    needed = {
        name: sorted(_bare(one) for one in project["dependencies"] if one != "archwright-runtime")
        for name, project in projects.items()
    }
    return {name: names for name, names in needed.items() if names}


def _bare(requirement: str) -> str:
    """The name without bounds and extras."""
    return re.split(r"[\[<>=~!; ]", requirement)[0].lower()


@cache
def _manifests() -> dict[str, Component]:
    catalogue, _ = certify(Directory(ROOT))
    return {name.removeprefix("std/"): catalogue.versions(name)[-1].manifest for name in catalogue.names}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found - set(sys.stdlib_module_names)
