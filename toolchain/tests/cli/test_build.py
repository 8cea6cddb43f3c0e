"""`archwright build` and `archwright verify`: everything or nothing, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchain.tests.cli.conftest import ASSEMBLY, MISTAKE
from toolchain.tests.cli.program import archwright, tree


def test_build(service: Path) -> None:
    """A build writes dist/, the lock and the migrations, and says so on stderr."""
    done = archwright("build", cwd=service)

    files = tree(service)
    count = sum(1 for path in files if path.startswith("dist/"))
    assert (done.code, done.out) == (0, "") and done.err.startswith(f"wrote dist: {count} files\n")
    assert {"dist/plan.json", "dist/openapi.json", "archwright.lock.json"} <= files.keys()
    assert files["archwright.lock.json"] == files["dist/archwright.lock.json"]


def test_same_bytes(service: Path) -> None:
    """Building again changes nothing."""
    archwright("build", cwd=service)
    before = tree(service)

    archwright("build", cwd=service, PYTHONHASHSEED="7")

    assert tree(service) == before


def test_findings_write_nothing(service: Path) -> None:
    """Where a finding stops the build, what was built before stays as it is."""
    archwright("build", cwd=service)
    (service / "assembly.yaml").write_text(MISTAKE)
    before = tree(service)

    done = archwright("build", cwd=service)

    assert (done.code, done.err) == (1, "") and "assembly/unknown-type" in done.out
    assert tree(service) == before


def test_foreign_folder(service: Path) -> None:
    """A folder that holds something else than a build is left alone."""
    (service / "mine").mkdir()
    (service / "mine/letter.txt").write_text("dear")
    before = tree(service)

    done = archwright("build", "--output", "mine", cwd=service)

    assert (done.code, done.err.splitlines()[0]) == (2, "error: mine is not empty and holds no build")
    assert tree(service) == before


def test_failing_disk_writes_nothing(service: Path) -> None:
    """Where dist/ cannot be written, neither the lock nor a migration is."""
    before = tree(service)

    done = archwright("build", "--output", "assembly.yaml/dist", cwd=service)

    assert done.code == 2 and done.err.startswith("error: cannot ")
    assert tree(service) == before


def test_nothing_is_left_over(service: Path) -> None:
    """A build leaves no working files beside its result."""
    archwright("build", cwd=service)
    archwright("build", cwd=service)

    assert sorted(path.name for path in service.iterdir()) == [
        "archwright.lock.json", "assembly.yaml", "dist", "migrations",
    ]  # fmt: skip


def test_loss_is_named(service: Path) -> None:
    """A field that is gone stops the build until its loss is allowed by name."""
    archwright("build", cwd=service)
    (service / "assembly.yaml").write_text(ASSEMBLY.replace("      colour: text(20)\n", ""))
    before = tree(service)

    refused = archwright("build", cwd=service)
    unchanged = tree(service) == before
    allowed = archwright("build", "--allow-drop", "Note.colour", cwd=service)

    assert refused.code == 1 and "error[migration/loss]" in refused.out and unchanged
    assert allowed.code == 0 and any(path.startswith("migrations/0002-") for path in tree(service))


def test_useless_allowance(service: Path) -> None:
    """A loss that is allowed and does not happen is told."""
    done = archwright("build", "--allow-drop", "Note.size", cwd=service)

    assert "migration/unused-allowance" in done.out


def test_broken_lock(service: Path) -> None:
    """A lock that cannot be read is a finding, and is not overwritten."""
    (service / "archwright.lock.json").write_text("{")

    done = archwright("build", cwd=service)

    assert done.code == 1 and "error[lock/unreadable]" in done.out
    assert tree(service).keys() == {"assembly.yaml", "archwright.lock.json"}


# -- verify -----------------------------------------------------------------------------------------------------------


def test_verified(service: Path) -> None:
    """What was just built is what the assembly gives."""
    archwright("build", cwd=service)

    done = archwright("verify", cwd=service)

    assert (done.code, done.out) == (0, "") and done.err.startswith("dist is what the assembly gives: ")


@pytest.mark.parametrize(
    "path", ["plan.json", "openapi.json", "archwright.lock.json", "Containerfile", "migrations/0001-create.sqlite.sql"]
)
def test_one_byte(path: str, service: Path) -> None:
    """One changed byte anywhere is found, and its file is named."""
    archwright("build", cwd=service)
    file = service / "dist" / path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))

    done = archwright("verify", cwd=service)

    assert done.code == 1 and f"--> dist/{path}:1:1" in done.out and "1 error\n" in done.out


def test_missing_and_superfluous(service: Path) -> None:
    """A file too few and a file too many are found."""
    archwright("build", cwd=service)
    (service / "dist/openapi.json").unlink()
    (service / "dist/more").mkdir()
    (service / "dist/more/backdoor.py").write_text("")

    done = archwright("verify", cwd=service)

    assert done.code == 1 and "2 errors\n" in done.out
    assert "`openapi.json` is missing" in done.out and "`backdoor.py` should not be there" in done.out


def test_other_assembly(service: Path) -> None:
    """A build is not what a changed assembly gives."""
    archwright("build", cwd=service)
    (service / "assembly.yaml").write_text(ASSEMBLY.replace("version: 1.0.0", "version: 1.0.1"))

    done = archwright("verify", cwd=service)

    assert done.code == 1 and "`plan.json` differs" in done.out


def test_never_built(service: Path) -> None:
    """Where nothing was built, there is nothing to verify."""
    done = archwright("verify", cwd=service)

    assert (done.code, done.out) == (2, "") and done.err.startswith("error: there is no build at dist\n")
