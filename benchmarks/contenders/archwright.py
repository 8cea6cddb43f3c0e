"""The assembled service: built from ``benchmarks/assembly``, started from its ``dist/`` as in production."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import string
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from ..contender import Contender, Start, Workspace
from ..dataset import CREATED_BODY
from ..process import Server, ServerError
from ..rows import Table, copy_to_postgresql, copy_to_sqlite, delete_created

_ROOT = Path(__file__).resolve().parents[2]
CATALOG = _ROOT / "catalog"
PROBE = "/health/ready"
_ASSEMBLY = _ROOT / "benchmarks" / "assembly" / "assembly.yaml"
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PERSON = {"email": "agent@example.test", "name": "Agent", "password": "agent-of-the-benchmark", "roles": ["agent"]}
_USER = "accounts.User"


def build_command(assembly: Path, dist: Path) -> list[str]:
    """The command that writes ``dist``."""
    return [
        *(_program("archwright"), "build", str(assembly)),
        *("--catalog", str(CATALOG), "--output", str(dist), "--home", str(dist.parent)),
    ]


def check_command(assembly: Path) -> list[str]:
    """The command that only checks."""
    return [_program("archwright"), "check", str(assembly), "--catalog", str(CATALOG)]


def serve_command(dist: Path, database: str, port: int) -> list[str]:
    """The command that serves a built folder, as a container would run it."""
    where = ["--database", database, "--host", "127.0.0.1", "--port", str(port)]
    return [_program("archwright-runtime"), "serve", str(dist), *where, "--migrate", "--dev"]


def component_paths() -> str:
    """Where the components' packages are, as PYTHONPATH wants it."""
    return os.pathsep.join(str(path.parent.parent) for path in sorted(CATALOG.glob("*/src/*/__init__.py")))


class Archwright(Contender):
    """The same helpdesk as an assembly, with permissions, audit, request log and telemetry on."""

    name = "archwright"

    def __init__(self, database: str) -> None:
        self.database = database
        self._plan: dict[str, Any] = {}

    def prepare(self, workspace: Workspace) -> Start:
        """Build, let the runtime make the tables and one person, fill in the rest."""
        dist, url = workspace.directory / "dist", self._url(workspace)
        people = workspace.directory / "people.json"
        people.write_text(json.dumps({"people": [_PERSON], "rows": {}}))
        _run(build_command(_ASSEMBLY, dist))
        _run([_program("archwright-runtime"), "seed", str(dist), "--database", url, "--file", str(people), "--dev"])
        self._plan = json.loads((dist / "plan.json").read_text())
        self._fill(workspace)
        environment = {
            "PYTHONPATH": component_paths(),
            "ARCHWRIGHT_METRICS": "public",
            "ARCHWRIGHT_TRACES": str(workspace.directory / "traces.jsonl"),
            "ARCHWRIGHT_CONNECTIONS": "16",
        }
        return Start(serve_command(dist, url, workspace.port), environment, PROBE)

    def sign_in(self, workspace: Workspace, server: Server) -> str:
        """Ask the service for a token, as a program would."""
        address = f"http://127.0.0.1:{server.port}/api/accounts/tokens"
        answer = httpx.post(address, json={"email": _PERSON["email"], "password": _PERSON["password"]}, timeout=30)
        if answer.status_code != 201:
            raise ServerError(f"sign-in was answered with {answer.status_code}: {answer.text[:500]}")
        token: str = answer.json()["token"]
        return token

    def ticket_id(self, number: int) -> str:
        """Twenty-two letters and digits."""
        letters = []
        for _ in range(22):
            number, rest = divmod(number, 62)
            letters.append(_LETTERS[rest])
        return "".join(letters)

    def path(self, path: str) -> str:
        """Lists are ordered as they are asked to be."""
        return f"{path}&sort=-created_at" if path.startswith("/api/tickets?") else path

    def clean(self, workspace: Workspace) -> None:
        """Delete by the body that the scenario writes."""
        ticket = self._plan["entities"]["Ticket"]
        delete_created(workspace.database, ticket["table"], ticket["fields"]["body"]["column"], CREATED_BODY)

    def _url(self, workspace: Workspace) -> str:
        return f"sqlite:///{workspace.database}" if self.database == "sqlite" else workspace.database

    def _fill(self, workspace: Workspace) -> None:
        data, tables = workspace.dataset, []
        pattern = _first_row(workspace.database, self._plan["entities"][_USER]["table"])
        users = [
            {**pattern, **self._columns(_USER, {"id": self.ticket_id(one.id), "name": one.name, "email": one.email})}
            for one in data.accounts
        ]
        tables.append(
            Table(self._plan["entities"][_USER]["table"], tuple(pattern), [tuple(row.values()) for row in users])
        )
        tables.append(self._table("Ticket", (self._ticket(one) for one in data.tickets)))
        tables.append(self._table("Comment", (self._comment(one) for one in data.comments)))
        if self.database == "sqlite":
            copy_to_sqlite(workspace.database, tables)
        else:
            asyncio.run(copy_to_postgresql(workspace.database, tables))

    def _ticket(self, one: Any) -> dict[str, Any]:
        values = {name: getattr(one, name) for name in ("subject", "body", "status", "priority", "private")}
        return {**values, "owner": self.ticket_id(one.owner), **self._generated(one.id, one.created_at)}

    def _comment(self, one: Any) -> dict[str, Any]:
        references = {"ticket": self.ticket_id(one.ticket), "author": self.ticket_id(one.author)}
        return {"body": one.body, **references, **self._generated(one.id, one.created_at)}

    def _generated(self, number: int, created: datetime) -> dict[str, Any]:
        moment: Any = created if self.database == "postgresql" else f"{created:%Y-%m-%dT%H:%M:%S.%f}Z"
        return {"id": self.ticket_id(number), "created_at": moment, "updated_at": moment, "version": 1}

    def _table(self, entity: str, rows: Iterable[Mapping[str, Any]]) -> Table:
        named = [self._columns(entity, row) for row in rows]
        return Table(self._plan["entities"][entity]["table"], tuple(named[0]), [tuple(row.values()) for row in named])

    def _columns(self, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        fields = self._plan["entities"][entity]["fields"]
        return {fields[name]["column"]: value for name, value in values.items()}


def _first_row(database: str, table: str) -> dict[str, Any]:
    if database.startswith("postgresql://"):
        return asyncio.run(_first_row_of_postgresql(database, table))
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute(f'select * from "{table}" limit 1').fetchone())


async def _first_row_of_postgresql(url: str, table: str) -> dict[str, Any]:
    connection = await asyncpg.connect(url)
    row = await connection.fetchrow(f'select * from "{table}" limit 1')
    await connection.close()
    return dict(row)


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _run(command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": component_paths()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise ServerError(f"{Path(command[0]).name} {command[1]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
