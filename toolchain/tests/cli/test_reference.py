"""`archwright explain`, `schema` and `catalog`: what there is to know."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from archwright.diagnostics.codes import titles
from toolchain.tests.cli.program import CATALOG, ROOT, archwright, tree


def test_page(tmp_path: Path) -> None:
    """The page of a code is printed."""
    done = archwright("explain", "invariant/uncleared-flow", cwd=tmp_path)

    assert (done.code, done.err) == (0, "") and done.out.startswith("# invariant/uncleared-flow\n")


@pytest.mark.parametrize("arguments", [("explain",), ("explain", "--list")])
def test_list(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Every code is listed with its title."""
    done = archwright(*arguments, cwd=tmp_path)

    assert done.code == 0 and [line.split()[0] for line in done.out.splitlines()] == list(titles())


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("invariant/uncleared-flows", "did you mean `invariant/uncleared-flow`?"),
        ("../../etc/passwd", "see `archwright explain --list`"),
    ],
)
def test_unknown_code(code: str, hint: str, tmp_path: Path) -> None:
    """A code that no finding has is told, with the nearest one."""
    done = archwright("explain", code, cwd=tmp_path)

    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: no finding has the code `{code}`\nhint: {hint}\n"


@pytest.mark.parametrize("document", ["assembly", "component", "architecture"])
def test_schema(document: str, tmp_path: Path) -> None:
    """The printed schema is the published one."""
    done = archwright("schema", document, cwd=tmp_path)

    published = (ROOT / f"schemas/{document}.schema.json").read_text("utf-8")
    assert (done.code, done.out, done.err) == (0, published, "")


def test_catalog(tmp_path: Path) -> None:
    """Every certified component is listed with its version and what it does."""
    done = archwright("catalog", cwd=tmp_path)

    names = [line.split()[0] for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "") and {"std/accounts", "std/mail"} <= set(names)


def test_catalog_as_json(tmp_path: Path) -> None:
    """The catalogue as data holds what somebody who chooses wants to know."""
    done = archwright("catalog", "--format", "json", cwd=tmp_path)

    (mail,) = [one for one in json.loads(done.out)["components"] if one["name"] == "std/mail"]
    assert mail["use_when"] and "mail.send" in mail["capabilities"]


def test_altered_catalog(tmp_path: Path) -> None:
    """One changed byte of one component takes it out of the catalogue; the others stay."""
    shutil.copytree(CATALOG, tmp_path / "catalog", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    manifest = tmp_path / "catalog/mail/component.yaml"
    manifest.write_bytes(manifest.read_bytes() + b"\n")

    done = archwright("catalog", "--catalog", "catalog", cwd=tmp_path)

    assert done.code == 1 and "registry/altered-component" in done.out
    assert "\nstd/accounts " in done.out and "\nstd/mail " not in done.out


def test_index(tmp_path: Path) -> None:
    """Those who certify write the index anew; then the change is the certified one."""
    shutil.copytree(CATALOG, tmp_path / "catalog", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    manifest = tmp_path / "catalog/mail/component.yaml"
    manifest.write_bytes(manifest.read_bytes() + b"\n")

    written = archwright("catalog", "--catalog", "catalog", "--index", cwd=tmp_path)
    done = archwright("catalog", "--catalog", "catalog", cwd=tmp_path)

    assert (written.code, written.out) == (0, "wrote catalog/index.json\n")
    assert done.code == 0 and "std/mail " in done.out


def test_index_of_nothing(tmp_path: Path) -> None:
    """Where there is no folder, no catalogue is made."""
    done = archwright("catalog", "--catalog", "nowhere", "--index", cwd=tmp_path)

    assert done.code == 2 and done.err.startswith("error: there is no folder nowhere\n") and tree(tmp_path) == {}
