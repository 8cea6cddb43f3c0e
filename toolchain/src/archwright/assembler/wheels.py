"""What the deployed image installs, read from the lock that pip-compile wrote."""

from __future__ import annotations

import re

from .emitter import Wheel

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s\\;]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
_VIA = re.compile(r"#\s+(?:via\s+)?([A-Za-z0-9][A-Za-z0-9._-]*)\s*$")


def read_wheels(text: str) -> tuple[Wheel, ...]:
    """The pinned distributions of a lock, each with what it requires."""
    pinned: dict[str, tuple[str, list[str]]] = {}
    needed_by: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        if match := _PIN.match(line):
            current = match[1].lower()
            pinned[current] = (match[2], [])
        elif current and (match := _HASH.search(line)):
            pinned[current][1].append(match[1])
        elif current and (match := _VIA.search(line)) and match[1] != "via":
            needed_by.setdefault(match[1].lower(), []).append(current)
    return tuple(
        Wheel(name=name, version=version, hashes=tuple(sorted(hashes)), requires=tuple(sorted(needed_by.get(name, ()))))
        for name, (version, hashes) in sorted(pinned.items())
    )
