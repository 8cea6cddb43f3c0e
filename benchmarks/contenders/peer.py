"""The services written by hand: both keep the same three tables."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Mapping

import jwt

from ..contender import SECRET, Contender, Start, Workspace, uvicorn
from ..dataset import CREATED_BODY
from ..process import Server
from ..rows import Table, copy_to_postgresql, copy_to_sqlite, delete_created


class Peer(Contender):
    """A service in ``benchmarks/peers``."""

    package: str

    def prepare(self, workspace: Workspace) -> Start:
        """Let the peer make its own tables, then fill them."""
        environment = {"DATABASE_URL": self._driver_url(workspace), "SECRET_KEY": SECRET}
        module = f"benchmarks.peers.{self.package}"
        subprocess.run([sys.executable, "-m", f"{module}.create_tables"], env=_environment(environment), check=True)
        if self.database == "sqlite":
            copy_to_sqlite(workspace.database, _tables(workspace, text=True))
        else:
            asyncio.run(copy_to_postgresql(workspace.database, _tables(workspace, text=False)))
        return Start(uvicorn(f"{module}.main:app", workspace.port), environment)

    def sign_in(self, workspace: Workspace, server: Server) -> str:
        """A token of the first account."""
        del server
        subject = self.ticket_id(workspace.dataset.accounts[0].id)
        return jwt.encode({"sub": subject, "exp": 4_000_000_000}, SECRET, algorithm="HS256")

    def ticket_id(self, number: int) -> str:
        """A UUID."""
        return str(uuid.UUID(int=number))

    def clean(self, workspace: Workspace) -> None:
        """Delete by the body that the scenario writes."""
        delete_created(workspace.database, "ticket", "body", CREATED_BODY)

    def _driver_url(self, workspace: Workspace) -> str:
        return workspace.database


class FastapiOrm(Peer):
    """FastAPI, Pydantic and SQLAlchemy's asynchronous ORM."""

    name = "FastAPI + SQLAlchemy ORM"
    package = "fastapi_orm"

    def __init__(self, database: str) -> None:
        self.database = database

    def _driver_url(self, workspace: Workspace) -> str:
        if self.database == "sqlite":
            return f"sqlite+aiosqlite:///{workspace.database}"
        return workspace.database.replace("postgresql://", "postgresql+asyncpg://")


class DjangoRest(Peer):
    """Django REST framework."""

    name = "Django REST framework"
    database = "postgresql"
    package = "django_rest"


def _tables(workspace: Workspace, *, text: bool) -> tuple[Table, ...]:
    """The data set as rows; SQLAlchemy keeps UUIDs as 32 hexadecimal digits in SQLite, and times without a zone."""
    data = workspace.dataset

    def key(number: int) -> object:
        return uuid.UUID(int=number).hex if text else uuid.UUID(int=number)

    def moment(value: object) -> object:
        return f"{value:%Y-%m-%d %H:%M:%S.%f}" if text else value

    return (
        Table("account", ("id", "name", "email"), [(key(a.id), a.name, a.email) for a in data.accounts]),
        Table(
            "ticket",
            ("id", "subject", "body", "status", "priority", "private", "owner_id", "created_at", "updated_at"),
            [
                (
                    key(t.id),
                    t.subject,
                    t.body,
                    t.status,
                    t.priority,
                    t.private,
                    key(t.owner),
                    *(moment(t.created_at),) * 2,
                )
                for t in data.tickets
            ],
        ),
        Table(
            "comment",
            ("id", "ticket_id", "author_id", "body", "created_at"),
            [(key(c.id), key(c.ticket), key(c.author), c.body, moment(c.created_at)) for c in data.comments],
        ),
    )


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **variables}
