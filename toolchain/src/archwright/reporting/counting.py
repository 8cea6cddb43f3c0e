"""How many findings of each severity there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archwright.diagnostics import Diagnostic, Severity


def counts(findings: Iterable[Diagnostic]) -> dict[str, int]:
    """The number of findings for each severity, the worst first."""
    found = Counter(finding.severity for finding in findings)
    return {severity.value: found[severity] for severity in Severity}


def summary(findings: Iterable[Diagnostic]) -> str:
    """The same in words.

    >>> summary([])
    'no findings'
    """
    parts = [f"{number} {name}{'s' if number > 1 else ''}" for name, number in counts(findings).items() if number]
    return ", ".join(parts) or "no findings"
