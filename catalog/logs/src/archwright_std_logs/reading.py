"""Lines of a file from its end, in blocks, so that its size does not matter."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from archwright_runtime.errors import Refusal

_BLOCK = 64 * 1024
_LONGEST = 4000
_WIDEST = 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
Test = Callable[[str], bool]


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """A file of the configuration; neither a device nor a pipe, which might never end."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise Refusal("unavailable", "this log cannot be read now") from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise Refusal("unavailable", "this log cannot be read now")
    with os.fdopen(number, "rb") as file:
        yield file


def tail(path: str, count: int, before: int | None) -> tuple[list[str], int]:
    """Lines before a place, the end unless given, in their order; and the place where they begin.

    Raises:
        Refusal: the file cannot be read.
    """
    found: list[str] = []
    with _opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        begin = size if before is None else max(0, min(before, size))
        for line, start in _backwards(file, begin, size):
            found.append(_shown(line))
            begin = start
            if len(found) == count:
                break
    return found[::-1], begin


def search(path: str, holds: Test, most: int, scan: int) -> tuple[list[str], bool]:
    """The last lines that hold something, in their order; and whether everything was looked through.

    Raises:
        Refusal: the file cannot be read.
    """
    found: list[str] = []
    with _opened(path) as file:
        size = file.seek(0, os.SEEK_END)
        for line, start in _backwards(file, size, scan):
            shown = _shown(line)
            if holds(shown):
                found.append(shown)
            if len(found) == most:
                return found[::-1], start == 0
    return found[::-1], size <= scan


def _backwards(file: BinaryIO, end: int, scan: int) -> Iterator[tuple[bytes, int]]:
    """Lines that end before a place, the last first, with where each begins; a line without end is cut."""
    least = max(0, end - scan)
    place, rest = end, b""
    if end and _at(file, end - 1, 1) == b"\n":
        place = end - 1
    while place > least:
        length = min(_BLOCK, place - least)
        place -= length
        rest = _at(file, place, length) + rest
        pieces = rest.split(b"\n")
        rest = pieces[0]
        begin = place + len(rest)
        offsets = []
        for piece in pieces[1:]:
            offsets.append((piece, begin + 1))
            begin += 1 + len(piece)
        yield from reversed(offsets)
        if len(rest) > _WIDEST:
            yield rest, place
            rest = b""
    if least == 0 and (rest or end > 0):
        yield rest, 0


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _shown(line: bytes) -> str:
    """A line as text: what is no UTF-8 is replaced, escape sequences of terminals have no effect."""
    text = line[: 4 * _LONGEST].decode("utf-8", "replace").rstrip("\r")
    return unicodedata.normalize("NFC", _CONTROL.sub("\ufffd", text))[:_LONGEST]


def test(text: str | None, pattern: str | None) -> Test:
    """What a line has to hold.

    Raises:
        Refusal: the pattern cannot be used.
    """
    compiled = None if pattern is None else _compiled(pattern)
    return lambda line: (text is None or text in line) and (compiled is None or compiled.search(line) is not None)


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        raise Refusal("bad-pattern", "this pattern cannot be used") from None
