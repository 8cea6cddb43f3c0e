"""The blogging service against contracts: its own, and the one of others where that lies beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.services import ROOT
from archwright.bootstrap import check
from archwright.diagnostics import Severity

_ASSEMBLY = ROOT / "examples" / "conduit"
_OTHERS = ROOT.parent / "shared" / "data" / "conduit-openapi.yml"


def _missing(contract: Path | None) -> list[str]:
    outcome = check(_ASSEMBLY, catalog=ROOT / "catalog", contract=contract)
    return [f"{one.code} {one.message}" for one in outcome.findings if one.severity is Severity.ERROR]


def test_its_own_contract_is_fulfilled() -> None:
    """Everything that the document beside the assembly promises is served."""
    assert _missing(None) == []


@pytest.mark.skipif(not _OTHERS.exists(), reason="the contract of others is no part of this repository")
def test_the_contract_of_others_is_fulfilled() -> None:
    """The document from which other clients and services were written is served as it stands."""
    assert _missing(_OTHERS) == []
