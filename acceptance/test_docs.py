"""What the documentation says is so: its assemblies build, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from acceptance.services import ROOT, build_assembly

_BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def _pages() -> list[Path]:
    skipped = {".venv", "node_modules", ".pytest_cache", ".hypothesis", ".archwright"}
    return [path for path in sorted(ROOT.rglob("*.md")) if not skipped & set(path.relative_to(ROOT).parts)]


def _blocks(*languages: str) -> Iterator[tuple[str, str]]:
    """Blocks of handwritten pages; the examples of findings are held by the tests of the toolchain."""
    for page in _pages():
        if {"findings", "diagnostics", "tests"} & set(page.parts):
            continue
        text = page.read_text("utf-8")
        for match in _BLOCK.finditer(text):
            if match[1] in languages:
                line = text[: match.start()].count("\n") + 1
                yield f"{page.relative_to(ROOT)}:{line}", match[2]


_ASSEMBLIES = [(place, text) for place, text in _blocks("yaml") if text.startswith("assembly:")]


@pytest.mark.parametrize("text", [text for _, text in _ASSEMBLIES], ids=[place for place, _ in _ASSEMBLIES])
def test_every_assembly_of_the_documentation_builds(text: str, tmp_path: Path) -> None:
    """A whole assembly in a page is accepted as it stands there."""
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "assembly.yaml").write_text(text)

    built = build_assembly(tmp_path / "service", tmp_path / "home")

    assert (built.dist / "plan.json").is_file()


@cache
def _help(program: str, command: str) -> str:
    module = {"archwright": "archwright", "archwright-runtime": "archwright_runtime"}[program]
    line = [sys.executable, "-m", module, *([command] if command else []), "--help"]
    done = subprocess.run(
        line, capture_output=True, text=True, check=False, env={"COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb"}
    )
    assert done.returncode == 0, f"{program} {command}: {done.stderr}"
    return done.stdout


def test_every_command_of_the_documentation_exists() -> None:
    """Commands and options in console blocks are the programs' own."""
    unknown = []
    for place, text in _blocks("console", "sh", "bash"):
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if len(words) < 2 or words[0] not in ("archwright", "archwright-runtime"):
                continue
            known = _help(words[0], words[1])
            options = [word.partition("=")[0] for word in words[2:] if word.startswith("--")]
            unknown += [f"{place}: {line}: {option}" for option in options if option not in known]
    assert unknown == []


def test_every_relative_link_leads_somewhere() -> None:
    """No page points to a file that is not there."""
    broken = []
    for page in _pages():
        text = _FENCED.sub("", page.read_text("utf-8"))
        for target in _LINK.findall(text):
            path = target.partition("#")[0]
            outside = not path or "://" in target or target.startswith("mailto:")
            if not outside and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_command_is_in_the_readme() -> None:
    """The README names each command of the toolchain."""
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^\W*([a-z]+) {2,}", _help("archwright", "").partition("Commands")[2], re.MULTILINE)

    assert len(commands) >= 7
    assert [name for name in commands if f"archwright {name}" not in readme] == []


def test_every_component_says_what_it_is_for() -> None:
    """Each component of the catalogue has a page, and the catalogue's page links to it."""
    overview = (ROOT / "catalog" / "README.md").read_text("utf-8")
    for manifest in sorted((ROOT / "catalog").glob("*/component.yaml")):
        assert (manifest.parent / "README.md").is_file()
        assert manifest.parent.name in overview


def test_every_example_has_a_page() -> None:
    """Each example says what was assembled from what."""
    for assembly in sorted((ROOT / "examples").glob("*/assembly.yaml")):
        page = (assembly.parent / "README.md").read_text("utf-8")
        used = re.findall(r"use: (std/[a-z0-9-]+)@", assembly.read_text("utf-8"))
        assert [name for name in used if name not in page] == []


def test_every_variable_of_a_deployment_is_documented() -> None:
    """Each ARCHWRIGHT_ variable that the runtime reads stands in the reference of settings."""
    from archwright_runtime.application.settings import _VARIABLES

    guide = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    assert [name for name in _VARIABLES if f"ARCHWRIGHT_{name}" not in guide] == []
