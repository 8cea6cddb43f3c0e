"""What a build keeps of a contract: its digest in the lock, and on the summary page what keeps it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from archwright.bootstrap import Outcome, build, verify
from toolchain.tests.assemblies import CORPUS, ROOT

_CASES = CORPUS / "contract/fulfilled"
_CATALOG = ROOT / "catalog"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service with its contract beside it."""
    (tmp_path / "architecture.yaml").write_bytes((CORPUS / "contract/architecture.yaml").read_bytes())
    for name in ("inherited.assembly.yaml", "inherited.openapi.yaml"):
        (tmp_path / name).write_bytes((_CASES / name).read_bytes())
    return tmp_path


def _built(folder: Path, **more: Path) -> Outcome:
    built = build(folder / "inherited.assembly.yaml", catalog=_CATALOG, **more)
    assert built.output is not None, built.findings
    return built


def test_lock(folder: Path) -> None:
    """The lock names the contract with the digest of its bytes."""
    _built(folder)

    lock = json.loads((folder / "dist/archwright.lock.json").read_bytes())
    digest = hashlib.sha256((folder / "inherited.openapi.yaml").read_bytes()).hexdigest()
    assert lock["documents"]["inherited.openapi.yaml"] == f"sha256:{digest}"


def test_summary(folder: Path) -> None:
    """The summary page says by which operation each promise is kept."""
    _built(folder)

    page = (folder / "dist/summary.html").read_text("utf-8")
    assert "Operations of the contract" in page and "inherited.openapi.yaml, 2 operations" in page
    assert "<code>GET /v1/posts</code>" in page and "<code>ListPosts</code>" in page


def test_verify(folder: Path) -> None:
    """A contract that has changed since the build is noticed."""
    _built(folder)
    contract = folder / "inherited.openapi.yaml"
    contract.write_text(contract.read_text("utf-8").replace("The posts", "All posts"), "utf-8")

    verified = verify(folder / "inherited.assembly.yaml", catalog=_CATALOG)

    assert {Path(finding.location.file).name for finding in verified.findings} >= {"archwright.lock.json"}


def test_given_from_outside(folder: Path) -> None:
    """A contract that is given instead of the named one is the one that counts."""
    other = folder / "elsewhere.yaml"
    other.write_bytes((_CASES / "older.openapi.yaml").read_bytes())

    _built(folder, contract=other)

    lock = json.loads((folder / "dist/archwright.lock.json").read_bytes())
    assert set(lock["documents"]) >= {"elsewhere.yaml"} and "inherited.openapi.yaml" not in lock["documents"]


def test_a_broken_promise_is_not_built(folder: Path) -> None:
    """A service that breaks its contract is not built, and nothing is written."""
    contract = folder / "inherited.openapi.yaml"
    contract.write_text(contract.read_text("utf-8").replace("likes: {type: integer}", "likes: {type: string}"), "utf-8")

    built = build(folder / "inherited.assembly.yaml", catalog=_CATALOG)

    assert built.output is None and not (folder / "dist").exists()
    assert {finding.code for finding in built.findings} == {"contract/response-schema"}
