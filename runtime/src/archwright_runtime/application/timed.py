"""A database whose statements are timed for the metrics."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from types import TracebackType
from typing import Any

from ..persistence.database import Database, Record, Transaction
from ..telemetry.metrics import Histogram


class TimedDatabase(Database):
    """Passes everything on and adds up how long it took, waiting for a turn included."""

    def __init__(self, inner: Database, histogram: Histogram) -> None:
        self.dialect = inner.dialect
        self._inner = inner
        self._fetch = inner.fetch
        self._write = inner.write
        self._histogram = histogram

    async def open(self) -> None:
        await self._inner.open()

    async def close(self) -> None:
        await self._inner.close()

    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        began = perf_counter()
        try:
            return await self._fetch(sql, arguments)
        finally:
            self._histogram.observe(perf_counter() - began)

    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        began = perf_counter()
        try:
            return await self._write(sql, arguments)
        finally:
            self._histogram.observe(perf_counter() - began)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return _TimedBlock(self._inner.transaction(), self._histogram)

    async def script(self, text: str, first: Sequence[tuple[str, Sequence[Any]]] = ()) -> None:
        await self._inner.script(text, first)

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        return self._inner.exclusive()


class _TimedBlock:
    __slots__ = ("_histogram", "_inner")

    def __init__(self, inner: AbstractAsyncContextManager[Transaction], histogram: Histogram) -> None:
        self._inner = inner
        self._histogram = histogram

    async def __aenter__(self) -> Transaction:
        return _TimedTransaction(await self._inner.__aenter__(), self._histogram)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._inner.__aexit__(kind, error, trace)


class _TimedTransaction(Transaction):
    __slots__ = ("_histogram", "_inner")

    def __init__(self, inner: Transaction, histogram: Histogram) -> None:
        self._inner = inner
        self._histogram = histogram

    async def fetch(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        began = perf_counter()
        try:
            return await self._inner.fetch(sql, arguments)
        finally:
            self._histogram.observe(perf_counter() - began)

    async def write(self, sql: str, arguments: Sequence[Any] = ()) -> list[Record]:
        began = perf_counter()
        try:
            return await self._inner.write(sql, arguments)
        finally:
            self._histogram.observe(perf_counter() - began)

    async def begin(self) -> None:
        await self._inner.begin()

    async def commit(self) -> None:
        began = perf_counter()
        try:
            await self._inner.commit()
        finally:
            self._histogram.observe(perf_counter() - began)
