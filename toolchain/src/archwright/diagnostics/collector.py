"""Gathers findings, so that all of them are reported in one run."""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostic import Diagnostic, Related, Severity
from .location import Location


class Collector:
    """Findings in the making; ``findings()`` gives them sorted by place, each once."""

    def __init__(self, findings: Iterable[Diagnostic] = ()) -> None:
        self._findings: dict[Diagnostic, None] = dict.fromkeys(findings)

    def __len__(self) -> int:
        return len(self._findings)

    @property
    def has_errors(self) -> bool:
        """Whether anything stands in the way of building."""
        return any(finding.severity is Severity.ERROR for finding in self._findings)

    def add(self, *findings: Diagnostic) -> None:
        """Take findings; one that is there already is kept once."""
        self._findings.update(dict.fromkeys(findings))

    def error(
        self,
        code: str,
        location: Location,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        path: tuple[Related, ...] = (),
    ) -> None:
        """Report something that stops the build."""
        self.add(Diagnostic(code, Severity.ERROR, location, message, expected, found, hint, path))

    def warning(
        self,
        code: str,
        location: Location,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        path: tuple[Related, ...] = (),
    ) -> None:
        """Report something that deserves a look."""
        self.add(Diagnostic(code, Severity.WARNING, location, message, expected, found, hint, path))

    def findings(self) -> tuple[Diagnostic, ...]:
        """All findings, sorted by place."""
        return tuple(sorted(self._findings, key=lambda finding: finding.place))
