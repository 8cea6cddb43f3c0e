"""A built service in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from ..application.application import Application
from ..application.settings import Deployment


@asynccontextmanager
async def running(
    dist: Path, database: str = "sqlite://", variables: Mapping[str, str] | None = None
) -> AsyncIterator[Application]:
    """Start a built service on an empty database of its own, and stop it afterwards.

    Example::

        async with running(Path("dist")) as application:
            answer = await Client(application).get("/api/tickets")

    Args:
        variables: settings and secrets as the environment would give them; missing secrets are made up.
    """
    deployment = Deployment(database=database, transport="http", development=True, log=False)
    application = Application(dist, deployment, variables or {}, migrations=True)
    await application.start()
    try:
        yield application
    finally:
        await application.stop()
