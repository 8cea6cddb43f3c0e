"""A running service changes: new fields, new names, fewer fields, with the data of both databases kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from acceptance.conftest import DATABASES
from acceptance.services import ROOT, Built, build_assembly, build_example, serving
from archwright.bootstrap import build

LEAVE = "/api/leave-requests"
_STATUS = "      status: {enum: [pending, approved, rejected], default: pending}\n"
_REASON = "      reason: {type: text(500), class: [personal], help: Only you and HR can read this.}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of leave-requests that a test may change."""
    target = tmp_path / "leave-requests"
    target.mkdir()
    for name in ("assembly.yaml", "demo.yaml"):
        shutil.copy(ROOT / "examples" / "leave-requests" / name, target / name)
    return target


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_database")
        return url
    return f"sqlite:///{tmp_path / 'data.sqlite'}"


def _edit(folder: Path, *pairs: tuple[str, str]) -> None:
    document = folder / "assembly.yaml"
    text = document.read_text()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    document.write_text(text)


def _rebuilt(folder: Path, first: Built, *drops: str) -> Built:
    built = build_assembly(folder, first.dist.parent, allow_drop=frozenset(drops))
    return Built(first.name, built.dist, built.components, first.people, first.demo)


def _seeded(folder: Path, tmp_path: Path, database: str) -> Built:
    home = tmp_path / "home"
    home.mkdir()
    built = build_example("leave-requests", home)
    assert (folder / "assembly.yaml").read_bytes() == (ROOT / "examples/leave-requests/assembly.yaml").read_bytes()
    done = built.run("seed", "--database", database, "--file", str(built.demo))
    assert done.returncode == 0, done.stderr
    return built


def _rows(built: Built, database: str, folder: Path) -> list[dict[str, object]]:
    with serving(built, database, folder) as service, service.client("hana") as hana:
        answer = hana.get(LEAVE, params={"sort": "starts"})
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, object]] = answer.json()["items"]
        return rows


def test_fields_come_and_get_other_names(folder: Path, tmp_path: Path, database: str) -> None:
    """A field is added and another renamed; every value stays what it was, and applying again does nothing."""
    first = _seeded(folder, tmp_path, database)
    before = _rows(first, database, tmp_path)

    _edit(folder, (_STATUS, _STATUS + "      place: {type: text(80), default: Home}\n"))
    _edit(folder, (_REASON, _REASON.replace("reason: {", "note: {renamed_from: reason, ")))
    _edit(folder, ("fields: [starts, ends, reason]", "fields: [starts, ends, note]"))
    _edit(folder, ("starts, ends, reason, status]", "starts, ends, note, status]"))
    second = _rebuilt(folder, first)
    if database.startswith("postgresql"):
        early = second.run("serve", "--database", database)
        assert early.returncode != 0 and "archwright-runtime migrate" in early.stdout + early.stderr
    for expected in ("applied 0002", ""):
        done = second.run("migrate", "--database", database)
        assert done.returncode == 0 and done.stdout.startswith(expected), done.stderr
    after = _rows(second, database, tmp_path)

    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [row["note"] for row in after] == [row["reason"] for row in before]
    assert {row["place"] for row in after} == {"Home"}
    assert all("reason" not in row for row in after)


def test_what_destroys_data_must_be_named(folder: Path, tmp_path: Path, database: str) -> None:
    """A dropped field is refused and writes nothing; named, it goes and everything else stays."""
    first = _seeded(folder, tmp_path, database)
    home = first.dist.parent
    before = _rows(first, database, tmp_path)
    lock = (home / "archwright.lock.json").read_bytes()
    _edit(folder, (_REASON, ""), ("fields: [starts, ends, reason]", "fields: [starts, ends]"))
    _edit(folder, ("starts, ends, reason, status]", "starts, ends, status]"))

    refused = build(folder, output=home / "dist", catalog=ROOT / "catalog", home=home)

    assert refused.output is None
    assert any("LeaveRequest.reason" in finding.message for finding in refused.findings)
    assert (home / "archwright.lock.json").read_bytes() == lock
    second = _rebuilt(folder, first, "LeaveRequest.reason")
    assert second.run("migrate", "--database", database).returncode == 0
    after = _rows(second, database, tmp_path)
    assert after == [{name: value for name, value in row.items() if name != "reason"} for row in before]


def test_building_again_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """The same assembly gives the same bytes and no new migration."""
    first = build_assembly(folder, tmp_path / "home")
    before = {path: path.read_bytes() for path in sorted(first.dist.rglob("*")) if path.is_file()}

    again = build_assembly(folder, tmp_path / "home")

    assert {path: path.read_bytes() for path in sorted(again.dist.rglob("*")) if path.is_file()} == before


def test_what_was_tampered_with_does_not_start(folder: Path, tmp_path: Path) -> None:
    """Each file that the runtime reads, changed by one byte or taken away, keeps the service from starting."""
    built = build_assembly(folder, tmp_path / "home")
    url = f"sqlite:///{tmp_path / 'tampered.sqlite'}"
    read = ["plan.json", "openapi.json", *(f"migrations/{path.name}" for path in (built.dist / "migrations").iterdir())]
    for name in read:
        path = built.dist / name
        whole = path.read_bytes()
        for changed in (whole + b" ", None):
            path.unlink() if changed is None else path.write_bytes(changed)

            done = built.run("serve", "--database", url)

            assert done.returncode == 1, (name, done.stderr)
            assert path.name in done.stderr and "Traceback" not in done.stderr
        path.write_bytes(whole)
    (built.dist / "migrations" / "0009-stray.sqlite.sql").write_text("SELECT 1;")
    assert "was never locked" in built.run("serve", "--database", url).stderr
