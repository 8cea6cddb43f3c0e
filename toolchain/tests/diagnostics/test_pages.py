"""Every code has its page, every page its code, and the examples of the pages are true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archwright.bootstrap import check
from archwright.diagnostics.codes import title, titles
from archwright.diagnostics.pages import page, reference
from archwright.language.architecture import read_architecture
from archwright.language.assembly import read_assembly
from archwright.language.component import read_component

_ROOT = Path(__file__).parents[3]
_SOURCE = _ROOT / "toolchain/src/archwright"
_PAGES = _SOURCE / "diagnostics/pages"
_READERS = {
    "architecture": read_architecture,
    "assembly": read_assembly,
    "component": read_component,
    "expression": read_assembly,
    "invariant": read_assembly,
    "yaml": read_assembly,
}
# Nothing in the catalogue provides a trait with parameters yet.
_NOT_SHOWN = {"assembly/missing-parameter", "assembly/unknown-parameter"}
_SHOWN = [code for code in titles() if code.partition("/")[0] in _READERS and code not in _NOT_SHOWN]
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")


def test_every_page_has_a_code() -> None:
    """No page explains a code that nobody reports."""
    pages = {path.relative_to(_PAGES).with_suffix("").as_posix() for path in _PAGES.rglob("*.md")}

    assert pages - titles().keys() == set()


@pytest.mark.parametrize("code", titles())
def test_every_code_has_a_page(code: str) -> None:
    """A page says what the code means, why it matters, an example and the fix."""
    text = page(code)

    headings = re.findall("^#+ .*$", re.sub("```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    assert headings == [f"# {code}", "## What it does", "## Why it matters", "## Example", "## Fix"]
    assert text.split("\n\n")[1].startswith(title(code).rstrip("."))


def test_published() -> None:
    """What stands in ``docs/findings/`` is what the pages say; `make docs` writes it."""
    folder = _ROOT / "docs/findings"

    published = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.md")}

    assert published == reference()


def test_no_page_for_unknown_codes() -> None:
    """An unknown code has no page."""
    with pytest.raises(KeyError):
        page("assembly/../codes")


@pytest.mark.parametrize("code", _SHOWN)
def test_example(code: str, tmp_path: Path) -> None:
    """The example of a page has the finding, and the fix has not."""
    blocks = re.findall(r"```yaml\n(.*?)```", page(code), re.DOTALL)

    found = [code in _codes(code.partition("/")[0], block, tmp_path) for block in blocks]

    assert found in ([True, False], [])


def _codes(area: str, text: str, folder: Path) -> set[str]:
    """What is found in a document; in an assembly that can be read also what its names mean together."""
    document, findings = _READERS[area](text)
    if area in ("assembly", "expression", "invariant") and document is not None:
        (folder / "assembly.yaml").write_text(text, encoding="utf-8")
        findings = check(folder / "assembly.yaml", catalog=_ROOT / "catalog").findings
    return {finding.code for finding in findings}


def _literals() -> set[str]:
    """Every text in the source that looks like a code of a registered area."""
    areas = {code.partition("/")[0] for code in titles()}
    found = set()
    for path in _SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                found.add(node.value)
    return {text for text in found if text.partition("/")[0] in areas}


def test_registered() -> None:
    """Every code that the source names is registered."""
    assert _literals() - titles().keys() == set()


def _calls(folder: Path, functions: set[str]) -> Iterator[ast.Call]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in functions:
                yield node


def test_registered_expressions() -> None:
    """Every problem of an expression is registered."""
    calls = _calls(_SOURCE / "language/expression", {"problem", "Problem", "_refuse"})

    names = {node.args[0].value for node in calls if node.args and isinstance(node.args[0], ast.Constant)}

    assert {f"expression/{name}" for name in names} - titles().keys() == set()


def test_registered_problems() -> None:
    """Every problem of a model is registered for the documents that can have it."""
    keywords = [keyword for node in _calls(_SOURCE / "language", {"Problem", "bad"}) for keyword in node.keywords]

    names = {each.value.value for each in keywords if each.arg == "name" and isinstance(each.value, ast.Constant)}

    assert {f"assembly/{name}" for name in names} - titles().keys() == set()


def test_registered_invariants() -> None:
    """Every way to break an invariant is registered."""
    calls = _calls(_SOURCE / "assembler/invariants", {"broken"})

    names = {node.args[0].value for node in calls if isinstance(node.args[0], ast.Constant)}

    assert names and {f"invariant/{name}" for name in names} - titles().keys() == set()


def test_used() -> None:
    """Every registered code is reported somewhere: its name stands in the source outside of the register."""
    constants = {
        node.value
        for path in _SOURCE.rglob("*.py")
        if "codes" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    unused = {code for code in titles() if code not in constants and code.partition("/")[2] not in constants}

    assert unused == set()
