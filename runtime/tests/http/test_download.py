"""Files as answers."""

from __future__ import annotations

import pytest

from archwright_runtime.http.edge import Edge
from archwright_runtime.operations.call import Outcome, StoredFile

from .support import ask, operation, pieces_of, service

_CONTENT = bytes(range(256)) * 1_000


def _edge(name: str = "a.bin", media: str = "application/octet-stream", content: bytes = _CONTENT) -> Edge:
    file = StoredFile("F" * 22, name, media, len(content), pieces_of(content))
    return service({"File": operation("GET", "/file")}, {"File": lambda call: Outcome(file=file)}).edge


async def test_a_file_is_saved_rather_than_shown() -> None:
    """Whatever it holds, it runs nowhere."""
    reply = await ask(_edge("evil.html", "text/html"), "GET", "/file")

    assert reply.body == _CONTENT
    assert reply.headers["content-length"] == str(len(_CONTENT))
    assert reply.headers["content-disposition"] == 'attachment; filename="evil.html"'
    assert "sandbox" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_a_picture_may_be_shown() -> None:
    """Pages show pictures; documents that can act are none."""
    picture = await ask(_edge("a.png", "image/png"), "GET", "/file")
    drawing = await ask(_edge("a.svg", "image/svg+xml"), "GET", "/file")

    assert picture.headers["content-disposition"].startswith("inline")
    assert drawing.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("wanted", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=10-", 206, 10, 256_000),
        ("bytes=-5", 206, 255_995, 256_000),
        ("bytes=0-999999999", 206, 0, 256_000),
        ("bytes=5-1", 200, 0, 256_000),
        ("bytes=0-1,3-4", 200, 0, 256_000),
        ("lines=0-1", 200, 0, 256_000),
        ("bytes=-", 200, 0, 256_000),
        ("bytes=a-b", 200, 0, 256_000),
    ],
)
async def test_a_part_is_sent(wanted: str, status: int, start: int, end: int) -> None:
    """One plain range is honoured, anything else ignored."""
    reply = await ask(_edge(), "GET", "/file", headers={"range": wanted})

    assert (reply.status, reply.body) == (status, _CONTENT[start:end])


@pytest.mark.parametrize("wanted", ["bytes=256000-", "bytes=999999999999-", "bytes=-0"])
async def test_a_part_beyond_the_end_is_refused(wanted: str) -> None:
    """The answer says how large the file is."""
    reply = await ask(_edge(), "GET", "/file", headers={"range": wanted})

    assert (reply.status, reply.headers["content-range"]) == (416, "bytes */256000")


async def test_a_known_file_is_not_sent_again() -> None:
    """A stored file never changes."""
    reply = await ask(_edge(), "GET", "/file", headers={"if-none-match": '"' + "F" * 22 + '"'})

    assert (reply.status, reply.body) == (304, b"")


async def test_a_file_answers_head() -> None:
    """The length comes without the bytes."""
    reply = await ask(_edge(), "HEAD", "/file")

    assert (reply.body, reply.headers["content-length"]) == (b"", "256000")
