"""`archwright check`: every finding, in each format, whatever lies there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from toolchain.tests.cli.conftest import ASSEMBLY
from toolchain.tests.cli.program import archwright, tree

_TEXT = """\
error[assembly/unknown-type]: there is no type `txt`
  --> assembly.yaml:9:13
 9 |       text: txt(200)!
   |             ^^^
"""


def test_fine(service: Path) -> None:
    """Without a finding stdout stays empty, and nothing is written."""
    before = tree(service)

    done = archwright("check", cwd=service)

    assert (done.code, done.out, done.err) == (0, "", "notes 1.0.0: 6 entities, 16 operations, no error\n")
    assert tree(service) == before


def test_text(mistaken: Path) -> None:
    """A finding is shown with its line and a suggestion; stderr stays empty."""
    done = archwright("check", cwd=mistaken)

    assert (done.code, done.err) == (1, "")
    assert done.out.startswith(_TEXT) and "hint: did you mean `text`?\n" in done.out
    assert done.out.endswith("1 error\n")


def test_json(mistaken: Path) -> None:
    """The same finding as JSON, with its place."""
    done = archwright("check", "--format", "json", cwd=mistaken)

    (finding,) = json.loads(done.out)["findings"]
    assert (done.code, finding["code"], finding["severity"]) == (1, "assembly/unknown-type", "error")
    assert (finding["location"]["line"], finding["location"]["column"]) == (9, 13)


def test_json_without_findings(service: Path) -> None:
    """Without a finding the result is still JSON."""
    done = archwright("check", "--format", "json", cwd=service)

    assert (done.code, json.loads(done.out)["findings"], done.err) == (0, [], "")


def test_sarif(mistaken: Path) -> None:
    """The same finding as SARIF, for tools that show findings beside code."""
    done = archwright("check", "--format", "SARIF", cwd=mistaken)

    sarif = json.loads(done.out)
    (result,) = sarif["runs"][0]["results"]
    assert (done.code, sarif["version"], result["ruleId"]) == (1, "2.1.0", "assembly/unknown-type")


def test_markdown(mistaken: Path) -> None:
    """The same finding as Markdown, for comments on a change."""
    done = archwright("check", "--format", "markdown", cwd=mistaken)

    assert done.code == 1 and "assembly/unknown-type" in done.out


def test_several(service: Path) -> None:
    """All findings of a document come in one run, sorted by place."""
    (service / "assembly.yaml").write_text(ASSEMBLY.replace("colour", "text_ ref").replace("read: true", "raed: true"))

    done = archwright("check", "--format", "json", cwd=service)

    lines = [finding["location"]["line"] for finding in json.loads(done.out)["findings"]]
    assert done.code == 1 and len(lines) > 1 and lines == sorted(lines)


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, False),
    ],
)
def test_colour(environment: dict[str, str], coloured: bool, mistaken: Path) -> None:
    """Colour is for terminals; NO_COLOR turns it off and FORCE_COLOR on."""
    done = archwright("check", cwd=mistaken, **environment)

    assert ("\x1b[" in done.out) == coloured


def test_law_above(mistaken: Path) -> None:
    """A finding in the architecture above is shown at its place there."""
    service = mistaken / "services" / "notes"
    service.mkdir(parents=True)
    (service / "assembly.yaml").write_text(ASSEMBLY)
    (mistaken / "architecture.yaml").write_text("architecture: acme\nbuonds: {page_size: 50}\n")

    done = archwright("check", "services/notes", cwd=mistaken)

    assert done.code == 1 and "--> architecture.yaml:2:1" in done.out and "did you mean `bounds`?" in done.out


# -- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nowhere", "error: cannot read nowhere: no such file or directory\n"),
        ("empty", "error: cannot read empty/assembly.yaml: no such file or directory\n"),
        ("folder", "error: cannot read folder/assembly.yaml: is a directory\n"),
        ("a" * 5000, "file name too long\n"),
        ("assembly.yaml/deeper", "not a directory\n"),
    ],
)
def test_unreadable(path: str, says: str, service: Path) -> None:
    """What is not there or no file ends the command with one line and exit code 2."""
    (service / "empty").mkdir()
    (service / "folder/assembly.yaml").mkdir(parents=True)

    done = archwright("check", path, cwd=service)

    assert (done.code, done.out) == (2, "") and done.err.endswith(says)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_forbidden(service: Path) -> None:
    """A file that may not be read ends the command with one line."""
    (service / "assembly.yaml").chmod(0)

    done = archwright("check", cwd=service)

    assert (done.code, done.err) == (2, "error: cannot read assembly.yaml: permission denied\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\xff\xfe\x00\x00",
        b"\xef\xbb\xbfassembly: x\n",
        b"assembly: \x80\x81\n",
        b"[" * 100_000,
        b"{a: " * 70 + b"1" + b"}" * 70,
        b"a: &a [1]\nb: [*a, *a]\n",
        b"a: !!python/object/apply:os.system [ls]\n",
        b"- just\n- a list\n",
        b"assembly: x\n---\nassembly: y\n",
        b"assembly: x\nassembly: y\n",
        b"x: '" + b"y" * 1_000_000 + b"'\n",
        b"x: 1\n" * 1_000_000,
        b"assembly: x\nversion: 1.0.0\nowner: t\npages: {/: {show: [1, null, {}, {a: b, c: d}, [], {text: 3}]}}\n",
        b"assembly: x\nversion: 1.0.0\nowner: t\nentities: {A: {fields: {a: {computed: '" + b"(" * 1500 + b"'}}}}\n",
        b"assembly: x\nversion: 1.0.0\nowner: t\nentities: {A: {fields: {a: {ref: A, default: '${'}}}}\n",
        "assembly: x\nowner: \u202egnp.exe\n".encode(),
        b"a: 1e999999999\nb: 99999999999999999999999999\n",
        b"\tassembly: x\n",
    ],
    ids=range(20),
)
def test_hostile(content: bytes, service: Path) -> None:
    """A hostile document has findings, and neither a traceback nor control characters reach the terminal."""
    (service / "assembly.yaml").write_bytes(content)

    done = archwright("check", cwd=service)

    assert done.code == 1 and "error[" in done.out
    assert not any(character in done.out for character in "\x1b\x00\u202e")


def test_endless(service: Path) -> None:
    """A file without end is read as far as a document may go."""
    done = archwright("check", "/dev/zero", cwd=service)

    assert done.code == 1 and "yaml/too-large" in done.out


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (None, "no catalogue at parts: No such file or directory"),
        ("[", "parts/index.json is not JSON"),
        ('{"a": 1}', "parts/index.json must map each component to its folder, version and digest"),
        ('{"std/accounts": {"folder": "../..", "version": "1.0.0", "digest": "x"}}', "a folder outside the catalogue"),
    ],
)
def test_broken_catalogue(index: str | None, says: str, service: Path) -> None:
    """A catalogue that cannot be read ends the command; no component is trusted."""
    (service / "parts").mkdir()
    if index is not None:
        (service / "parts/index.json").write_text(index)

    done = archwright("check", "--catalog", "parts", cwd=service)

    assert done.code == 2 and says in done.err


def test_altered_component(service: Path) -> None:
    """A component whose files are not the certified ones cannot be chosen."""
    folder = service / "parts/accounts"
    folder.mkdir(parents=True)
    (folder / "component.yaml").write_text("component: std/accounts\nversion: 1.0.0\nowner: t\nsummary: s\n")
    entry = {"folder": "accounts", "version": "1.0.0", "digest": "sha256:0"}
    (service / "parts/index.json").write_text(json.dumps({"std/accounts": entry}))

    done = archwright("check", "--catalog", "parts", "--format", "json", cwd=service)

    codes = {finding["code"] for finding in json.loads(done.out)["findings"]}
    assert done.code == 1 and codes == {"registry/altered-component", "assembly/uncertified-component"}
