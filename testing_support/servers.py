"""Servers of others in the same process: HTTP that records what it hears, and SMTP that refuses at will."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

import h11


@dataclass
class Heard:
    """One request that came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """Another service.

    Attributes:
        heard: every request, in order.
        answers: makes status, headers and body from a request.
    """

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    answers: Callable[[Heard], tuple[int, dict[str, str], bytes]] = lambda request: (204, {}, b"")

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def peer(
    answers: Callable[[Heard], tuple[int, dict[str, str], bytes]] | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Peer]:
    """An HTTP service on this machine until the block ends."""
    made = Peer() if answers is None else Peer(answers=answers)

    conversations: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        conversations.add(task)
        try:
            await converse(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        head, body = None, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65_536))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode(): value.decode() for name, value in head.headers}
                made.heard.append(Heard(head.method.decode(), head.target.decode(), headers, body))
                status, more, content = made.answers(made.heard[-1])
                given: list[Any] = [*more.items(), ("Content-Length", str(len(content)))]
                writer.write(connection.send(h11.Response(status_code=status, headers=given)) or b"")
                if content:
                    writer.write(connection.send(h11.Data(data=content)) or b"")
                writer.write(connection.send(h11.EndOfMessage()) or b"")
                await writer.drain()
                break
            else:
                break

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
    await asyncio.gather(*conversations, return_exceptions=True)


@dataclass
class Mailbox:
    """A mail server.

    Attributes:
        mails: what was accepted.
        refuses: recipients that it does not know.
    """

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    def to(self, address: str) -> list[Message]:
        """The mails to one person."""
        return [mail for mail in self.mails if mail["To"] == address]


class _Conversation:
    """One SMTP session, as far as our client speaks it (RFC 5321)."""

    def __init__(self, box: Mailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._box, self._reader, self._writer = box, reader, writer

    async def run(self) -> None:
        self._say("220 mail.test")
        while line := (await self._reader.readline()).decode("latin-1").rstrip("\r\n"):
            verb = line[:4].upper()
            if verb == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                self._say("550 nobody here" if address in self._box.refuses else "250 fine")
            elif verb == "DATA":
                await self._data()
            elif verb == "QUIT":
                self._say("221 bye")
                break
            else:
                self._say("250 fine")
        self._writer.close()

    async def _data(self) -> None:
        self._say("354 go on")
        content = b""
        while (line := await self._reader.readline()) != b".\r\n":
            content += line[1:] if line.startswith(b"..") else line
        self._box.mails.append(message_from_bytes(content, policy=default))
        self._say("250 kept")

    def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server on this machine until the block ends."""
    box = Mailbox()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Conversation(box, reader, writer).run()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box
