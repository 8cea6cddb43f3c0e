"""Zip archives, by the library of Python, with the checks that it leaves to its users.

Entries may not share bytes, which is how a file of kilobytes unpacks to petabytes without nesting; the archive begins
at its first byte, so it is not another kind of file at the same time.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

from archwright_runtime.errors import Refusal

from .entries import Entry, invalid, too_much, unsafe

_LOCAL = b"PK\x03\x04"
_END = b"PK\x05\x06"
_LOCAL_LENGTH = 30
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_RATIO = 200
_SMALL = 1 << 20
# Unix and macOS: the upper half of the attributes is a file mode.
_WITH_MODES = (3, 19)
_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, struct.error, NotImplementedError)


def is_zip(content: bytes) -> bool:
    """Whether bytes begin as a zip archive does."""
    return content.startswith((_LOCAL, _END))


def entries(content: bytes, most_entries: int, most_bytes: int) -> list[Entry]:
    """What the archive holds.

    Raises:
        Refusal: it cannot be read, is unsafe, or too large.
    """
    # Before the library makes an object for each.
    if content.count(b"PK\x01\x02") > most_entries:
        raise too_much("more entries")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos, end = archive.infolist(), archive.start_dir
    except _DAMAGED:
        raise invalid("it is damaged") from None
    if len(infos) > most_entries:
        raise too_much("more entries")
    if sum(info.file_size for info in infos) > most_bytes:
        raise too_much("more")
    for info in infos:
        _check(info)
    _apart(content, infos, end)
    return [Entry(info.filename, info.file_size, info.is_dir(), number) for number, info in enumerate(infos)]


def read(content: bytes, entry: Entry) -> bytes:
    """The bytes of one entry.

    Raises:
        Refusal: they are not what was stated.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(archive.infolist()[entry.place]) as file:
            found = file.read(entry.size + 1)
    except (*_DAMAGED, RuntimeError):
        raise invalid("a file in it is damaged") from None
    if len(found) != entry.size:
        raise invalid("a file in it has another size than stated")
    return found


def _check(info: zipfile.ZipInfo) -> None:
    # What the library cut off at a NUL, others may not.
    if info.orig_filename != info.filename:
        raise unsafe("a name leads elsewhere")
    if info.flag_bits & _ENCRYPTED:
        raise invalid("it has a password")
    if info.compress_type not in _METHODS:
        raise invalid("it is compressed in an unusual way")
    mode = info.external_attr >> 16
    if info.create_system in _WITH_MODES and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unsafe("it holds links or devices")
    if info.file_size > _SMALL and info.file_size > info.compress_size * _MOST_RATIO:
        raise Refusal("too-complex", "The archive unpacks to much more than it is.")


def _apart(content: bytes, infos: list[zipfile.ZipInfo], end: int) -> None:
    """Refuse entries that share bytes, and headers inside that say something else than the directory."""
    last = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        start = info.header_offset
        if start < last:
            raise Refusal("too-complex", "The archive's files lie on top of each other.")
        if content[start : start + 4] != _LOCAL:
            raise invalid("it is damaged")
        name, extra = struct.unpack("<HH", content[start + 26 : start + _LOCAL_LENGTH])
        if content[start + _LOCAL_LENGTH : start + _LOCAL_LENGTH + name] != _raw_name(info):
            raise unsafe("a file has two names")
        last = start + _LOCAL_LENGTH + name + extra + info.compress_size
    if last > end:
        raise invalid("it is damaged")


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
