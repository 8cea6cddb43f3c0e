"""SQLite through the standard library, on the event loop.

Its rules:

* Reading takes microseconds, less than a thread would cost, so it happens on the loop with a budget of work: a
  statement that exceeds it is interrupted, run again in a thread, and stays there for a while.
  What decides is the work done rather than the query plan, since a scan of a small table is cheap and a search by an
  index need not be.
* One writer at a time behind a bounded queue: who waits too long or finds the queue full is refused as ``busy``.
* Other processes may write too: a locked database is waited for without blocking the loop.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from threading import local
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import unquote

from ...errors import DatabaseError, Refusal, SettingError
from ...expression import register_functions
from ..database import (
    ConstraintViolationError,
    Database,
    DialectName,
    Record,
    ReferenceViolationError,
    Transaction,
    UniqueViolationError,
)
from ..words import kept

_T = TypeVar("_T")
_QUEUE = 1_000
_PATIENCE = 10.0
_STEPS_PER_TICK = 10_000
_TICKS = 12
_THREADS = 2
_THREAD_QUEUE = 100
_STAYS_IN_THREAD = 500
_UNIQUE = re.compile(r"UNIQUE constraint failed: (.+)")


class SqliteDatabase(Database):
    """One database file of this machine."""

    dialect: DialectName = "sqlite"

    def __init__(self, url: str) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._path = self._resolve(url)
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._ticks = 0
        self._heavy: dict[str, int] = {}
        self._in_threads = 0
        self._threads: ThreadPoolExecutor | None = None
        self._thread_connections: list[sqlite3.Connection] = []
        self._of_thread = local()

    def _resolve(self, url: str) -> str:
        name = unquote(url.removeprefix("sqlite://").partition("?")[0])
        if name in ("", "/", "/:memory:"):
            # Readers and the writer have connections of their own, which a database in memory cannot serve alike.
            self._temporary = tempfile.TemporaryDirectory(prefix="archwright-")
            return str(Path(self._temporary.name) / "database.sqlite")
        if not name.startswith("/"):
            raise SettingError("a SQLite address has the form `sqlite:///relative/path` or `sqlite:////absolute/path`")
        return name[1:]

    async def open(self) -> None:
        try:
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode = WAL").fetchall()
            self._reader = self._connect()
        except sqlite3.Error as error:
            raise DatabaseError(f"the SQLite database cannot be opened: {error}") from None
        self._reader.set_progress_handler(self._tick, _STEPS_PER_TICK)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite")

    async def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=True)
        for connection in (*self._thread_connections, self._reader, self._writer):
            if connection is not None:
                connection.close()
        self._thread_connections.clear()
        self._reader = self._writer = self._threads = None
        if self._temporary is not None:
            self._temporary.cleanup()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=0.05, isolation_level=None, check_same_thread=False, cached_statements=1024
        )
        # The schema is trusted because its triggers keep words in virtual tables, which SQLite otherwise refuses.
        connection.executescript(
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = ON;"
            "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;"
        )
        register_functions(connection)
        connection.create_function("archwright_lower", 1, _lower, deterministic=True)
        connection.create_function("archwright_words", 1, kept, deterministic=True)
        return connection

    def in_thread(self, sql: str) -> bool:
        """Whether a statement turned out to do too much work for the loop."""
        return sql in self._heavy

    def _tick(self) -> int:
        self._ticks += 1
        return self._ticks > _TICKS

    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        if self._heavy and sql in self._heavy:
            return await self._fetch_in_thread(sql, arguments)
        self._ticks = 0
        try:
            return _opened(self._reader).execute(sql, arguments).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                self._heavy[sql] = _STAYS_IN_THREAD
                return await self._fetch_in_thread(sql, arguments)
            if _locked(error):
                return await self._patiently(lambda: _opened(self._reader).execute(sql, arguments).fetchall())
            raise _translate(error) from error
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise _translate(error) from error

    async def _fetch_in_thread(self, sql: str, arguments: Sequence[Any]) -> list[Record]:
        left = self._heavy.get(sql, 1) - 1
        if left > 0:
            self._heavy[sql] = left
        else:
            self._heavy.pop(sql, None)
        if self._in_threads >= _THREAD_QUEUE:
            raise Refusal("busy", "too much is asked for at once", retry_after=1)
        self._in_threads += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._fetch_here, sql, tuple(arguments))
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise _translate(error) from error
        finally:
            self._in_threads -= 1

    def _fetch_here(self, sql: str, arguments: tuple[Any, ...]) -> list[Record]:
        connection: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA busy_timeout = 5000")
            self._of_thread.connection = connection
            self._thread_connections.append(connection)
        return connection.execute(sql, arguments).fetchall()

    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        await self.take_turn()
        try:
            return await self.on_writer(sql, arguments)
        finally:
            self.give_turn()

    def transaction(self) -> SqliteTransaction:
        return SqliteTransaction(self)

    async def script(self, text: str, first: Sequence[tuple[str, Sequence[Any]]] = ()) -> None:
        await self.take_turn()
        try:
            await self._patiently(lambda: self._run_script(text, first))
        finally:
            self.give_turn()

    def _run_script(self, text: str, first: Sequence[tuple[str, Sequence[Any]]]) -> None:
        connection = self._connect()
        try:
            # Rebuilding a table drops one that others refer to: references are checked as a whole before the commit.
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("BEGIN IMMEDIATE")
            for sql, arguments in first:
                connection.execute(sql, arguments)
            for statement in _statements(text):
                connection.execute(statement)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise ReferenceViolationError("the migration would leave references to rows that do not exist")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if _locked(error):
                raise
            raise _translate(error) from error
        finally:
            connection.close()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        # A migration begins immediately and checks what is applied within its transaction: that is the lock.
        yield

    async def take_turn(self) -> None:
        """Wait to be the one who writes; whoever took the turn calls ``give_turn``."""
        if not self._turn.locked():
            await self._turn.acquire()
            return
        if self._waiting >= _QUEUE:
            raise Refusal("busy", "too many writes are waiting", retry_after=1)
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._turn.acquire()
        except TimeoutError:
            raise Refusal("busy", "other writes take too long", retry_after=1) from None
        finally:
            self._waiting -= 1

    def give_turn(self) -> None:
        """Let the next one write."""
        self._turn.release()

    async def on_writer(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        """Run a statement on the connection that writes; the caller has the turn."""
        try:
            return _opened(self._writer).execute(sql, arguments).fetchall()
        except sqlite3.OperationalError as error:
            if _locked(error):
                return await self._patiently(lambda: _opened(self._writer).execute(sql, arguments).fetchall())
            raise _translate(error) from error
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise _translate(error) from error

    def abandon(self) -> None:
        """Leave no transaction open on the connection that writes."""
        writer = _opened(self._writer)
        if writer.in_transaction:
            writer.rollback()

    async def _patiently(self, work: Callable[[], _T]) -> _T:
        """Try again, without blocking the loop, while another process holds the database."""
        pause, left = 0.001, _PATIENCE
        while left > 0:
            await asyncio.sleep(pause)
            left -= pause
            pause = min(pause * 1.5, 0.05)
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not _locked(error):
                    raise _translate(error) from error
            except (sqlite3.Error, OverflowError, UnicodeError) as error:
                raise _translate(error) from error
        raise Refusal("busy", "another process holds the database", retry_after=1)


class SqliteTransaction(Transaction, AbstractAsyncContextManager["SqliteTransaction"]):
    """A transaction that takes the turn to write when it first needs it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database
        self._begun = False

    async def __aenter__(self) -> SqliteTransaction:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun:
            await self._end("COMMIT" if kind is None else "ROLLBACK")

    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        if self._begun:
            return await self._database.on_writer(sql, arguments)
        return await self._database.fetch(sql, arguments)

    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        if not self._begun:
            await self.begin()
        return await self._database.on_writer(sql, arguments)

    async def begin(self) -> None:
        if self._begun:
            return
        await self._database.take_turn()
        try:
            await self._database.on_writer("BEGIN IMMEDIATE")
        except BaseException:
            self._database.give_turn()
            raise
        self._begun = True

    async def commit(self) -> None:
        if self._begun:
            await self._end("COMMIT")

    async def _end(self, how: str) -> None:
        self._begun = False
        try:
            await self._database.on_writer(how)
        except BaseException:
            self._database.abandon()
            raise
        finally:
            self._database.give_turn()


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _opened(connection: sqlite3.Connection | None) -> sqlite3.Connection:
    if connection is None:
        raise DatabaseError("the database is not open")
    return connection


def _locked(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _statements(text: str) -> list[str]:
    """The statements of a script, split where SQLite itself sees their ends."""
    found, rest = [], ""
    for part in re.split(r"(?<=;)", text):
        rest += part
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return [*found, rest] if rest.strip() else found


def _translate(error: Exception) -> DatabaseError:
    text = str(error)
    unique = _UNIQUE.search(text)
    if unique is not None:
        places = [place.partition(".") for place in unique.group(1).split(", ")]
        return UniqueViolationError(places[0][0], tuple(column for _, _, column in places))
    if "FOREIGN KEY constraint failed" in text:
        return ReferenceViolationError(text)
    if isinstance(error, (sqlite3.IntegrityError, OverflowError, UnicodeError)):
        return ConstraintViolationError(text)
    return DatabaseError(text)
