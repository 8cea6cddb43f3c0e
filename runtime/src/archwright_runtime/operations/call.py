"""What an operation is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

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
    """

    filters: dict[str, Any] = {}
    sort: tuple[str, ...] = ()
    search: str | None = None
    limit: int | None = None
    cursor: str | None = None
    offset: int | None = None
    total: bool = False


FIRST_PAGE = PageRequest()


class Upload(msgspec.Struct, frozen=True):
    """Bytes that came for a file or image input, limits already checked."""

    name: str
    media: str
    content: bytes


class StoredFile(msgspec.Struct, frozen=True):
    """A file to stream."""

    id: str
    name: str
    media: str
    size: int
    content: bytes


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
    """

    caller: Caller = ANONYMOUS
    input: dict[str, Any] = field(default_factory=dict)
    page: PageRequest | None = None
    version: int | None = None
    idempotency_key: str | None = None
    now: datetime = field(default_factory=_now)
    request_id: str = ""
    source: str = ""


class Outcome(msgspec.Struct):
    """What an operation answers; ``body`` consists of what msgspec encodes as JSON in wire form.

    Attributes:
        body: None with ``empty`` set means no body at all.
        version: of the row that was read or written; the ETag.
        settled: the body changes with ``version`` only, so that an unchanged one need not be sent again.
        location: path of the row that was created.
    """

    status: int = 200
    body: Any = None
    empty: bool = False
    headers: dict[str, str] = {}
    cookies: tuple[SetCookie, ...] = ()
    version: int | None = None
    location: str | None = None
    file: StoredFile | None = None
    media: str = "application/json"
    settled: bool = True


class Rows(msgspec.Struct):
    """A page of rows in wire form."""

    items: list[dict[str, Any]]
    next: str | None = None
    total: int | None = None
