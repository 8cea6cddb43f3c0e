"""Archives are listed, opened and made; those that attack are refused as a whole."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from archwright_runtime.errors import Refusal
from archwright_std_archives import create
from archwright_std_archives.implementation import ENTRIES, UNPACKED
from testing_support.isolated import Workbench, stated_defaults, workbench

pytestmark = pytest.mark.asyncio(loop_scope="module")
MOST = 4 << 20
EVIL_NAMES = [
    "../up.txt",
    "a/../../up.txt",
    "a/..",
    "..",
    "/etc/passwd",
    "//server/share",
    "C:/windows",
    "c:evil.txt",
    "..\\up.txt",
    "a\\b.txt",
    "\\\\server\\share",
    "a//b",
    "./a",
    "a/./b",
    "file.txt:stream",
    "CON",
    "a/nul.txt",
    "line\nbreak",
    "\u202etxt.exe",
    "bell\x07",
    "x" * 1001,
    " \u2067",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Workbench]:
    """The component with small bounds."""
    async with workbench(create, entries=50, unpacked=MOST) as made:
        yield made


def zipped(*files: tuple[str, bytes], change: Callable[[zipfile.ZipInfo], None] = lambda info: None) -> bytes:
    """A zip archive, its entries changed on the way."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files:
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.compress_type = name, zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, content)
    return output.getvalue()


def tarred(*members: tuple[str, bytes, bytes], format: int = tarfile.PAX_FORMAT, mode: str = "w") -> bytes:
    """A tar archive of names, contents and types."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode=mode, format=format) as archive:  # type: ignore[call-overload]
        for name, content, type in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = type, "/etc/passwd" if type in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return output.getvalue()


def plain_tar(*names: str, mode: str = "w") -> bytes:
    """A tar archive of ordinary files."""
    return tarred(*((name, b"words", tarfile.REGTYPE) for name in names), mode=mode)


def overlapping(files: int, kernel: int) -> bytes:
    """A zip in which many entries of the directory share the bytes of one file (after Fifield, "A better zip bomb")."""
    whole = zipped(("a", bytes(kernel)))
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    record = whole[start:end]
    directory = b"".join(record for _ in range(files))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, files, files, len(directory), start, 0)
    return whole[:start] + directory + tail


def lying(stated: int) -> bytes:
    """A zip whose file is larger than its directory states."""
    whole = bytearray(zipped(("a.txt", b"x" * 1000)))
    place = bytes(whole).index(b"PK\x01\x02")
    whole[place + 24 : place + 28] = struct.pack("<I", stated)
    return bytes(whole)


def two_names() -> bytes:
    """A zip whose file has one name in the directory and another one before its bytes."""
    whole = bytearray(zipped(("good.txt", b"words")))
    whole[30:38] = b"evil.exe"
    return bytes(whole)


async def refusal(bench: Workbench, archive: bytes, capability: str = "list", **more: Any) -> str:
    """The kind of refusal."""
    with pytest.raises(Refusal) as caught:
        await bench.call(capability, archive=archive, **more)
    return caught.value.kind


@pytest.mark.parametrize(
    ("archive", "format"),
    [
        (zipped(("a/b.txt", b"words"), ("ä.txt", b"words")), "zip"),
        (plain_tar("a/b.txt", "ä.txt"), "tar"),
        (plain_tar("a/b.txt", "ä.txt", mode="w:gz"), "tar"),
        (plain_tar("a/b.txt", "ä.txt", mode="w:bz2"), "tar"),
        (plain_tar("a/b.txt", "ä.txt", mode="w:xz"), "tar"),
    ],
    ids=["zip", "tar", "gz", "bz2", "xz"],
)
async def test_reading(bench: Workbench, archive: bytes, format: str) -> None:
    """Archives of every format are listed and opened."""
    listed = await bench.call("list", archive=archive)
    opened = await bench.call("extract", archive=archive, name="a/b.txt")

    assert listed == {
        "entries": [{"name": "a/b.txt", "size": 5}, {"name": "ä.txt", "size": 5}],
        "count": 2,
        "size": 10,
        "format": format,
    }
    assert bench.content(opened["file"]) == b"words"
    assert opened["file"]["media"] == "text/plain"


async def test_folders_are_no_files(bench: Workbench) -> None:
    """Folders are passed over, and cannot be taken out."""
    for archive in (zipped(("a/", b""), ("a/b", b"1")), tarred(("a", b"", tarfile.DIRTYPE), ("a/b", b"1", b"0"))):
        assert (await bench.call("list", archive=archive))["count"] == 1
        assert await refusal(bench, archive, "extract", name="a/") == "no-such-entry"


async def test_no_such_entry(bench: Workbench) -> None:
    """A file that is not there is refused."""
    assert await refusal(bench, zipped(("a", b"1")), "extract", name="b") == "no-such-entry"


async def test_making(bench: Workbench) -> None:
    """Files become an archive; equal names are numbered, and no time tells them apart."""
    files = [bench.file(b"one", "a.txt"), bench.file(b"two", "A.txt"), bench.file(b"three", "b"), bench.file(b"4", "b")]

    made = await bench.call("zip", files=files, name="all of it")
    again = await bench.call("zip", files=files)

    with zipfile.ZipFile(io.BytesIO(bench.content(made["archive"]))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a.txt": b"one",
            "A-2.txt": b"two",
            "b": b"three",
            "b-2": b"4",
        }
    assert (made["archive"]["name"], again["archive"]["name"]) == ("all of it.zip", "files.zip")
    assert bench.content(made["archive"]) == bench.content(again["archive"])


async def test_too_much_to_make(bench: Workbench) -> None:
    """Files that are too large together are refused before anything is packed."""
    with pytest.raises(Refusal, match="too large"):
        await bench.call("zip", files=[bench.file(bytes(MOST)), bench.file(b"x")])


@pytest.mark.parametrize("name", EVIL_NAMES)
async def test_names_that_lead_elsewhere(bench: Workbench, name: str) -> None:
    """One name that leads out of the folder on any system makes the whole archive unsafe."""
    for archive in (zipped(("good", b"1"), (name, b"2")), plain_tar("good", name)):
        assert await refusal(bench, archive) == "unsafe-archive"
        assert await refusal(bench, archive, "extract", name="good") == "unsafe-archive"


async def test_nul_in_names(bench: Workbench) -> None:
    """A name that ends earlier for some programs is unsafe."""
    archive = zipped(("good.txtXexe", b"1")).replace(b"good.txtXexe", b"good.txt\0exe")

    assert await refusal(bench, archive) == "unsafe-archive"


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o060666, 0o010666, 0o140666])
async def test_links_and_devices_in_zip(bench: Workbench, mode: int) -> None:
    """Links, devices, pipes and sockets make a zip unsafe."""

    def change(info: zipfile.ZipInfo) -> None:
        info.create_system, info.external_attr = 3, mode << 16

    assert await refusal(bench, zipped(("link", b"/etc/passwd"), change=change)) == "unsafe-archive"


@pytest.mark.parametrize("type", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
async def test_links_and_devices_in_tar(bench: Workbench, type: bytes) -> None:
    """Links, devices and pipes make a tar unsafe."""
    assert await refusal(bench, tarred(("a", b"1", b"0"), ("b", b"", type))) == "unsafe-archive"


async def test_names_twice(bench: Workbench) -> None:
    """Of two files with one name nobody knows which one is meant."""
    for archive in (zipped(("a", b"1"), ("A", b"2")), plain_tar("a", "a")):
        assert await refusal(bench, archive) == "unsafe-archive"


async def test_two_names(bench: Workbench) -> None:
    """A file with two names, one for each kind of reader, is unsafe."""
    assert await refusal(bench, two_names()) == "unsafe-archive"


@pytest.mark.parametrize(
    "archive",
    [
        zipped(("a", bytes(3 << 20))),
        zipped(*((f"{n}", b"x" * 200_000) for n in range(22))),
        overlapping(40, 1000),
        zipped(*((f"{n}", b"") for n in range(51))),
        plain_tar(*(f"{n}" for n in range(51))),
        gzip.compress(bytes(64 << 20)),
        tarred(("a", bytes(MOST + 1), tarfile.REGTYPE), mode="w:gz"),
    ],
    ids=["ratio", "sum", "overlap", "entries", "tar-entries", "gzip", "tar-sum"],
)
async def test_bombs(bench: Workbench, archive: bytes) -> None:
    """Archives that unpack to too much, or hold too many entries, are refused without being unpacked."""
    assert await refusal(bench, archive) in ("too-complex", "invalid-archive")


async def test_nested_bomb(bench: Workbench) -> None:
    """An archive within an archive is a file like any other; nobody opens it."""
    inner = zipped(("bomb", bytes(3 << 20)))

    made = await bench.call("extract", archive=zipped(("inner.zip", inner)), name="inner.zip")

    assert bench.content(made["file"]) == inner


@pytest.mark.parametrize("stated", [0, 10, 999, 1001, 100_000])
async def test_sizes_are_not_believed(bench: Workbench, stated: int) -> None:
    """A file that is not as large as its directory says is damaged."""
    assert await refusal(bench, lying(stated), "extract", name="a.txt") == "invalid-archive"


@pytest.mark.parametrize(
    "archive",
    [
        b"",
        b"PK\x05\x06",
        b"GIF89a" + zipped(("a", b"1")),
        zipped(("a", b"1" * 999))[:-30],
        zipped(("a", b"1" * 999))[40:],
        plain_tar("a")[:600],
        plain_tar("a", mode="w:gz")[:60],
        b"\x1f\x8b\x08" + bytes(50),
        b"7z\xbc\xaf\x27\x1c" + bytes(100),
        b"Rar!\x1a\x07\x00" + bytes(100),
        b"\xff" * 2000,
    ],
    ids=["empty", "end", "polyglot", "cut", "head-cut", "tar-cut", "gz-cut", "gz", "7z", "rar", "noise"],
)
async def test_no_archives(bench: Workbench, archive: bytes) -> None:
    """Damaged archives, other formats, and files of two kinds at once are refused."""
    assert await refusal(bench, archive) == "invalid-archive"


async def test_password(bench: Workbench) -> None:
    """An archive with a password cannot be read."""
    archive = bytearray(zipped(("a", b"secret")))
    archive[6] |= 1
    archive[bytes(archive).index(b"PK\x01\x02") + 8] |= 1

    assert await refusal(bench, bytes(archive)) == "invalid-archive"


async def test_manifest() -> None:
    """The manifest has no findings, and states the defaults that the package has."""
    assert stated_defaults(Path(__file__).parent.parent) == {"entries": ENTRIES, "unpacked": UNPACKED}
