"""The one place that picks a driver."""

from __future__ import annotations

from ..errors import SettingError
from .database import Database


def connect(url: str, *, connections: int = 10) -> Database:
    """The database at an address, not yet open.

    Args:
        url: ``sqlite:///path/to/file`` (or ``sqlite://`` for one in memory) or ``postgresql://...``.
        connections: how many connections to PostgreSQL one process may hold.

    Raises:
        SettingError: the address names no known kind of database.
    """
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        from .drivers.sqlite import SqliteDatabase

        return SqliteDatabase(url)
    if scheme in ("postgresql", "postgres"):
        from .drivers.asyncpg import AsyncpgDatabase

        return AsyncpgDatabase(url, connections=connections)
    raise SettingError("the database address must begin with `sqlite://` or `postgresql://`")
