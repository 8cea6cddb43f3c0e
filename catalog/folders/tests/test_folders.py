"""A directory that no path leaves, whatever people and other programs try."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.errors import Refusal, SettingError
from archwright_runtime.isolation.isolation import Isolation
from archwright_std_folders import create
from archwright_std_folders.implementation import ENTRIES
from archwright_std_folders.paths import parts
from testing_support.assembled import assemble, started
from testing_support.isolated import Workbench, stated_defaults

HERE = Path(__file__).parent.parent
HOSTILE = [
    "../secret",
    "a/../../secret",
    "a/..",
    "..",
    ".",
    "/etc/passwd",
    "//etc/passwd",
    "a//b",
    "a/",
    "",
    "..\\secret",
    "a\\..\\..\\secret",
    "C:\\secret",
    "C:secret",
    "\\\\server\\share",
    "%2e%2e%2fsecret",
    "%252e%252e%252fsecret",
    "..%2fsecret",
    "a%00.txt",
    "a\x00.txt",
    "a\n.txt",
    "\u202etxt.exe",
    "a\u200bb",
    "．．/secret",
    "a／b",
    "a＼b",
    "‥",
    "e\u0301.txt",
    "CON",
    "nul.txt",
    "com1",
    "COM¹.log",
    "lpt9.txt.gz",
    "a.",
    "a ",
    " a",
    ".htaccess",
    ".ssh/authorized_keys",
    "a:stream",
    "a|b",
    "a*",
    "x" * 201,
    "é" * 101,
    "/".join(["a"] * 17),
    "\ud800",
]


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """The component over a directory with a secret beside it."""
    (tmp_path / "secret").write_text("outside")
    return Workbench(create, Isolation(), {"directory": str(tmp_path / "root"), "entries": 5})


async def _refused(bench: Workbench, capability: str, **input: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await bench.call(capability, **input)
    return refused.value.kind


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_could_mean_something_else_is_refused(path: str) -> None:
    """Traversal in every spelling, other roots, devices, streams and hidden or invisible names are no paths."""
    with pytest.raises(Refusal, match="plain names"):
        parts(path)


@pytest.mark.parametrize("path", ["a", "a/b.txt", "Grüße/日本語.pdf", "50% off.txt", "a..b", "console.log", "x" * 200])
def test_a_plain_path_is_taken(path: str) -> None:
    """Names of any script are names."""
    assert "/".join(parts(path)) == path


async def test_a_file_is_written_read_moved_and_deleted(bench: Workbench, tmp_path: Path) -> None:
    """The whole life of a file; folders above it are made."""
    await bench.call("write", path="2026/march/a.txt", file=b"one")
    await bench.call("move", path="2026/march/a.txt", to="2026/april/b.txt")
    file = (await bench.call("read", path="2026/april/b.txt"))["file"]
    listed = await bench.call("list", folder="2026")
    await bench.call("delete", path="2026/april/b.txt")
    await bench.call("delete", path="2026/april")

    assert (bench.content(file), file["name"], file["media"]) == (b"one", "b.txt", "text/plain")
    assert [(one["name"], one["kind"]) for one in listed["entries"]] == [("april", "folder"), ("march", "folder")]
    assert sorted(path.name for path in (tmp_path / "root").rglob("*")) == ["2026", "march"]


async def test_nothing_is_replaced_unless_asked(bench: Workbench) -> None:
    """Writing and moving refuse where something is; replacing is a word of its own."""
    await bench.call("write", path="a", file=b"one")
    await bench.call("write", path="b", file=b"two")

    assert await _refused(bench, "write", path="a", file=b"three") == "path-taken"
    assert await _refused(bench, "move", path="a", to="b") == "path-taken"
    await bench.call("write", path="a", file=b"four", replace=True)
    assert bench.content((await bench.call("read", path="a"))["file"]) == b"four"


async def test_a_folder_with_something_in_it_stays(bench: Workbench) -> None:
    """Only empty folders are deleted, and none is moved into itself."""
    await bench.call("write", path="a/b", file=b"x")

    assert await _refused(bench, "delete", path="a") == "path-taken"
    assert await _refused(bench, "move", path="a", to="a/c") == "path-taken"
    assert await _refused(bench, "write", path="a", file=b"x", replace=True) == "path-taken"


async def test_links_lead_nowhere(bench: Workbench, tmp_path: Path) -> None:
    """Links to files and folders, and files that are linked in, are neither listed nor reached nor overwritten."""
    root = tmp_path / "root"
    (root / "file").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    os.link(tmp_path / "secret", root / "hard")

    assert (await bench.call("list"))["entries"] == []
    for path in ("file", "folder/secret", "hard"):
        assert await _refused(bench, "read", path=path) == "no-such-path"
        assert await _refused(bench, "delete", path=path) == "no-such-path"
        assert await _refused(bench, "move", path=path, to="stolen") == "no-such-path"
    assert await _refused(bench, "write", path="folder/new", file=b"x") == "no-such-path"
    assert await _refused(bench, "write", path="file", file=b"x", replace=True) == "path-taken"
    assert (tmp_path / "secret").read_text() == "outside"
    assert not (tmp_path / "new").exists()


async def test_what_is_no_file_is_not_there(bench: Workbench, tmp_path: Path) -> None:
    """A pipe does not make anybody wait."""
    os.mkfifo(tmp_path / "root" / "pipe")

    async with asyncio.timeout(5):
        assert await _refused(bench, "read", path="pipe") == "no-such-path"
        assert (await bench.call("list"))["entries"] == []


async def test_a_folder_that_becomes_a_link_is_not_followed(bench: Workbench, tmp_path: Path) -> None:
    """Somebody who exchanges a folder for a link gains nothing."""
    await bench.call("write", path="a/b", file=b"x")
    (tmp_path / "root" / "a").rename(tmp_path / "moved")
    (tmp_path / "root" / "a").symlink_to(tmp_path)

    assert await _refused(bench, "write", path="a/b", file=b"y", replace=True) == "no-such-path"
    assert not (tmp_path / "b").exists()


async def test_lists_come_in_parts(bench: Workbench) -> None:
    """A part of a list says whether it is the last, and the next one begins after a name."""
    for name in ("c", "a", "b"):
        await bench.call("write", path=name, file=b"x")

    first = await bench.call("list", limit=2)
    second = await bench.call("list", limit=2, after="b")

    assert ([one["name"] for one in first["entries"]], first["complete"]) == (["a", "b"], False)
    assert ([one["name"] for one in second["entries"]], second["complete"]) == (["c"], True)


async def test_a_folder_is_not_filled_without_end(bench: Workbench, tmp_path: Path) -> None:
    """A folder holds so many entries; those that are there may be replaced, and nothing half is left."""
    for number in range(5):
        await bench.call("write", path=f"f{number}", file=b"x")

    assert await _refused(bench, "write", path="one-more", file=b"x") == "folder-full"
    assert await _refused(bench, "write", path="folder/one-more", file=b"x") == "folder-full"
    await bench.call("write", path="f0", file=b"y", replace=True)
    assert len(list((tmp_path / "root").iterdir())) == 5


def test_a_directory_that_is_a_link_stops_the_start(tmp_path: Path) -> None:
    """The directory is what was configured, not what a link makes of it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "real")

    for directory in (str(tmp_path / "root"), "relative/path"):
        with pytest.raises(SettingError, match="cannot be used"):
            Workbench(create, Isolation(), {"directory": directory})


def test_defaults_are_those_of_the_manifest() -> None:
    """What the package takes without a configuration is what the manifest states."""
    assert stated_defaults(HERE)["entries"] == ENTRIES


ASSEMBLY = """
assembly: shelf
version: 1.0.0
owner: tests
settings: {folders: {type: text, default: /data/folders}}
components:
  folders: {use: std/folders@^1, config: {directory: "${settings.folders}"}}
operations:
  Put:
    trigger: {http: POST /api/files}
    access: [anyone]
    public: Anybody may put files here.
    input: {path: text(1000)!, file: {file: {max: 1MB}, required: true}}
    steps: [{call: folders.write, path: "people/${input.path}", file: "${input.file}", as: written}]
    returns: {status: 201, body: {size: "${written.size}"}}
    failures: {bad-path: 422, path-taken: 409, folder-full: 409}
  Get:
    trigger: {http: GET /api/files}
    access: [anyone]
    public: Reading keeps a copy for the download.
    input: {path: text(1000)!}
    steps: [{call: folders.read, path: "people/${input.path}", as: found}]
    returns: {file: "${found.file}"}
    failures: {bad-path: 422, no-such-path: 404, too-complex: 413}
"""


async def test_a_service_serves_its_folders(database: str, tmp_path: Path) -> None:
    """Files go in and come out by HTTP; nobody leaves the folder that the operation names."""
    dist = assemble(ASSEMBLY, tmp_path / "shelf")
    async with started(dist, database, settings={"FOLDERS": str(tmp_path / "root")}) as service:
        visitor, file = service.visitor(), ("x", b"hello", "text/plain")
        put = await visitor.upload("/api/files", {"file": file}, {"path": "ann/a.txt"})
        got = await visitor.get("/api/files?path=ann/a.txt")
        out = await visitor.upload("/api/files", {"file": file}, {"path": "../escaped"})
        gone = await visitor.get("/api/files?path=..%2F..%2Fetc%2Fpasswd")

    assert (put.status, got.body, got.headers["content-type"]) == (201, b"hello", "text/plain")
    assert (out.status, gone.status) == (422, 422)
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["people"]
