"""Turns differences into findings: at their place in the contract, with the place in the assembly beside it."""

from __future__ import annotations

from collections.abc import Callable

from ...diagnostics import Collector, Diagnostic, Location, Related, Severity
from .difference import Difference, Side, Weight
from .fitting import Fitting
from .interface import Described, Pointer, Spot

Memory = dict[tuple[Side, bool, Pointer, Pointer], list[Difference]]
"""Schemas that were compared already: many operations share their failures."""
Locate = Callable[[Pointer], Location]

_SEVERITIES = {Weight.BROKEN: Severity.ERROR, Weight.UNPROVEN: Severity.WARNING, Weight.ABSENT: Severity.WARNING}


class Reporter:
    """Reports what differs in one operation."""

    def __init__(
        self, findings: Collector, locate: Locate, operation: Described, served: Location | None, memory: Memory
    ) -> None:
        self._findings = findings
        self._locate = locate
        self._served = served
        self._memory = memory
        self.title = operation.title

    def report(
        self,
        code: str,
        spot: Spot,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """One finding."""
        path = (Related(self._served, "served here"),) if self._served is not None else ()
        place = self._locate(spot.pointer)
        self._findings.add(Diagnostic(code, severity, place, f"`{self.title}`: {message}", expected, found, hint, path))

    def compare(self, code: str, whole: str, side: Side, contract: Spot, ours: Spot, *, textual: bool = False) -> None:
        """What differs in a schema; what cannot be proven has a code of its own."""
        key = (side, textual, contract.pointer, ours.pointer)
        if key not in self._memory:
            self._memory[key] = Fitting(side, textual=textual).compare((contract,), (ours,))
        for one in self._memory[key]:
            name = "contract/unproven" if one.weight is Weight.UNPROVEN else code
            member = f"`{one.member}` in {whole}" if one.member else whole
            self.report(
                name,
                one.contract,
                f"{member}: {one.message}",
                expected=one.expected,
                found=one.found,
                severity=_SEVERITIES[one.weight],
            )
