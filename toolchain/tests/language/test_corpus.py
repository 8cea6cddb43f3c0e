"""Documents beside their expected findings: adding a case is adding two files.

``UPDATE_EXPECTED=1`` writes what is found now; read the difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archwright.language.architecture import read_architecture
from archwright.language.assembly import read_assembly
from archwright.language.component import read_component
from archwright.reporting import text

_CORPUS = Path(__file__).parent.parent / "corpus" / "language"
_READERS: dict[str, Callable[[bytes, str], Any]] = {
    "architecture": read_architecture,
    "assembly": read_assembly,
    "component": read_component,
    "yaml": read_assembly,
}
CASES = sorted(path.relative_to(_CORPUS).as_posix() for path in _CORPUS.rglob("*.yaml"))


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str) -> None:
    """A document of the corpus has exactly the findings that stand beside it."""
    path = _CORPUS / case
    source = path.read_bytes()

    reading = _READERS[case.partition("/")[0]](source, path.name)

    found = text(reading.findings, {path.name: source.decode()})
    expected = path.with_suffix(".expected")
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found)
    assert found == expected.read_text()


@pytest.mark.parametrize("case", CASES)
def test_accepted(case: str) -> None:
    """A document is given exactly where nothing stands in the way, and cases say so by their names."""
    path = _CORPUS / case

    reading = _READERS[case.partition("/")[0]](path.read_bytes(), path.name)

    accepted = path.name.startswith("accepted-")
    assert (reading.document is not None, not reading.findings) == (accepted, accepted)
