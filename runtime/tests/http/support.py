"""An edge over a small runner, reached through raw ASGI or through uvicorn on a socket."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from archwright_runtime.application.server import bind
from archwright_runtime.caller import Caller
from archwright_runtime.http.cors import Cors
from archwright_runtime.http.csrf import Origins
from archwright_runtime.http.edge import Edge
from archwright_runtime.http.endpoints import OperationHandler, operation_endpoint
from archwright_runtime.http.limits import Limits
from archwright_runtime.http.problem import Failures
from archwright_runtime.http.protocol import bounded_protocol
from archwright_runtime.http.router import Router
from archwright_runtime.http.security import Security
from archwright_runtime.http.source import direct
from archwright_runtime.operations.call import Call, Outcome, Pieces
from archwright_runtime.plan import Access, Errors, Input, Operation, Trigger, Type
from archwright_runtime.telemetry.log import Log, Writer
from archwright_runtime.telemetry.telemetry import Telemetry

CALLER = Caller(id="A" * 22, roles=frozenset({"employee"}), session="one")
TOKEN = "t0ken"
Answer = Callable[[Call], Outcome]
Application = Callable[[Any, Any, Any], Awaitable[None]]


class EchoRunner:
    """Runs operations by the functions it was given, else answers what it was given as JSON."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = answers or {}
        self.calls: list[Call] = []

    async def run(self, name: str, call: Call) -> Outcome:
        self.calls.append(call)
        answer = self.answers.get(name)
        if answer is not None:
            return answer(call)
        return Outcome(body={"input": {key: str(value) for key, value in call.input.items()}})

    async def may(self, access: tuple[Access, ...], caller: Caller) -> bool:
        roles = {one.role for one in access}
        return not roles or bool(roles & caller.principals)


def pieces_of(content: bytes) -> Pieces:
    """Bytes as a store gives them."""

    async def read(start: int, end: int) -> AsyncIterator[bytes]:
        for place in range(start, end, 65_536):
            yield content[place : min(end, place + 65_536)]

    return read


@dataclass
class Lines:
    """Collects what would be written to the log."""

    raw: list[bytes] = field(default_factory=list)

    def write(self, descriptor: int, data: bytes) -> int:
        self.raw.append(data)
        return len(data)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in b"".join(self.raw).splitlines()]


async def authenticate(scheme: str, token: str) -> Caller | None:
    if token != TOKEN:
        return None
    return Caller(CALLER.id, CALLER.roles, CALLER.session, "cookie" if scheme == "cookie" else "bearer")


@dataclass
class Service:
    """An edge with everything around it."""

    edge: Edge
    runner: EchoRunner
    lines: Lines
    telemetry: Telemetry


def service(
    operations: dict[str, Operation],
    answers: dict[str, Answer] | None = None,
    *,
    limits: Limits | None = None,
    transport: str = "http",
    shape: str = "problem",
    cors: tuple[str, ...] = (),
    runner: EchoRunner | None = None,
) -> Service:
    """A service with these operations."""
    lines = Lines()
    telemetry = Telemetry(Log(Writer(write=lines.write)), caller_key=b"k" * 32)
    security = Security("https" if transport == "https" else "http")
    failures = Failures(Errors(shape=shape))
    runner = runner or EchoRunner(answers)
    router = Router()
    for name, operation in operations.items():
        handler = OperationHandler(name, operation, runner, failures, security, direct)
        assert operation.trigger.method is not None
        assert operation.trigger.path is not None
        router.add(operation.trigger.method, operation.trigger.path, operation_endpoint(name, operation, handler))
    edge = Edge(
        router,
        telemetry,
        failures,
        Origins(transport, None, frozenset(cors)),
        security,
        limits or Limits(),
        authenticate,
        frozenset({"bearer"}),
        security.cookie_name("session"),
        Cors(cors) if cors else None,
    )
    return Service(edge, runner, lines, telemetry)


def operation(method: str, path: str, *inputs: Input, **more: Any) -> Operation:
    """An operation with an http trigger."""
    return Operation(trigger=Trigger(kind="http", method=method, path=path), input=inputs, **more)


def value(name: str, kind: str = "text", source: str = "body", **more: Any) -> Input:
    """An input; what is not said about the input is said about its type."""
    of_input = {key: more.pop(key) for key in ("required", "nullable", "wire") if key in more}
    return Input(name=name, type=Type(kind=kind, **more), source=source, **of_input)  # type: ignore[arg-type]


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw_headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [(one["pointer"], one["code"]) for one in self.json().get("errors", [])]


async def ask(
    edge: Application,
    method: str,
    target: str,
    body: bytes = b"",
    headers: dict[str, str] | list[tuple[bytes, bytes]] | None = None,
    *,
    chunks: list[bytes] | None = None,
) -> Reply:
    """One request through raw ASGI."""
    raw_path, _, query = target.encode("latin-1").partition(b"?")
    given = headers if isinstance(headers, dict) else {}
    pairs = [(name.lower().encode(), text.encode("latin-1")) for name, text in given.items()]
    if isinstance(headers, list):
        pairs = headers
    scope = {
        "type": "http",
        "method": method,
        "raw_path": raw_path,
        "path": raw_path.decode("latin-1"),
        "query_string": query,
        "headers": [(b"host", b"service.test"), *pairs],
        "client": ("192.0.2.1", 5),
        "http_version": "1.1",
    }
    parts = list(chunks) if chunks is not None else [body]
    sent: list[Any] = []

    async def receive() -> Any:
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    await edge(scope, receive, send)
    if not sent:
        return Reply(0, {}, b"")
    start = sent[0]
    content = b"".join(message.get("body", b"") for message in sent[1:])
    shown = {name.decode(): text.decode("latin-1") for name, text in start["headers"]}
    return Reply(start["status"], shown, content, list(start["headers"]))


@contextmanager
def listening(edge: Edge) -> Iterator[int]:
    """The edge behind a real uvicorn on a socket; yields its port."""
    listener = bind("127.0.0.1", 0)
    config = uvicorn.Config(
        edge,
        http=bounded_protocol(edge.limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        loop="uvloop",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    ready = threading.Event()

    async def run() -> None:
        edge.deadlines.start()
        ready.set()
        await server.serve(sockets=[listener])
        await edge.deadlines.stop()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    ready.wait()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def exchange(port: int, data: bytes, *, pieces: int = 0) -> bytes:
    """Send raw bytes and return everything that comes back until the connection closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        step = pieces or max(1, len(data))
        try:
            for start in range(0, len(data), step):
                connection.sendall(data[start : start + step])
        except (BrokenPipeError, ConnectionResetError):
            pass
        return _receive(connection)


def _receive(connection: socket.socket) -> bytes:
    connection.settimeout(0.3)
    received = b""
    try:
        while piece := connection.recv(65_536):
            received += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return received


def random_bytes(count: int) -> bytes:
    """Bytes that mean nothing."""
    return os.urandom(count)
