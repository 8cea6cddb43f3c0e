"""The locks that everybody installs from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_LOCKS = ("requirements.lock", "requirements-dev.lock")
_PLACE = re.compile(r"https?:/|file:/|^\s*--(?:extra-)?index-url|--find-links|--trusted-host|(?:^|\s)/\w", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    text = (_ROOT / name).read_text()
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)", text, re.MULTILINE))


def _normal(requirement: str) -> str:
    name = re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", _LOCKS)
def test_lock_names_no_place(name: str) -> None:
    """A lock works with any index: it names neither hosts nor paths."""
    text = (_ROOT / name).read_text()

    assert _PLACE.findall(text) == []


@pytest.mark.parametrize("name", _LOCKS)
def test_everything_has_a_hash(name: str) -> None:
    """Every pinned distribution is followed by at least one hash."""
    text = (_ROOT / name).read_text()

    unverified = re.findall(r"^(\S+==\S+)\s*$", text, re.MULTILINE)

    assert unverified == []


def test_locks_agree() -> None:
    """Development has the very versions of the product."""
    product, development = (_pins(name) for name in _LOCKS)

    assert product.items() <= development.items()


@pytest.mark.parametrize("project", ["runtime", "toolchain"])
def test_dependencies_are_locked(project: str) -> None:
    """What a distribution declares is in the lock of the product."""
    declared = tomllib.loads((_ROOT / project / "pyproject.toml").read_text())["project"]["dependencies"]

    assert {_normal(requirement) for requirement in declared} <= _pins("requirements.lock").keys()
