"""The interface between compiled statements and a database driver.

Its rules:

* Statements are made when a service starts or when a shape is first asked for, never from what a caller sends.
* Parameters are positional; a driver is given them already in the form that its dialect stores.
* ``fetch`` outside a transaction is one statement that commits by itself.
* A transaction begins at the first statement that needs it, so one that never writes costs nothing.
* A full queue refuses as ``busy``; an unreachable database raises ``DatabaseError``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

from ..errors import DatabaseError

DialectName = Literal["postgresql", "sqlite"]
Record = Sequence[Any]
"""One row, by position."""


class UniqueViolationError(DatabaseError):
    """Another row holds the same values.

    Attributes:
        table: where.
        columns: the columns of the violated key.
    """

    def __init__(self, table: str, columns: tuple[str, ...]) -> None:
        super().__init__(f"another row of {table} has the same {', '.join(columns)}")
        self.table = table
        self.columns = columns


class ReferenceViolationError(DatabaseError):
    """A row points to one that does not exist, or one that is pointed to would go."""


class ConstraintViolationError(DatabaseError):
    """A value that the table refuses; the plan's own checks should have refused it before."""


class ContentionError(DatabaseError):
    """Two transactions met and this one lost; running it again may succeed."""


class Transaction(ABC):
    """Statements that commit together; made by ``Database.transaction``."""

    @abstractmethod
    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        """Run a statement that only reads; it sees what this transaction wrote."""

    @abstractmethod
    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        """Run a statement that writes, beginning the transaction, and return what it returns."""

    @abstractmethod
    async def begin(self) -> None:
        """Begin now, so that what is read next still holds when it commits; whoever meets another one loses.

        A transaction that begins with a write needs no such care: its guards stand in the statements.
        """

    @abstractmethod
    async def commit(self) -> None:
        """Make what was written permanent before the block ends; later statements begin anew."""


class Database(ABC):
    """A database that is open."""

    dialect: DialectName

    @abstractmethod
    async def open(self) -> None:
        """Connect.

        Raises:
            DatabaseError: it cannot be reached.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection."""

    @abstractmethod
    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        """Run one statement that only reads."""

    @abstractmethod
    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        """Run one statement that writes and commits by itself."""

    @abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Statements that commit together at the end of the block, or not at all when it raises."""

    @abstractmethod
    async def script(self, text: str, first: Sequence[tuple[str, Sequence[Any]]] = ()) -> None:
        """Run the statements ``first``, then those of a migration, in one transaction of its own."""

    @abstractmethod
    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Hold the lock under which only one process migrates."""
