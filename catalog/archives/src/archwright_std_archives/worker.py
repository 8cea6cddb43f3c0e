"""Reads archives; runs isolated only.

Its rules:

* Nothing is written to disk, and a name is never a path: entries are compared and named, not opened as files.
* An archive with one bad entry is bad as a whole: what a program that unpacks it later would do is not ours to guess.
* What entries say about their sizes is tested first and not believed afterwards.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from archwright_runtime.errors import Refusal

from . import tars, zips
from .entries import Entry, check

# Every archive made of the same files is the same, and no clock is needed.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_STORED = (".zip", ".gz", ".jpg", ".jpeg", ".png", ".webp", ".mp4", ".webm", ".pdf", ".docx", ".xlsx")


def listed(content: bytes, most_entries: int, most_bytes: int) -> dict[str, Any]:
    """Names and sizes of the files in an archive."""
    format, entries = _entries(content, most_entries, most_bytes)
    files = [entry for entry in entries if not entry.folder]
    return {
        "entries": [{"name": entry.name, "size": entry.size} for entry in files],
        "count": len(files),
        "size": sum(entry.size for entry in files),
        "format": format,
    }


def extracted(content: bytes, most_entries: int, most_bytes: int, name: str, largest: int) -> bytes:
    """The bytes of one file."""
    format, entries = _entries(content, most_entries, most_bytes)
    found = next((entry for entry in entries if entry.name == name and not entry.folder), None)
    if found is None:
        raise Refusal("no-such-entry", "The archive holds no file of that name.")
    if found.size > largest:
        raise Refusal("too-complex", "That file is too large.")
    return zips.read(content, found) if format == "zip" else tars.read(content, found, most_bytes)


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    """A zip archive of files."""
    output = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in files:
            packed = zipfile.ZIP_STORED if name.lower().endswith(_STORED) else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(_free(name, taken), _MOMENT)
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content, packed)
    return output.getvalue()


def _entries(content: bytes, most_entries: int, most_bytes: int) -> tuple[str, list[Entry]]:
    if zips.is_zip(content):
        format, entries = "zip", zips.entries(content, most_entries, most_bytes)
    else:
        format, entries = "tar", tars.entries(content, most_entries, most_bytes)
    check(entries)
    return format, entries


def _free(name: str, taken: set[str]) -> str:
    """A name that is not taken yet, compared as file systems that ignore case do."""
    stem, dot, ending = name.rpartition(".")
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem}-{number}.{ending}" if dot else f"{name}-{number}"
    taken.add(candidate.casefold())
    return candidate
