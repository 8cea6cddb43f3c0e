"""A service starts as it was locked, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.integrity import LOCK, load
from archwright_runtime.errors import IntegrityError, PlanError

from .support import build, plan

_MIGRATION = {"0001-first.sqlite.sql": "CREATE TABLE a (id TEXT);"}


def test_a_service_as_locked_is_loaded(tmp_path: Path) -> None:
    """Every digest matches."""
    loaded = load(build(tmp_path, plan(), _MIGRATION))

    assert loaded.plan.name == "shop"
    assert loaded.openapi.startswith(b"{")


@pytest.mark.parametrize("name", ["plan.json", "openapi.json", "migrations/0001-first.sqlite.sql"])
def test_a_changed_file_refuses_to_start(tmp_path: Path, name: str) -> None:
    """One byte is enough, and the message says which file."""
    build(tmp_path, plan(), _MIGRATION)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")

    with pytest.raises(IntegrityError, match=name):
        load(tmp_path)


@pytest.mark.parametrize("name", ["plan.json", "openapi.json", "migrations/0001-first.sqlite.sql", LOCK])
def test_a_missing_file_refuses_to_start(tmp_path: Path, name: str) -> None:
    """Nothing is taken as absent on purpose."""
    build(tmp_path, plan(), _MIGRATION)
    (tmp_path / name).unlink()

    with pytest.raises(IntegrityError, match="missing"):
        load(tmp_path)


def test_a_migration_that_was_never_locked_refuses_to_start(tmp_path: Path) -> None:
    """Nobody slips in a statement."""
    build(tmp_path, plan(), _MIGRATION)
    (tmp_path / "migrations/0002-evil.sqlite.sql").write_text("DROP TABLE a;")

    with pytest.raises(IntegrityError, match="never locked"):
        load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"files": {}},
        {"files": {"migrations/../../evil.sql": "sha256:0"}},
        {"files": {"migrations//etc/passwd": "sha256:0"}},
        {"files": []},
        {"files": {"plan.json": 1}},
    ],
)
def test_a_strange_lock_refuses_to_start(tmp_path: Path, change: dict[str, Any]) -> None:
    """Another format, other paths, no plan."""
    build(tmp_path, plan())
    lock = json.loads((tmp_path / LOCK).read_text())
    (tmp_path / LOCK).write_text(json.dumps({**lock, **change}))

    with pytest.raises(IntegrityError):
        load(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_damaged_lock_refuses_to_start(tmp_path: Path, data: bytes) -> None:
    """Without an exception that nobody understands."""
    build(tmp_path, plan())
    (tmp_path / LOCK).write_bytes(data)

    with pytest.raises(IntegrityError):
        load(tmp_path)


def test_a_plan_for_a_newer_runtime_refuses_to_start(tmp_path: Path) -> None:
    """Unknown features are named."""
    made = plan()
    build(
        tmp_path,
        type(made)(**{**{name: getattr(made, name) for name in made.__struct_fields__}, "requires": ("time-travel",)}),
    )

    with pytest.raises(PlanError, match="time-travel"):
        load(tmp_path)
