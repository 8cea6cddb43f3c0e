"""A host and a context on a database in memory, for the component alone; whole services are tested over HTTP."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.caller import ANONYMOUS, Caller
from archwright_runtime.component import Credentials, Implementation
from archwright_runtime.errors import SettingError
from archwright_std_accounts import create
from catalog.accounts.tests.serving import Club, assemble, running

CHEAP = {"passes": 1, "memory": 8, "lanes": 1}
PASSWORD = "seven quiet herons"

_FIELDS = {
    "User": {"email": str, "name": str, "password": str, "roles": list, "active": bool, "manager": str},
    "Session": {"user": str, "digest": str, "used": datetime, "expires": datetime},
    "ResetToken": {"user": str, "digest": str, "expires": datetime},
    "Attempt": {"key": str, "failures": int, "blocked_until": datetime, "expires": datetime},
    "UsedCode": {"digest": str},
}
_UNIQUE = {"User": "email", "Session": "digest", "ResetToken": "digest", "Attempt": "key", "UsedCode": "digest"}


class MemoryRows:
    """Rows of one entity in SQLite, with equality conditions only."""

    def __init__(self, connection: sqlite3.Connection, entity: str) -> None:
        self._connection = connection
        self._entity = entity
        self._fields = _FIELDS[entity]

    async def find(self, where: Mapping[str, Any], *, limit: int = 1) -> list[dict[str, Any]]:
        names = ["id", *self._fields]
        condition, values = self._condition(where)
        sql = f"select {', '.join(_quote(names))} from {self._entity} where {condition} limit {limit}"
        return [self._row(names, found) for found in self._connection.execute(sql, values)]

    async def create(self, values: Mapping[str, Any]) -> dict[str, Any]:
        self._insert(values, "")
        return (await self.find(values))[0]

    async def ensure(self, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        return self._insert({**key, **values}, f"on conflict ({', '.join(_quote(key))}) do nothing") > 0

    async def update(self, where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
        condition, conditions = self._condition(where)
        assignments = ", ".join(f"{name} = ?" for name in _quote(values))
        sql = f"update {self._entity} set {assignments} where {condition}"
        return self._connection.execute(sql, [*map(_stored, values.values()), *conditions]).rowcount

    async def delete(self, where: Mapping[str, Any]) -> int:
        condition, values = self._condition(where)
        return self._connection.execute(f"delete from {self._entity} where {condition}", values).rowcount

    def _insert(self, values: Mapping[str, Any], conflict: str) -> int:
        places = ", ".join("?" for _ in values)
        sql = f"insert into {self._entity} ({', '.join(_quote(values))}) values ({places}) {conflict}"
        return self._connection.execute(sql, list(map(_stored, values.values()))).rowcount

    def _condition(self, where: Mapping[str, Any]) -> tuple[str, list[Any]]:
        return " and ".join(f"{name} is ?" for name in _quote(where)) or "true", list(map(_stored, where.values()))

    def _row(self, names: list[str], found: tuple[Any, ...]) -> dict[str, Any]:
        return {name: self._value(name, value) for name, value in zip(names, found, strict=True)}

    def _value(self, name: str, value: Any) -> Any:
        kind = self._fields.get(name, str)
        if value is None or kind in (str, int):
            return value
        if kind is datetime:
            return datetime.fromisoformat(value)
        return bool(value) if kind is bool else json.loads(value)


def _quote(names: Any) -> list[str]:
    return [f'"{name}"' for name in names]


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, list) else value


@dataclass
class Service:
    """One service with accounts: its configuration, its clock, its database and what was asked of the host."""

    config: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    source: str = "192.0.2.1"
    caller: Caller = ANONYMOUS
    idempotency_key: str = "key"
    forgotten: list[str] = field(default_factory=list)
    work: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for entity, fields in _FIELDS.items():
            columns = ", ".join(_quote(fields))
            unique = _quote([_UNIQUE[entity]])[0]
            identity = "id text primary key default (lower(hex(randomblob(11))))"
            self.connection.execute(f"create table {entity} ({identity}, {columns}, unique ({unique}))")
        self.config = {"hashing": CHEAP, **self.config}
        self.implementation: Implementation = create(self)

    def rows(self, entity: str) -> MemoryRows:
        return MemoryRows(self.connection, entity)

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise SettingError(f"the secret `{name}` is missing")
        return self.secrets[name]

    async def offload(self, work: Callable[..., Any], *arguments: Any) -> Any:
        self.work.append(work.__name__)
        return work(*arguments)

    def forget(self, session: str) -> None:
        self.forgotten.append(session)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    async def call(self, capability: str, **input: Any) -> dict[str, Any]:
        """Run a capability as the present caller."""
        return await self.implementation.capabilities[capability](self, input)

    async def recognise(self, token: str, scheme: str = "cookie") -> Caller | None:
        """Who holds a token."""
        assert self.implementation.authenticate is not None
        recognised = await self.implementation.authenticate(self, Credentials(scheme, token))
        return recognised.caller if recognised else None

    async def register(
        self, email: str = "ada@example.org", name: str = "Ada", password: str = PASSWORD
    ) -> dict[str, Any]:
        """Create an account."""
        return await self.call("register", email=email, name=name, password=password)

    async def act_as(self, token: str) -> None:
        """Make the holder of a token the caller."""
        caller = await self.recognise(token)
        assert caller is not None
        self.caller = caller


@pytest.fixture
def service() -> Service:
    """A service with the component's defaults and cheap hashes."""
    return Service()


@pytest.fixture
def make_service() -> type[Service]:
    """Makes services with a configuration of their own."""
    return Service


@pytest.fixture(scope="session")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Builds services, each configuration once."""
    built: dict[str, Path] = {}

    def build(**config: Any) -> Path:
        key = json.dumps(config, sort_keys=True)
        if key not in built:
            built[key] = assemble(tmp_path_factory.mktemp("club"), **config)
        return built[key]

    return build


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'club.sqlite'}"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
async def club(assembled: Callable[..., Path], database: str) -> AsyncIterator[Club]:
    """A service with accounts and mail that really runs."""
    async with running(assembled(), database) as service:
        yield service
