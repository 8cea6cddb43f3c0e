"""A service that takes part: how it is prepared, started and cleaned between rounds.

An implementation for each technology is in ``contenders/``.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .dataset import Dataset
from .process import Server

SECRET = "a secret of the benchmarks, thirty-two bytes or more"


@dataclass(frozen=True)
class Workspace:
    """What a contender is given to work with."""

    directory: Path
    database: str
    dataset: Dataset
    port: int


@dataclass(frozen=True)
class Start:
    """How the server process is started."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    probe: str = "/health"


class Contender(ABC):
    """A service that takes part.

    Attributes:
        name: how tables call it.
        database: ``postgresql``, ``sqlite`` or ``none``.
        scenarios: names of the scenarios that it can answer.
    """

    name: str
    database: str
    scenarios: tuple[str, ...] = ("get", "list", "nested", "create", "update")

    @property
    def label(self) -> str:
        """Name and database."""
        return self.name if self.database == "none" else f"{self.name} ({self.database})"

    @abstractmethod
    def prepare(self, workspace: Workspace) -> Start:
        """Make tables and rows; say how to start the server."""

    def sign_in(self, workspace: Workspace, server: Server) -> str:
        """A bearer token that the running server accepts."""
        del workspace, server
        return "none"

    @abstractmethod
    def ticket_id(self, number: int) -> str:
        """An id of the data set as this contender writes it."""

    def path(self, path: str) -> str:
        """A scenario's path as this contender spells it."""
        return path

    def clean(self, workspace: Workspace) -> None:
        """Remove what the create scenario added, so that every round meets the same rows."""
        del workspace


def uvicorn(application: str, port: int) -> list[str]:
    """One worker on uvloop and httptools, as every contender is run."""
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--loop", "uvloop", "--http", "httptools"]
    return [sys.executable, "-m", "uvicorn", application, *options, "--no-access-log", "--log-level", "warning"]
