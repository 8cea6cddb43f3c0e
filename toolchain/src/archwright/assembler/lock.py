"""What a build leaves for the next one: exact versions, digests, stable ids, and the schema the database has.

Its rules:

* The lock is canonical JSON; unknown members are refused, since a newer one may mean something that matters.
* Ids are given once and kept: a rename moves a name to another id holder, never the other way round.
* ``files`` names every emitted file but the lock itself; the runtime starts only when each digest verifies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..diagnostics import Collector, Diagnostic, Location
from ..registry import digest
from .migration.ddl import STORED_KINDS
from .migration.schema import EMPTY, Schema, Table
from .plan import canonical, to_data
from .records import RecordError, build, decode

FORMAT = 1
FILE = "archwright.lock.json"
_MIGRATION = re.compile(r"[0-9]{4}-[a-z0-9-]{1,60}")
_LARGEST = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class LockedComponent:
    """The exact component that a name stands for."""

    use: str
    version: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class LockedEntity:
    """The stable ids of an entity and of its fields, by the names they have now."""

    id: str
    fields: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    """Many-to-many relations, by their names."""


@dataclass(frozen=True, kw_only=True)
class LockedMigration:
    """A migration that some database may have applied: its bytes never change again."""

    name: str
    postgresql: str
    sqlite: str


@dataclass(frozen=True, kw_only=True)
class LockedRuntime:
    """The runtime that the plan was made for."""

    version: str
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One resolution, exactly."""

    format: int
    archwright: str
    """The version of the tools that wrote it."""
    assembly: str
    version: str
    runtime: LockedRuntime
    documents: dict[str, str] = field(default_factory=dict)
    """Digest of every document that was read, by path."""
    components: dict[str, LockedComponent] = field(default_factory=dict)
    entities: dict[str, LockedEntity] = field(default_factory=dict)
    schema: Schema = EMPTY
    migrations: tuple[LockedMigration, ...] = ()
    files: dict[str, str] = field(default_factory=dict)


def write(lock: Lock) -> bytes:
    """The lock as canonical JSON."""
    return canonical(to_data(lock))


def read(content: bytes, file: str = FILE) -> tuple[Lock | None, tuple[Diagnostic, ...]]:
    """The lock that the bytes hold, or a finding about why they hold none."""
    try:
        data = decode(content, largest=_LARGEST)
        _known_format(data)
        lock = build(Lock, data)
        _consistent(lock)
    except RecordError as error:
        return None, (_finding(file, error),)
    return lock, ()


def altered(lock: Lock, migrations: Mapping[str, bytes], file: str = FILE) -> tuple[Diagnostic, ...]:
    """A finding for each locked migration whose file is missing or has other bytes."""
    collector = Collector()
    for migration in lock.migrations:
        for dialect, expected in (("postgresql", migration.postgresql), ("sqlite", migration.sqlite)):
            path = f"migrations/{migration.name}.{dialect}.sql"
            content = migrations.get(path)
            if content is None or digest.of_bytes(content) != expected:
                state = "is missing" if content is None else "has changed"
                collector.error(
                    "lock/altered-migration",
                    Location(path if content is not None else file),
                    f"`{path}` {state} since it was locked, and databases may have applied it",
                    expected=expected,
                    found=None if content is None else digest.of_bytes(content),
                    hint="restore it from version control",
                )
    return collector.findings()


def _known_format(data: object) -> None:
    found = data.get("format") if isinstance(data, dict) else None
    if isinstance(found, int) and found != FORMAT:
        raise RecordError("/format", f"is {found}; these tools read {FORMAT}")


def _consistent(lock: Lock) -> None:
    """References within the schema lead somewhere: the differ relies on it."""
    ids = {table.id for table in lock.schema.tables}
    if len(ids) != len(lock.schema.tables):
        raise RecordError("/schema/tables", "two tables have the same id")
    for position, table in enumerate(lock.schema.tables):
        problem = _table_problem(table, ids)
        if problem is not None:
            raise RecordError(f"/schema/tables/{position}", problem)
    names = [migration.name for migration in lock.migrations]
    if names != sorted(set(names)) or not all(_MIGRATION.fullmatch(name) for name in names):
        raise RecordError("/migrations", "names are not numbered in order")


def _table_problem(table: Table, ids: set[str]) -> str | None:
    columns = {column.id for column in table.columns}
    used = {column_id for index in table.indexes for column_id in index.columns} | set(table.key)
    targets = {column.references.table for column in table.columns if column.references}
    if len(columns) != len(table.columns) or len({column.name for column in table.columns}) != len(table.columns):
        return "two columns have the same id or name"
    if not used <= columns or not table.key or any(not index.columns for index in table.indexes):
        return "an index or key names a column that is not there"
    if any(column.type.kind not in STORED_KINDS for column in table.columns):
        return "a column has a type that cannot be stored"
    if not targets <= ids:
        return "a column refers to a table that is not there"
    return None


def _finding(file: str, error: RecordError) -> Diagnostic:
    collector = Collector()
    collector.error(
        "lock/unreadable",
        Location(file),
        f"`{error.pointer or '/'}` {error.message}",
        hint="restore the lock from version control; it is written by `archwright build` alone",
    )
    return collector.findings()[0]
