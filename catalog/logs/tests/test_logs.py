"""Lines are read from the end, whatever the file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_logs import reading
from testing_support.part import Part

FOLDER = Path(__file__).parent.parent


def _part(tmp_path: Path, content: bytes, **config: Any) -> Part:
    (tmp_path / "a.log").write_bytes(content)
    return Part(FOLDER, files={"web": str(tmp_path / "a.log"), "gone": str(tmp_path / "b.log")}, **config)


def _lines(count: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(count))


async def test_tail(tmp_path: Path) -> None:
    """The last lines come first, and the pages before them lead to the beginning."""
    part = _part(tmp_path, _lines(50_000))

    pages: list[list[str]] = []
    before = None
    for _ in range(60):
        page = await part.run("tail", file="web", lines=1000, **({"before": before} if before else {}))
        pages.insert(0, page["lines"])
        before = page["before"]
        if before is None:
            break

    assert [line for page in pages for line in page] == [f"line {number}" for number in range(50_000)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.sampled_from([b"a", b"", b"bb", b"x" * 70_000, b"\xff", b"\r"]), max_size=6), st.booleans())
def test_like_splitting(tmp_path: Path, lines: list[bytes], ends: bool) -> None:
    """Lines are those that splitting the whole file gives, whatever the length of lines and the last byte."""
    content = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    (tmp_path / "x.log").write_bytes(content)
    expected = content.removesuffix(b"\n").split(b"\n") if content else []

    found, begin = reading.tail(str(tmp_path / "x.log"), 100, None)

    assert len(found) == len(expected) and begin == 0
    assert [line[:1] for line in found] == [reading._shown(line)[:1] for line in expected]


async def test_search(tmp_path: Path) -> None:
    """A search gives the last lines that hold a text or that a pattern finds."""
    part = _part(tmp_path, _lines(1000))

    assert (await part.run("search", file="web", text="99", most=2))["lines"] == ["line 998", "line 999"]
    found = await part.run("search", file="web", pattern="^line 1?7$")
    assert found == {"lines": ["line 7", "line 17"], "complete": True}
    assert (await part.run("search", file="web", text="7", pattern="3"))["lines"][0] == "line 37"


async def test_bounded(tmp_path: Path) -> None:
    """A search looks through so many bytes from the end and says that there was more."""
    part = _part(tmp_path, b"first\n" + b"x" * 200_000 + b"\nlast\n", scan=65_536)

    assert await part.run("search", file="web", text="first") == {"lines": [], "complete": False}
    assert (await part.run("search", file="web", text="last"))["lines"] == ["last"]


async def test_catastrophe(tmp_path: Path) -> None:
    """A pattern over which others never end is over at once."""
    part = _part(tmp_path, b"a" * 4000 + b"-\n")

    assert (await part.run("search", file="web", pattern="^(a+)+$"))["lines"] == ["a" * 4000]
    with pytest.raises(Refusal) as caught:
        await part.run("search", file="web", pattern="(")
    assert caught.value.kind == "bad-pattern"


async def test_hostile_lines(tmp_path: Path) -> None:
    """Escape sequences, NUL, other encodings and endless lines do no harm."""
    part = _part(tmp_path, b"\x1b[31mred\x00\xff\xe2\x80\xae\n" + b"y" * 3_000_000)

    lines = (await part.run("tail", file="web"))["lines"]

    assert lines[0] == "\ufffd[31mred\ufffd\ufffd\ufffd"
    assert all(len(line) <= 4000 for line in lines)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("gone", "unavailable"), ("other", "unknown-log"), ("pipe", "unavailable"), ("folder", "unavailable")],
)
async def test_not_there(tmp_path: Path, name: str, kind: str) -> None:
    """What is not configured, gone, or no plain file is a failure that tells no path, and nobody waits for it."""
    os.mkfifo(tmp_path / "pipe")
    files = {"gone": str(tmp_path / "gone"), "pipe": str(tmp_path / "pipe"), "folder": str(tmp_path)}

    with pytest.raises(Refusal) as caught:
        await Part(FOLDER, files=files).run("tail", file=name)
    assert caught.value.kind == kind and str(tmp_path) not in str(caught.value)


async def test_names(tmp_path: Path) -> None:
    """The names are known, the paths are not; a place beyond the file is its end."""
    part = _part(tmp_path, b"one\n")

    assert await part.run("names") == {"names": ["gone", "web"]}
    assert (await part.run("tail", file="web", before=10**9))["lines"] == ["one"]
    assert await part.run("tail", file="web", before=0) == {"lines": [], "before": None}
