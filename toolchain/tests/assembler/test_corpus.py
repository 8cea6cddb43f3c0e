"""Assemblies beside their expected findings: adding a case is adding two files.

``UPDATE_EXPECTED=1`` writes what is found now; read the difference before committing it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archwright.assembler.invariants.registered import INVARIANTS
from toolchain.tests.assemblies import CORPUS, ROOT, assemble_case, cases, lines

_INVARIANTS = sorted(invariant.__module__.rpartition(".")[2] for invariant in INVARIANTS)
CASES = [*cases(CORPUS / "invariants"), *cases(CORPUS / "assembly")]
_ACCEPTED = [case for case in CASES if "/accepted/" in case]


@pytest.mark.parametrize("case", CASES)
def test_findings(case: str) -> None:
    """An assembly of the corpus has exactly the findings that stand beside it."""
    path = CORPUS / case

    assembled = assemble_case(path)

    found = lines(assembled.findings, path.name)
    expected = path.with_suffix(".expected")
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found)
    assert found == expected.read_text()


@pytest.mark.parametrize("case", CASES)
def test_accepted(case: str) -> None:
    """An assembly has a plan exactly where it lies among the accepted ones."""
    assembled = assemble_case(CORPUS / case)

    assert (assembled.plan is not None) == ("/accepted/" in case)


@pytest.mark.parametrize("invariant", _INVARIANTS)
def test_enough(invariant: str) -> None:
    """Every invariant has at least five refused assemblies and two accepted ones."""
    folder = CORPUS / "invariants" / invariant

    accepted, refused = (len(cases(folder / kind)) for kind in ("accepted", "refused"))

    assert accepted >= 2 and refused >= 5


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("invariants/") and "/refused/" in case])
def test_refused_by_its_invariant(case: str) -> None:
    """A refused assembly breaks the invariant whose folder it lies in, and nothing else."""
    invariant = case.split("/")[1]
    findings = assemble_case(CORPUS / case).findings

    codes = {finding.code for finding in findings if finding.severity == "error"}

    source = ROOT / "toolchain/src/archwright/assembler/invariants" / f"{invariant}.py"
    known = source.read_text() + "".join(path.read_text() for path in _helpers(source, invariant))
    assert codes and all(f'"{code.removeprefix("invariant/")}"' in known for code in codes)


def _helpers(source: Path, invariant: str) -> list[Path]:
    return sorted((source.parent / "flow").glob("*.py")) if invariant == "information_flow" else []


def test_stable() -> None:
    """The plan of every accepted assembly is the same bytes whatever the order of sets is."""
    first, second = (_plans(seed) for seed in ("1", "2"))

    assert first == second


def _plans(seed: str) -> str:
    code = (
        "import hashlib\n"
        "from toolchain.tests.assemblies import CORPUS, assemble_case\n"
        "from archwright.assembler.plan import canonical, to_data\n"
        f"for case in {_ACCEPTED!r}:\n"
        "    plan = assemble_case(CORPUS / case).plan\n"
        "    print(case, plan and hashlib.sha256(canonical(to_data(plan))).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )
    return done.stdout
