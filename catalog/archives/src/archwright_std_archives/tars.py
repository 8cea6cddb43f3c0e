"""Tar archives, plain or compressed, by the library of Python, read from front to back within a bound."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from archwright_runtime.errors import Refusal

from .entries import Entry, invalid, too_much, unsafe

_DAMAGED = (tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
_OVERHEAD = 2048


class _Bounded(io.RawIOBase):
    """What was unpacked so far is counted, and ends at the bound, whatever headers say."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source = source
        self._left = most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = self._source.read(self._left + 1 if size < 0 else size)
        self._left -= len(found)
        if self._left < 0:
            raise too_much("more")
        return found


def entries(content: bytes, most_entries: int, most_bytes: int) -> list[Entry]:
    """What the archive holds.

    Raises:
        Refusal: it cannot be read, is unsafe, or too large.
    """
    found: list[Entry] = []
    with _opened(content, most_bytes + most_entries * _OVERHEAD) as archive:
        for number, member in enumerate(archive):
            if number >= most_entries:
                raise too_much("more entries")
            found.append(_entry(member, number))
            if sum(entry.size for entry in found) > most_bytes:
                raise too_much("more")
    if not found:
        raise invalid("it is none, or holds nothing")
    return found


def read(content: bytes, entry: Entry, most_bytes: int) -> bytes:
    """The bytes of one entry.

    Raises:
        Refusal: they are not what was stated.
    """
    with _opened(content, most_bytes + (entry.place + 2) * _OVERHEAD) as archive:
        for number, member in enumerate(archive):
            if number == entry.place:
                file = archive.extractfile(member)
                assert file is not None
                return file.read(entry.size)
    raise invalid("it is damaged")


def _entry(member: tarfile.TarInfo, number: int) -> Entry:
    if member.type == tarfile.DIRTYPE:
        return Entry(member.name + "/", 0, True, number)
    # Links, devices, pipes, and files with holes, whose size says nothing about what they take.
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise unsafe("it holds links or devices")
    return Entry(member.name, member.size, False, number)


@contextmanager
def _opened(content: bytes, most: int) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(fileobj=_Bounded(_unpacked(content), most), mode="r|", errorlevel=2) as archive:
            yield archive
    except Refusal:
        raise
    except _DAMAGED:
        raise invalid("it is damaged") from None


def _unpacked(content: bytes) -> IO[bytes]:
    source = io.BytesIO(content)
    if content.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=source))
    if content.startswith(b"BZh"):
        return bz2.BZ2File(source)
    if content.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(source)
    return source
