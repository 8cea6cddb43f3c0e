"""PostgreSQL through asyncpg, with a checkout of our own.

Its rules:

* A connection is handed out and taken back without a round trip: nothing here ever changes a session's state, so there
  is nothing to reset (no SET, LISTEN or advisory lock on these connections).
* Each statement is prepared once per connection and run right after, since a prepared statement that has not run leaves
  its tables locked against migrations.
* A connection on which something was cut short (a cancelled request, a lost server) is thrown away.
* An instant arrives as text in the form of the wire, as SQLite keeps it.
* A statement that only reads is run again once on a fresh connection when the server went away; one that writes is not,
  since it may have been committed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, TypeAlias

import asyncpg

from ...errors import DatabaseError, Refusal
from ...expression.values import datetime_text
from ..database import (
    ConstraintViolationError,
    ContentionError,
    Database,
    DialectName,
    Record,
    ReferenceViolationError,
    Transaction,
    UniqueViolationError,
)

_QUEUE = 1_000
_PATIENCE = 10.0
_STATEMENTS = 2_000
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MIGRATION_LOCK = 0x61726368
_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError, OSError, EOFError)
_UNSENT = (asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The driver noticed by itself that the connection is gone, before it sent anything."""
_OUTDATED = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
_KEY_COLUMNS = (
    "SELECT c.relname, array_agg(a.attname ORDER BY k.place) FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid "
    "JOIN pg_class c ON c.oid = i.indrelid CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number "
    "WHERE n.relname = $1 AND n.relnamespace = current_schema()::regnamespace GROUP BY c.relname"
)


def _instant(moment: datetime) -> tuple[int]:
    """An instant as the server's own number: microseconds since its epoch."""
    return ((moment - _EPOCH) // _MICROSECOND,)


@lru_cache(4_096)
def _instant_text(stored: tuple[int]) -> str:
    """The number as text in the form of the wire: nearly every instant that is read is only shown, and a ``datetime``
    in between costs several times as much."""
    return datetime_text(_EPOCH + stored[0] * _MICROSECOND)


class LostConnectionError(DatabaseError):
    """The server went away."""


class UnsentError(LostConnectionError):
    """The server went away before the statement was sent, so running it again cannot run it twice."""


class _Connection:
    """One connection and the statements prepared on it."""

    __slots__ = ("raw", "statements")

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.statements: dict[str, Any] = {}

    async def run(self, sql: str, arguments: Sequence[Any]) -> list[Record]:
        statement = self.statements.get(sql)
        try:
            if statement is None:
                statement = await self._prepare(sql)
            rows: list[Record] = await statement.fetch(*arguments)
            return rows
        except _OUTDATED:
            self.statements.clear()
            raise

    async def _prepare(self, sql: str) -> Any:
        if len(self.statements) >= _STATEMENTS:
            self.statements.pop(next(iter(self.statements)))
        statement = self.statements[sql] = await self.raw.prepare(sql)
        return statement


_Waiter: TypeAlias = "asyncio.Future[_Connection | None]"


class AsyncpgDatabase(Database):
    """A PostgreSQL database."""

    dialect: DialectName = "postgresql"

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self._url = url
        self._most = connections
        self._idle: list[_Connection] = []
        self._made = 0
        self._waiters: deque[tuple[_Waiter, float]] = deque()
        self._impatience: asyncio.TimerHandle | None = None
        self._closed = False
        self._keys: dict[str, tuple[str, tuple[str, ...]]] = {}

    async def open(self) -> None:
        self._closed = False
        self.give_back(await self.check_out())

    async def close(self) -> None:
        self._closed = True
        if self._impatience is not None:
            self._impatience.cancel()
        while self._idle:
            await self._idle.pop().raw.close(timeout=5)

    async def _connect(self) -> _Connection:
        try:
            raw = await asyncpg.connect(
                self._url, timeout=10, command_timeout=60, statement_cache_size=0,
                server_settings={"jit": "off", "application_name": "archwright"},
            )  # fmt: skip
            await raw.set_type_codec(
                "timestamptz", schema="pg_catalog", format="tuple", encoder=_instant, decoder=_instant_text
            )
        except (*_LOST, asyncpg.PostgresError, TimeoutError) as error:
            raise LostConnectionError(f"PostgreSQL cannot be reached: {error}") from None
        return _Connection(raw)

    async def check_out(self) -> _Connection:
        """A connection that nobody else uses until ``give_back`` or ``throw_away``."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.raw.is_closed():
                return connection
            self._made -= 1
        if self._made < self._most:
            return await self._make()
        return await self._wait()

    async def _make(self) -> _Connection:
        self._made += 1
        try:
            return await self._connect()
        except BaseException:
            self._made -= 1
            self._wake(None)
            raise

    async def _wait(self) -> _Connection:
        if len(self._waiters) >= _QUEUE:
            raise Refusal("busy", "too much is asked for at once", retry_after=1)
        loop = asyncio.get_running_loop()
        waiter: _Waiter = loop.create_future()
        self._waiters.append((waiter, loop.time() + _PATIENCE))
        if self._impatience is None:
            # One timer for all of them: a timer for each would cost more than a statement.
            self._impatience = loop.call_later(_PATIENCE, self._refuse_impatient)
        try:
            connection = await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                given = waiter.result()
                self.give_back(given) if given is not None else self._wake(None)
            raise
        return connection if connection is not None else await self.check_out()

    def _refuse_impatient(self) -> None:
        """Refuse those who waited too long; they stand at the front."""
        loop = asyncio.get_running_loop()
        now, self._impatience = loop.time(), None
        while self._waiters and (self._waiters[0][1] <= now or self._waiters[0][0].done()):
            waiter, _ = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(Refusal("busy", "the database takes too long", retry_after=1))
        if self._waiters:
            self._impatience = loop.call_later(max(0.01, self._waiters[0][1] - now), self._refuse_impatient)

    def _wake(self, connection: _Connection | None) -> bool:
        while self._waiters:
            waiter, _ = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def give_back(self, connection: _Connection) -> None:
        """The connection may serve somebody else."""
        if connection.raw.is_closed() or self._closed:
            self.throw_away(connection)
        elif not (self._waiters and self._wake(connection)):
            self._idle.append(connection)

    def throw_away(self, connection: _Connection) -> None:
        """The connection is in an unknown state and must not serve anybody."""
        self._made -= 1
        connection.raw.terminate()
        self._wake(None)

    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        try:
            return await self._once(sql, arguments)
        except (LostConnectionError, _OutdatedError):
            return await self._once(sql, arguments)

    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        try:
            return await self._once(sql, arguments)
        except (UnsentError, _OutdatedError):
            return await self._once(sql, arguments)

    async def _once(self, sql: str, arguments: Sequence[Any]) -> list[Record]:
        connection = await self.check_out()
        try:
            rows = await connection.run(sql, arguments)
        except _LOST as error:
            self.throw_away(connection)
            raise await self.translate(error, None) from error
        except asyncpg.PostgresError as error:
            failure = await self.translate(error, connection)
            self.give_back(connection)
            raise failure from error
        except BaseException as error:
            self.throw_away(connection)
            if isinstance(error, Exception):
                raise await self.translate(error, None) from error
            raise
        self.give_back(connection)
        return rows

    def forget_idle(self) -> None:
        """One lost connection usually means that all of them are."""
        while self._idle:
            self.throw_away(self._idle.pop())

    def transaction(self) -> AsyncpgTransaction:
        return AsyncpgTransaction(self)

    async def script(self, text: str, first: Sequence[tuple[str, Sequence[Any]]] = ()) -> None:
        connection = await self.check_out()
        try:
            async with connection.raw.transaction():
                for sql, arguments in first:
                    await connection.raw.execute(sql, *arguments)
                await connection.raw.execute(text)
        except Exception as error:
            raise await self.translate(error, None) from error
        finally:
            self.throw_away(connection)

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        # A connection beyond the pool, which may hold no more than the one that the guarded work needs.
        connection = await self._connect()
        try:
            await connection.raw.execute(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})")
            yield
        finally:
            connection.raw.terminate()

    async def translate(self, error: Exception, connection: _Connection | None) -> Exception:
        """The runtime's own failure for one of the server's."""
        if isinstance(error, asyncpg.UniqueViolationError):
            table, columns = await self._key(str(error.constraint_name or ""), str(error.table_name or ""), connection)
            return UniqueViolationError(table, columns)
        if isinstance(error, asyncpg.ForeignKeyViolationError):
            return ReferenceViolationError(str(error))
        if isinstance(error, (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)):
            return ContentionError(str(error))
        if isinstance(error, _OUTDATED):
            return _OutdatedError(str(error))
        if isinstance(error, (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, ValueError)):
            return ConstraintViolationError(str(error))
        if isinstance(error, _UNSENT):
            self.forget_idle()
            return UnsentError(f"PostgreSQL went away: {error}")
        if isinstance(error, _LOST):
            self.forget_idle()
            return LostConnectionError(f"PostgreSQL went away: {error}")
        return DatabaseError(str(error)) if isinstance(error, (asyncpg.PostgresError, TimeoutError)) else error

    async def _key(self, name: str, table: str, connection: _Connection | None) -> tuple[str, tuple[str, ...]]:
        """The columns of a violated key, asked on a connection outside the failed transaction."""
        known = self._keys.get(name)
        if known is None:
            spare = connection if connection is not None else await self._connect()
            try:
                rows = await spare.raw.fetch(_KEY_COLUMNS, name)
            finally:
                if spare is not connection:
                    spare.raw.terminate()
            known = self._keys[name] = (rows[0][0], tuple(rows[0][1])) if rows else (table, ())
        return known


class _OutdatedError(DatabaseError):
    """A migration changed a table under a prepared statement."""


class AsyncpgTransaction(Transaction, AbstractAsyncContextManager["AsyncpgTransaction"]):
    """A transaction that takes a connection when it first needs one."""

    def __init__(self, database: AsyncpgDatabase) -> None:
        self._database = database
        self._connection: _Connection | None = None

    async def __aenter__(self) -> AsyncpgTransaction:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is None:
            return
        if kind is not None and not issubclass(kind, Exception):
            self._drop()
        else:
            await self._end("COMMIT" if kind is None else "ROLLBACK")

    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        if self._connection is None:
            return await self._database.fetch(sql, arguments)
        rows: list[Record] = await self._run(lambda connection: connection.run(sql, arguments))
        return rows

    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        if self._connection is None:
            await self._begin("BEGIN")
        rows: list[Record] = await self._run(lambda connection: connection.run(sql, arguments))
        return rows

    async def begin(self) -> None:
        if self._connection is None:
            await self._begin("BEGIN ISOLATION LEVEL SERIALIZABLE")

    async def _begin(self, how: str) -> None:
        self._connection = await self._database.check_out()
        try:
            await self._run(lambda connection: connection.raw.execute(how))
        except DatabaseError:
            self._drop()
            # Nothing was sent that could have been committed, so a lost connection is replaced once.
            self._connection = await self._database.check_out()
            await self._run(lambda connection: connection.raw.execute(how))

    async def commit(self) -> None:
        if self._connection is not None:
            await self._end("COMMIT")

    async def _run(self, work: Callable[[_Connection], Awaitable[Any]]) -> Any:
        connection = self._connection
        if connection is None:
            raise DatabaseError("the connection of this transaction was lost")
        try:
            return await work(connection)
        except asyncpg.PostgresError as error:
            if isinstance(error, _LOST):
                self._drop()
            raise await self._database.translate(error, None) from error
        except BaseException as error:
            self._drop()
            if isinstance(error, Exception):
                raise await self._database.translate(error, None) from error
            raise

    async def _end(self, how: str) -> None:
        connection = self._connection
        try:
            await self._run(lambda held: held.raw.execute(how))
        except BaseException:
            self._drop()
            raise
        self._connection = None
        if connection is not None:
            self._database.give_back(connection)

    def _drop(self) -> None:
        if self._connection is not None:
            self._database.throw_away(self._connection)
            self._connection = None
