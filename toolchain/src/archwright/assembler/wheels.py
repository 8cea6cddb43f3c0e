"""What the deployed image installs, read from the lock that pip-compile wrote for the runtime and every component."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .emitter import Wheel

_RUNTIME = "archwright-runtime"
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s\\;]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")
_VIA = re.compile(r"#\s+(?:via\s+)?([A-Za-z0-9][A-Za-z0-9._-]*)(?:\s+\([^()]*\))?\s*$")


def read_wheels(text: str) -> tuple[Wheel, ...]:
    """Every pinned distribution of a lock, each with what it requires."""
    pinned, needed_by = _pins(text)
    return tuple(
        Wheel(name=name, version=version, hashes=tuple(sorted(hashes)), requires=tuple(sorted(needed_by.get(name, ()))))
        for name, (version, hashes) in sorted(pinned.items())
    )


def deployed_wheels(text: str, wanted: Iterable[str] = ()) -> tuple[Wheel, ...]:
    """Those of a lock that the runtime and the chosen components need.

    Args:
        wanted: what the components need, by name.

    Raises:
        KeyError: the lock pins no such distribution.
    """
    wheels = {wheel.name: wheel for wheel in read_wheels(text)}
    queue = [*_pins(text)[1].get(_RUNTIME, ()), *map(_normal, wanted)]
    reached: dict[str, Wheel] = {}
    while queue:
        name = queue.pop()
        if name not in reached:
            reached[name] = wheels[name]
            queue += wheels[name].requires
    return tuple(reached[name] for name in sorted(reached))


def _pins(text: str) -> tuple[Mapping[str, tuple[str, list[str]]], Mapping[str, list[str]]]:
    """Version and hashes of each distribution, and what each one needs."""
    pinned: dict[str, tuple[str, list[str]]] = {}
    needed_by: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        if match := _PIN.match(line):
            current = _normal(match[1])
            pinned[current] = (match[2], [])
        elif current and (match := _HASH.search(line)):
            pinned[current][1].append(match[1])
        elif current and (match := _VIA.search(line)) and match[1] != "via":
            needed_by.setdefault(_normal(match[1]), []).append(current)
    return pinned, needed_by


def _normal(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub("[-_.]+", "-", name).lower()
