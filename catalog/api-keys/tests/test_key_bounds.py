"""A key never becomes more than it is."""

from __future__ import annotations

from pathlib import Path

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, assemble, people, started

SERVICE = f"""
assembly: renewals
version: 1.0.0
owner: team-renewals
components:
  accounts: {ACCOUNTS}
  keys: {{use: std/api-keys@^1}}
roles: {{clerk: {{}}, chief: {{}}}}
entities:
  Note:
    fields: {{text: text(20)!}}
    permissions: {{clerk: {{read: true}}, chief: {{create: true}}}}
    expose: {{path: /api/notes, operations: [list, create]}}
operations:
  Renew:
    trigger: {{http: POST /api/renewals}}
    access: [signed-in]
    steps: [{{call: accounts.issue, as: session}}]
    returns: {{body: {{token: "${{session.token}}"}}}}
"""


async def test_a_key_starts_no_session(tmp_path: Path, database: str) -> None:
    """Whoever holds a key with some roles gets no session with all roles of its owner; its owner does."""
    dist = assemble(SERVICE, tmp_path / "renewals")
    async with started(dist, database, seed=Seed(people=people(ann=["clerk", "chief"]))) as service:
        ann, program = await service.client("ann"), service.visitor()
        made = await ann.post("/api/keys", json={"name": "Script", "roles": ["clerk"], "days": 1})
        program.token, program.scheme = made.json()["key"], "ApiKey"

        refused, renewed = await program.post("/api/renewals"), await ann.post("/api/renewals")

    assert (refused.status, renewed.status) == (403, 200)
