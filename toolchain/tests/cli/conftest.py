"""A small service in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

ASSEMBLY = """\
assembly: notes
version: 1.0.0
owner: team-notes
components:
  accounts: std/accounts@^1
entities:
  Note:
    fields:
      text: text(200)!
      colour: text(20)
    permissions:
      signed-in: {read: true, create: true}
    expose: /api/notes
"""
MISTAKE = ASSEMBLY.replace("text: text(200)!", "text: txt(200)!")


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A folder with an assembly that has no finding."""
    (tmp_path / "assembly.yaml").write_text(ASSEMBLY)
    return tmp_path


@pytest.fixture
def mistaken(tmp_path: Path) -> Path:
    """A folder with an assembly that has one finding."""
    (tmp_path / "assembly.yaml").write_text(MISTAKE)
    return tmp_path
