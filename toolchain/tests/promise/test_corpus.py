"""Assemblies with a contract beside their expected findings: adding a case is adding three files.

``UPDATE_EXPECTED=1`` writes what is found now; read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archwright.bootstrap import Outcome, check
from archwright.diagnostics import Diagnostic
from toolchain.tests.assemblies import CORPUS, ROOT

_FOLDER = CORPUS / "contract"
_ENDING = ".assembly.yaml"
CASES = sorted(path.relative_to(_FOLDER).as_posix().removesuffix(_ENDING) for path in _FOLDER.rglob(f"*{_ENDING}"))
_NO_FINDING_OF_ITS_OWN = {"broken/unproven"}
"""Only warned of: the contract may hold."""


def _checked(case: str) -> Outcome:
    return check(_FOLDER / f"{case}{_ENDING}", catalog=ROOT / "catalog")


def _line(finding: Diagnostic) -> str:
    parts = [f"{finding.severity.value} {finding.code} {_place(str(finding.location))} {finding.message}"]
    parts += [f"expected {finding.expected}"] if finding.expected else []
    parts += [f"found {finding.found}"] if finding.found else []
    parts += [f"<- {_place(str(related.location))} {related.note}" for related in finding.path]
    return " | ".join(parts)


def _place(location: str) -> str:
    """The last part of the file's name with line and column."""
    return Path(location).name.split(".", 1)[1]


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str) -> None:
    """What a service serves differs from its contract exactly as it stands beside both."""
    checked = _checked(case)

    found = "".join(f"{_line(finding)}\n" for finding in checked.findings)
    expected = _FOLDER / f"{case}.expected"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found)
    assert found == expected.read_text()


@pytest.mark.parametrize("case", CASES)
def test_fulfilled(case: str) -> None:
    """A service has a plan exactly where it keeps its contract, or where nobody can tell."""
    checked = _checked(case)

    assert (checked.plan is not None) == (case.startswith("fulfilled/") or case in _NO_FINDING_OF_ITS_OWN)
