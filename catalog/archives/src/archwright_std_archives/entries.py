"""What an archive says that it holds, and which names are harmless on every system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from archwright_runtime.errors import Refusal

_LONGEST = 1000
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        size: in bytes, unpacked, as it is stated.
        place: where its bytes begin in the format's own way of counting.
    """

    name: str
    size: int
    folder: bool = False
    place: int = 0


def check(entries: Iterable[Entry]) -> None:
    """Refuse archives that could harm whoever unpacks them.

    Raises:
        Refusal: a name leads out of the folder, means something else on another system, or stands twice.
    """
    seen: set[str] = set()
    for entry in entries:
        name = entry.name
        if not harmless(name):
            raise unsafe("a name leads elsewhere")
        key = name.rstrip("/").casefold()
        if key in seen:
            raise unsafe("a name stands twice")
        seen.add(key)


def harmless(name: str) -> bool:
    """Whether a name is a path downwards, on every system."""
    if not name or len(name) > _LONGEST or name.startswith("/") or "\\" in name or _DRIVE.match(name):
        return False
    if not name.isprintable() or any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in name):
        return False
    parts = name.removesuffix("/").split("/")
    return not any(part in ("", ".", "..") or ":" in part or _DEVICE.fullmatch(part) for part in parts)


def unsafe(why: str) -> Refusal:
    """The archive could harm."""
    return Refusal("unsafe-archive", f"The archive is not safe: {why}.")


def invalid(why: str) -> Refusal:
    """The archive cannot be read."""
    return Refusal("invalid-archive", f"The archive cannot be read: {why}.")


def too_much(why: str) -> Refusal:
    """The archive is beyond the bounds."""
    return Refusal("too-complex", f"The archive holds {why} than it may hold.")
