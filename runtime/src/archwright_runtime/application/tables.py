"""Migrations without a running service."""

from __future__ import annotations

from ..persistence.migrate import migrate, read_migrations
from ..persistence.opening import connect
from .integrity import Distribution
from .settings import Deployment


async def bring_up_to_date(distribution: Distribution, deployment: Deployment) -> list[str]:
    """Apply pending migrations and return their names.

    Raises:
        DatabaseError: the database cannot be reached or refuses a statement.
        IntegrityError: an applied migration has changed since.
    """
    database = connect(deployment.database, connections=1)
    await database.open()
    try:
        return await migrate(database, read_migrations(distribution.migrations, database.dialect))
    finally:
        await database.close()
