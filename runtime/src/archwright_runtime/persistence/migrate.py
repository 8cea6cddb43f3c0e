"""Applies migrations in the order of their names, each once.

Its rules:

* Each migration runs in one transaction together with the row that records it, so it is applied whole or not at all.
* Several processes may try at once: one applies, the others find it applied.
* An applied migration whose bytes changed since is refused, since nobody can tell what the tables look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ..errors import DatabaseError, IntegrityError, StartError
from .database import Database, DialectName, UniqueViolationError
from .forms import time_argument
from .system import tables

_SYSTEM = "0000-system"


@dataclass(frozen=True)
class Migration:
    """Statements under a name that decides their place."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """What tells two texts apart."""
        return "sha256:" + sha256(self.text.encode()).hexdigest()


def read_migrations(directory: Path, dialect: DialectName) -> list[Migration]:
    """The migrations of a directory for one kind of database, in order."""
    suffix = f".{dialect}.sql"
    files = sorted(directory.glob(f"*{suffix}"))
    return [Migration(file.name.removesuffix(suffix), file.read_text("utf-8")) for file in files]


async def migrate(database: Database, migrations: Sequence[Migration]) -> list[str]:
    """Bring the tables up to date and return the names of what was applied now.

    Raises:
        IntegrityError: an applied migration has changed since.
        DatabaseError: a statement was refused; its migration left nothing behind.
    """
    done: list[str] = []
    async with database.exclusive():
        applied = await _applied(database)
        for migration in (Migration(_SYSTEM, tables(database.dialect)), *migrations):
            recorded = applied.get(migration.name)
            if recorded is None:
                done += await _apply(database, migration)
            elif recorded != migration.digest:
                raise IntegrityError(f"the migration `{migration.name}` has changed since it was applied")
    return done


async def pending(database: Database, migrations: Sequence[Migration]) -> list[str]:
    """Names of migrations that are not applied yet."""
    applied = await _applied(database)
    return [migration.name for migration in migrations if migration.name not in applied]


async def require_current(database: Database, migrations: Sequence[Migration]) -> None:
    """Refuse to start on tables that are behind.

    Raises:
        StartError: names the migrations to apply first.
    """
    missing = await pending(database, migrations)
    if missing:
        raise StartError(f"the database lacks {', '.join(missing)}: run `archwright-runtime migrate` first")


async def _applied(database: Database) -> dict[str, str]:
    try:
        rows = await database.fetch("SELECT name, digest FROM archwright_migration")
    except DatabaseError:
        if await _exists(database):
            raise
        return {}
    return {row[0]: row[1] for row in rows}


async def _exists(database: Database) -> bool:
    if database.dialect == "postgresql":
        return bool((await database.fetch("SELECT to_regclass('archwright_migration') IS NOT NULL"))[0][0])
    return bool(await database.fetch("SELECT 1 FROM sqlite_master WHERE name = 'archwright_migration'"))


async def _apply(database: Database, migration: Migration) -> list[str]:
    now = time_argument(database.dialect, datetime.now(UTC))
    mark = "?1, ?2, ?3" if database.dialect == "sqlite" else "$1, $2, $3"
    record = (
        f"INSERT INTO archwright_migration (name, digest, applied_at) VALUES ({mark})",
        (migration.name, migration.digest, now),
    )
    try:
        if migration.name == _SYSTEM:
            await database.script(migration.text)
            await database.write(*record)
        else:
            await database.script(migration.text, [record])
    except UniqueViolationError:
        return []
    return [migration.name]
