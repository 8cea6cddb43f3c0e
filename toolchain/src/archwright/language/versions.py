"""Semantic versions (semver.org 2.0.0) and the ranges in which a component is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PRE = r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
_VERSION = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER}){_PRE}(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_KEBAB = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>{_KEBAB}/{_KEBAB})@(?P<range>(?P<operator>[\^~]?)"
    rf"(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER})(?:\.(?P<patch>{_NUMBER}){_PRE})?)?)"
)
_LONGEST = 120

Order = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
"""A version in a form that sorts by precedence."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A component by name, with the versions that will do.

    Attributes:
        name: ``std/accounts``.
        range: as written: ``^1``, ``~1.2``, ``1.2.3``.
        lowest: the first version in the range.
        below: the first version after it; absent where exactly ``lowest`` is meant.
    """

    name: str
    range: str
    lowest: Order
    below: Order | None

    def __str__(self) -> str:
        return f"{self.name}@{self.range}"

    def matches(self, version: str) -> bool:
        """Whether a version is in the range; previews only where the range names one of the same release."""
        found = parse_version(version)
        if found is None:
            return False
        if self.below is None:
            return found == self.lowest
        if found[3] != _RELEASE and (found[:3] != self.lowest[:3] or self.lowest[3] == _RELEASE):
            return False
        return self.lowest <= found < self.below


_RELEASE: tuple[tuple[int, int, str], ...] = ((2, 0, ""),)
"""Sorts after every preview of the same version."""


def parse_version(text: str) -> Order | None:
    """Read a version into what orders it (semver.org, clause 11).

    >>> parse_version("1.0.0-rc.1") < parse_version("1.0.0")
    True
    """
    match = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    return (int(match["major"]), int(match["minor"]), int(match["patch"]), _preview(match["pre"]))


def parse_reference(text: str) -> Reference | None:
    """Read a component reference.

    >>> parse_reference("std/accounts@^1").matches("1.4.0")
    True
    """
    match = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    major, minor, patch = (int(match[part] or 0) for part in ("major", "minor", "patch"))
    lowest: Order = (major, minor, patch, _preview(match["pre"]))
    if not match["operator"] and match["patch"] is not None:
        return Reference(match["name"], match["range"], lowest, None)
    following = _following(
        match["operator"], major, minor, patch, given=1 + bool(match["minor"]) + bool(match["patch"])
    )
    return Reference(match["name"], match["range"], lowest, (*following, ()))


def _following(operator: str, major: int, minor: int, patch: int, given: int) -> tuple[int, int, int]:
    """Return the version after the range: a caret keeps the leftmost part that is not zero, a tilde the minor one."""
    if operator != "^":
        return (major + 1, 0, 0) if given == 1 else (major, minor + 1, 0)
    if major or given == 1:
        return (major + 1, 0, 0)
    return (0, minor + 1, 0) if minor or given == 2 else (0, 0, patch + 1)


def _preview(text: str | None) -> tuple[tuple[int, int, str], ...]:
    if text is None:
        return _RELEASE
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split("."))
