"""A place in a document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A stretch of a file: lines and columns count from 1 in code points; the end is exclusive."""

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __post_init__(self) -> None:
        if self.end_line < self.line:
            object.__setattr__(self, "end_line", self.line)
            object.__setattr__(self, "end_column", max(self.end_column, self.column))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def within(self, start: int, length: int = 1) -> Location:
        """Return the part of a one-line stretch that begins ``start`` code points after its beginning."""
        column = self.column + start
        return Location(self.file, self.line, column, self.line, column + max(length, 1))
