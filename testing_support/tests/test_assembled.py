"""The support itself: a text becomes a service that people use."""

from __future__ import annotations

from pathlib import Path

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, RefusedAssemblyError, assemble, people, started

NOTES = f"""
assembly: notes
version: 1.0.0
owner: team-notes
components:
  accounts: {ACCOUNTS}
roles: {{writer: {{}}}}
entities:
  Note:
    fields: {{title: text(100)!}}
    permissions: {{writer: {{read: true, create: true}}}}
    expose: /api/notes
"""


async def test_a_text_becomes_a_service(tmp_path: Path, database: str) -> None:
    """A person of the seed signs in and writes; somebody else is refused."""
    dist = assemble(NOTES, tmp_path / "notes")
    async with started(dist, database, seed=Seed(people=people(ann=["writer"]))) as service:
        ann = await service.client("ann")

        made = await ann.post("/api/notes", json={"title": "First"})
        refused = await service.visitor().post("/api/notes", json={"title": "Second"})

    assert (made.status, refused.status) == (201, 401)


def test_a_refused_text_names_its_findings(tmp_path: Path) -> None:
    """What cannot be assembled fails with the codes."""
    with pytest.raises(RefusedAssemblyError, match="entitees"):
        assemble(NOTES.replace("entities:", "entitees:"), tmp_path)
