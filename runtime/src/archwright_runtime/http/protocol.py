"""Uvicorn's HTTP/1.1 protocol within bounds: what it would read without end, is read up to a limit here."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .limits import Limits

_HEAD_SECONDS = 15.0
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-length: 88\r\nconnection: close\r\n\r\n"
    b'{"type":"/problems/headers-too-large","title":"Headers too large","status":431}         '
)


def bounded_protocol(limits: Limits) -> type[asyncio.Protocol]:
    """The protocol class for some limits."""
    return type("BoundedProtocol", (_BoundedProtocol,), {"head_bytes": limits.url + limits.header_bytes})


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
