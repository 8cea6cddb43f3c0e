"""A plan that runs on a database, and short words for what tests do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archwright_runtime.caller import ANONYMOUS, Caller
from archwright_runtime.errors import Refusal
from archwright_runtime.operations.call import Call, Outcome, PageRequest
from archwright_runtime.operations.engine import Engine
from archwright_runtime.persistence.database import Database
from archwright_runtime.plan import Plan
from archwright_runtime.secrets.source import ROOT, Secret, Secrets
from runtime.tests.databases import prepare

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


class FixedSecrets:
    """Knows the root key and nothing else."""

    def get(self, name: str) -> Secret | None:
        """The root key."""
        return Secret("k" * 40) if name == ROOT else None

    def hint(self, name: str) -> str:
        """Nowhere."""
        return "the test"


@dataclass
class World:
    """One engine on one database."""

    engine: Engine
    database: Database

    async def run(self, name: str, caller: Caller = ANONYMOUS, /, **given: Any) -> Outcome:
        """Run an operation with these inputs."""
        return await self.engine.run(name, Call(caller, given, now=NOW, request_id="r1"))

    async def list(self, name: str, caller: Caller = ANONYMOUS, /, **page: Any) -> Outcome:
        """Run an operation that lists."""
        return await self.engine.run(name, Call(caller, {}, PageRequest(**page), now=NOW))

    async def items(self, name: str, caller: Caller = ANONYMOUS, /, **page: Any) -> Any:
        """The rows of a list."""
        return (await self.list(name, caller, **page)).body["items"]

    async def refused(self, name: str, caller: Caller = ANONYMOUS, /, **given: Any) -> Refusal:
        """The refusal with which an operation ends."""
        try:
            await self.run(name, caller, **given)
        except Refusal as refusal:
            return refusal
        raise AssertionError(f"{name} was not refused")

    async def insert(self, table: str, **values: Any) -> None:
        """A row beside every rule."""
        plain: Mapping[str, Any] = {"created_at": NOW, "updated_at": NOW, "version": 1, **values}
        if self.database.dialect == "sqlite":
            plain = {name: _sqlite(value) for name, value in plain.items()}
        marks = ", ".join(f"{'$' if self.database.dialect == 'postgresql' else '?'}{n + 1}" for n in range(len(plain)))
        columns = ", ".join(f'"{name}"' for name in plain)
        await self.database.write(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(plain.values()))

    async def value(self, sql: str) -> Any:
        """One value from the database."""
        return (await self.database.fetch(sql))[0][0]


def _sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value.isoformat() if hasattr(value, "isoformat") else value


async def start(database: Database, plan: Plan) -> World:
    """Make the tables of a plan and an engine that runs it."""
    await prepare(database, plan)
    engine = Engine(plan, database, settings={}, secrets=Secrets([FixedSecrets()]))
    await engine.start()
    return World(engine, database)


def person(id: str, *roles: str) -> Caller:
    """Somebody who has signed in."""
    return Caller(id=id, roles=frozenset(roles))
