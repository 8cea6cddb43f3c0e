"""Runs operations: everything is compiled at start, per set of principals at its first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..caller import Caller
from ..persistence.database import Database
from ..plan import Access, Plan, Select
from ..secrets.source import Secrets
from .call import Call, Outcome, PageRequest, Rows, StoredFile


@dataclass(frozen=True)
class Options:
    """What the deployment decides.

    Attributes:
        remember_tokens: how many accepted tokens are remembered; 0 asks the accounts component each time.
        attempts: how often an operation is run again after meeting another one.
    """

    remember_tokens: int = 10_000
    attempts: int = 5


class Engine:
    """A plan, ready to run.

    Args:
        plan: what to run.
        database: open, migrated.
        settings: values by name, as runtime values.
        secrets: the service's own root key, from which those of cursors and encrypted fields are derived, and what
            components require.
        report: is told of events outside requests: name and fields, never values of rows.
    """

    def __init__(
        self,
        plan: Plan,
        database: Database,
        *,
        settings: Mapping[str, Any],
        secrets: Secrets,
        options: Options = Options(),
        report: Callable[[str, Mapping[str, Any]], None] = lambda event, fields: None,
    ) -> None:
        self.plan = plan
        self.database = database

    async def start(self) -> None:
        """Compile every operation and load every component."""

    async def work(self) -> None:
        """Deliver effects and run jobs until cancelled; safe in any number of processes."""

    async def stop(self) -> None:
        """Let go of what was started."""

    async def run(self, name: str, call: Call) -> Outcome:
        """Run an operation.

        Raises:
            Refusal: the caller gets a failure.
        """
        raise NotImplementedError

    async def read(self, select: Select, call: Call, page: PageRequest | None = None) -> Rows:
        """Rows of a view with the caller's rights, for pages; ``select`` must be one of the plan's own."""
        raise NotImplementedError

    async def may(self, access: tuple[Access, ...], caller: Caller) -> bool:
        """Whether the caller holds one of the roles, and its condition where it has one."""
        raise NotImplementedError

    async def authenticate(self, scheme: str, token: str) -> Caller | None:
        """Who presents a credential: ``scheme`` is ``cookie`` or a lower-case ``Authorization`` scheme."""
        raise NotImplementedError

    @property
    def schemes(self) -> tuple[str, ...]:
        """``Authorization`` schemes that are taken, lower case."""
        raise NotImplementedError

    @property
    def cookie(self) -> str | None:
        """The name of the session cookie."""
        raise NotImplementedError

    async def file(self, operation_file: Mapping[str, Any]) -> StoredFile:
        """The bytes of a file value that the caller was allowed to read."""
        raise NotImplementedError
