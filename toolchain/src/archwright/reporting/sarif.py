"""Findings for code hosts: SARIF 2.1.0 (OASIS, errata 01)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from archwright.diagnostics import Diagnostic, Location
from archwright.diagnostics.codes import titles
from archwright.diagnostics.pages import page

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: Iterable[Diagnostic]) -> str:
    """Return one run with all findings; ``codeFlows`` carry the path of a finding that has one."""
    found = tuple(findings)
    codes = sorted({finding.code for finding in found})
    run = {
        "tool": {"driver": {"name": "archwright", "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = titles()
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": known.get(code, code)}}
    if code in known:
        rule["help"] = {"text": page(code), "markdown": page(code)}
    return rule


def _result(finding: Diagnostic, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": _sentence(finding)},
        "locations": [_location(finding.location)],
        "partialFingerprints": {"archwright/v1": _fingerprint(finding)},
    }
    if finding.path:
        steps = [_location(step.location, step.note) for step in finding.path]
        result["relatedLocations"] = [{**step, "id": number} for number, step in enumerate(steps, start=1)]
        result["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
    return result


def _sentence(finding: Diagnostic) -> str:
    parts = [finding.message]
    parts += [f"{name}: {value}" for name, value in (("expected", finding.expected), ("found", finding.found)) if value]
    parts += [f"hint: {finding.hint}"] if finding.hint else []
    return "; ".join(parts)


def _fingerprint(finding: Diagnostic) -> str:
    """The same finding in a moved line stays the same."""
    parts = (finding.code, finding.location.file, finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _location(place: Location, note: str | None = None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.file)},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        }
    }
    return location if note is None else {**location, "message": {"text": note}}


def _uri(file: str) -> str:
    path = PurePosixPath(file)
    encoded = quote(str(path), safe="/", errors="replace")
    return f"file://{encoded}" if path.is_absolute() else encoded
