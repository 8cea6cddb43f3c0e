"""What became of each operation of a contract."""

from __future__ import annotations

from dataclasses import dataclass

from ...diagnostics import Diagnostic, Severity


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One operation of a contract and what became of it.

    Attributes:
        operation: the one that serves it, if any.
        compared: whether it could be; without a plan only names are known.
        findings: what stands in the way.
    """

    title: str
    id: str | None
    operation: str | None = None
    compared: bool = True
    findings: tuple[Diagnostic, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing stands in the way."""
        return (
            self.operation is not None
            and self.compared
            and all(one.severity is not Severity.ERROR for one in self.findings)
        )


@dataclass(frozen=True, kw_only=True)
class Account:
    """How a service stands to its contract.

    Attributes:
        beyond: operations that are served and that the contract does not know.
    """

    name: str
    digest: str
    kept: tuple[Kept, ...]
    beyond: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Everything that differs."""
        return tuple(finding for one in self.kept for finding in one.findings)
