"""A service assembled from a text and asked in the same process: the shortest way to use a component as people do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archwright.bootstrap import build
from archwright.diagnostics import Severity
from archwright_runtime.application.application import Application
from archwright_runtime.application.seeding import Seed, sow
from archwright_runtime.application.settings import Deployment
from archwright_runtime.testing.client import Client

CATALOG = Path(__file__).parent.parent / "catalog"
SERVICE_KEY = "a-key-that-only-these-tests-ever-use-0123456789"
PASSWORD = "seven quiet herons"
ACCOUNTS = "{use: std/accounts@^1, config: {hashing: {passes: 1, memory: 8, lanes: 1}, remember: 0s}}"
"""The accounts component with hashes that cost next to nothing, to be written after ``accounts:``."""


class RefusedAssemblyError(AssertionError):
    """The text has findings."""


@dataclass
class Assembled:
    """A started service.

    Attributes:
        application: the ASGI application; its engine delivers effects and runs jobs by itself.
        dist: what was built.
    """

    application: Application
    dist: Path
    _clients: dict[str, Client] = field(default_factory=dict)

    def visitor(self) -> Client:
        """Somebody who has not signed in."""
        return Client(self.application)

    async def client(self, person: str) -> Client:
        """A person of the seed, by the name before ``@example.org``, signed in once."""
        if person not in self._clients:
            client = self.visitor()
            credentials = {"email": f"{person}@example.org", "password": PASSWORD}
            answer = await client.post("/api/accounts/sign-in", json=credentials)
            assert answer.status == 200, answer.body
            self._clients[person] = client
        return self._clients[person]


def assemble(document: str, folder: Path) -> Path:
    """Build a text into ``folder``; its ``dist``.

    Raises:
        RefusedAssemblyError: it has findings that are errors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assembly.yaml").write_text(document)
    outcome = build(folder, catalog=CATALOG)
    errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
    if errors:
        raise RefusedAssemblyError("\n".join(f"{one.code} {one.location}: {one.message}" for one in errors))
    return folder / "dist"


def people(**roles: Sequence[str]) -> list[dict[str, Any]]:
    """People for a seed, by the name before ``@example.org``, with their roles."""
    return [
        {"email": f"{name}@example.org", "name": name.capitalize(), "password": PASSWORD, "roles": list(held)}
        for name, held in roles.items()
    ]


@asynccontextmanager
async def started(
    dist: Path,
    database: str,
    *,
    seed: Seed | None = None,
    settings: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    **deployment: Any,
) -> AsyncIterator[Assembled]:
    """Run what was built on a database until the block ends.

    Args:
        database: ``sqlite:///...`` or ``postgresql://...``; its tables are made.
        settings: values by the names of the environment without ``ARCHWRIGHT_SETTING_``.
        secrets: values by the names of the environment without ``ARCHWRIGHT_SECRET_``.
        deployment: further values of the deployment, such as ``background=False``.
    """
    variables = {
        "ARCHWRIGHT_SECRET_SERVICE_KEY": SERVICE_KEY,
        **{f"ARCHWRIGHT_SETTING_{name}": value for name, value in (settings or {}).items()},
        **{f"ARCHWRIGHT_SECRET_{name}": value for name, value in (secrets or {}).items()},
    }
    run = Deployment(database=database, transport="http", log=False, **deployment)
    application = Application(dist, run, variables, migrations=True)
    await application.start()
    try:
        if seed is not None:
            await sow(application.engine, seed)
        yield Assembled(application, dist)
    finally:
        await application.stop()
