"""What an operation is given and what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO

import msgspec

from ..caller import ANONYMOUS, Caller


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list is wanted; every value already has the type that the plan states.

    Attributes:
        filters: by the filter's name (``ends.gte``); ``in`` holds a list.
        sort: names of sorts, ``-name`` turned around; empty: the plan's own order.
        search: text to look for (``q``).
        limit: rows wanted; bounded by the plan.
        cursor: where the page before ended.
        offset: rows to skip; not together with ``cursor``.
        total: whether to count all rows.
        follow: whether to say where the next page begins.
    """

    filters: dict[str, Any] = {}
    sort: tuple[str, ...] = ()
    search: str | None = None
    limit: int | None = None
    cursor: str | None = None
    offset: int | None = None
    total: bool = False
    follow: bool = True


FIRST_PAGE = PageRequest()


Pieces = Callable[[int, int], AsyncIterator[bytes]]
"""Reads the bytes from a start to an end, piece by piece."""
HEAD = 4_096
"""First bytes that are looked at to say what a file is."""


class Upload(msgspec.Struct, frozen=True):
    """Bytes that came for a file or image input, limits already checked.

    Attributes:
        content: the bytes, or a file that is open for reading until the call is over.
    """

    name: str
    media: str
    content: bytes | BinaryIO

    @property
    def size(self) -> int:
        """How many bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.seek(0, SEEK_END)

    @property
    def head(self) -> bytes:
        """The first bytes, which say what it is."""
        if isinstance(self.content, bytes):
            return self.content[:HEAD]
        self.content.seek(0)
        return self.content.read(HEAD)

    def blocks(self, length: int) -> Iterator[bytes]:
        """All bytes, no more than ``length`` at a time."""
        file = BytesIO(self.content) if isinstance(self.content, bytes) else self.content
        place = 0
        while True:
            # Whoever takes a block may look at the size in between.
            file.seek(place)
            block = file.read(length)
            if not block:
                return
            yield block
            place += len(block)

    async def pieces(self, length: int) -> AsyncIterator[bytes]:
        """The same for those who wait in between."""
        for block in self.blocks(length):
            yield block


class StoredFile(msgspec.Struct, frozen=True):
    """A file to stream.

    Attributes:
        pieces: reads the bytes from a start to an end; what an answer on record does not hold.
    """

    id: str
    name: str
    media: str
    size: int
    pieces: Any = None


class SetCookie(msgspec.Struct, frozen=True):
    """A cookie to set; ``value`` None clears it."""

    name: str
    value: str | None
    max_age: int | None = None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Call:
    """One request to run an operation.

    Attributes:
        caller: who asks.
        input: only what came, by input name, as runtime values (see the table of types); a value that came as null
            is there as None.
        page: for operations that list.
        version: from ``If-Match``; None when not given.
        idempotency_key: from ``Idempotency-Key``.
        now: the one instant of this request.
        request_id: for the audit.
        source: the address the request came from, as far as the transport trusts it.
        signed: the idempotency key stands for the whole request, since both were signed.
        staged: uploads that a store outside has already.
    """

    caller: Caller = ANONYMOUS
    input: dict[str, Any] = field(default_factory=dict)
    page: PageRequest | None = None
    version: int | None = None
    idempotency_key: str | None = None
    now: datetime = field(default_factory=_now)
    request_id: str = ""
    source: str = ""
    signed: bool = False
    staged: dict[str, str] = field(default_factory=dict)


class Outcome(msgspec.Struct):
    """What an operation answers; ``body`` consists of what msgspec encodes as JSON in wire form.

    Attributes:
        body: None with ``empty`` set means no body at all.
        version: of the row that was read or written; the ETag.
        settled: the body changes with ``version`` only, so that an unchanged one need not be sent again.
        location: path of the row that was created.
        filename: the name under which a browser stores the body, or another one than the file's own.
    """

    status: int = 200
    body: Any = None
    empty: bool = False
    headers: dict[str, str] = {}
    cookies: tuple[SetCookie, ...] = ()
    version: int | None = None
    location: str | None = None
    file: StoredFile | None = None
    filename: str | None = None
    media: str = "application/json"
    settled: bool = True


class Rows(msgspec.Struct):
    """A page of rows in wire form."""

    items: list[dict[str, Any]]
    next: str | None = None
    total: int | None = None
