"""Uvicorn's HTTP/1.1 protocol within bounds: what it would read without end, is read up to a limit here.

Whole answers go out in one piece: uvicorn looks at every header of every answer with two regular expressions, which
costs as much as all of our own work; here the headers that are always the same are joined at start, and the others are
checked together by counting their line ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .limits import Limits
from .response import Header

CYCLE = "archwright.cycle"
"""Where the scope of a request holds what ``answer`` needs; absent on any other server."""

_HEAD_SECONDS = 15.0
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: 88\r\nconnection: close\r\n\r\n"
    b'{"type":"/problems/headers-too-large","title":"Headers too large","status":431}         '
)


def bounded_protocol(limits: Limits) -> type[asyncio.Protocol]:
    """The protocol class for some limits."""
    return type("BoundedProtocol", (_BoundedProtocol,), {"head_bytes": limits.url + limits.header_bytes})


def join_headers(headers: Sequence[Header]) -> bytes:
    """Headers as they go over the wire.

    Raises:
        ValueError: one of them holds a line end.
    """
    block = b"".join([part for name, value in headers for part in (name, b": ", value, b"\r\n")])
    count = len(headers)
    if block.count(b"\n") != count or block.count(b"\r") != count or b"\x00" in block:
        raise ValueError("a header holds a line end")
    return block


async def answer(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> None:
    """Send a whole answer whose head, with its ``Content-Length``, is joined already."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected or cycle.response_started:
        return
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    date = join_headers(cycle.default_headers)
    if not cycle.keep_alive:
        head += b"connection: close\r\n"
    cycle.transport.write(b"".join((STATUS_LINE[status], date, head, b"\r\n", body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


class _BoundedProtocol(HttpToolsProtocol):
    head_bytes: ClassVar[int] = 40_960

    _in_head = False
    _taken = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection; one that never says anything is closed as an idle one is."""
        super().connection_made(transport)  # type: ignore[arg-type]  # uvicorn narrows the type
        self.timeout_keep_alive_task = self.loop.call_later(_HEAD_SECONDS, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that grows too large or never ends closes the connection."""
        self._taken += len(data)
        super().data_received(data)
        if not self._in_head:
            self._taken = 0
        elif self._taken > self.head_bytes:
            self._refuse()
        elif self._late is None:
            self._late = self.loop.call_later(_HEAD_SECONDS, self._refuse)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """A request's head is complete."""
        self._in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if self._taken > self.head_bytes and self._head_size() > self.head_bytes:
            raise ValueError("the head is too large")
        super().on_headers_complete()
        self.scope[CYCLE] = self.cycle  # type: ignore[literal-required]  # a key of our own

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._late is not None:
            self._late.cancel()
            self._late = None
        super().connection_lost(exc)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()
