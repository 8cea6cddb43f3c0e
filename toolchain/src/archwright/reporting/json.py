"""Findings for programs: one JSON object with everything that the text says."""

from __future__ import annotations

import json as _json
from collections.abc import Iterable
from typing import Any

from archwright.diagnostics import Diagnostic, Location
from archwright.diagnostics.codes import title

from .counting import counts

FORMAT = 1


def json(findings: Iterable[Diagnostic]) -> str:
    """Return the findings as JSON; members without a value are left out."""
    found = tuple(findings)
    content = {"format": FORMAT, "findings": [as_data(finding) for finding in found], "summary": counts(found)}
    return _json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def as_data(finding: Diagnostic) -> dict[str, Any]:
    """Return one finding as plain values."""
    members = {
        "code": finding.code,
        "severity": finding.severity.value,
        "title": title(finding.code),
        "message": finding.message,
        "location": _place(finding.location),
        "expected": finding.expected,
        "found": finding.found,
        "hint": finding.hint,
        "path": [{"location": _place(step.location), "note": step.note} for step in finding.path] or None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _place(place: Location) -> dict[str, Any]:
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
