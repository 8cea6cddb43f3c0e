"""A finding as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .location import Location


class Severity(StrEnum):
    """How much a finding matters: an error stops the build, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Related:
    """One more place that belongs to a finding, with what happens there."""

    location: Location
    note: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a document or about code.

    Attributes:
        code: ``area/name``; registered in ``codes`` and explained by a page.
        message: what is wrong, in one sentence without a full stop; names stand in backticks.
        expected: what would have been right.
        found: what stands there instead.
        hint: what to do about it.
        path: further places, in the order in which a reader should look at them.
    """

    code: str
    severity: Severity
    location: Location
    message: str
    expected: str | None = None
    found: str | None = None
    hint: str | None = None
    path: tuple[Related, ...] = ()

    @property
    def area(self) -> str:
        """The part of the code before the slash."""
        return self.code.partition("/")[0]

    @property
    def place(self) -> tuple[str, int, int, str, str]:
        """What findings are sorted by."""
        return (self.location.file, self.location.line, self.location.column, self.code, self.message)
