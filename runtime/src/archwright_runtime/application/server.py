"""Serves an application on a socket until it is told to stop, then stops in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Iterator

import uvicorn

from ..errors import StartError
from ..http.csrf import Origins
from ..http.edge import Edge
from ..http.health import add_metrics
from ..http.problem import Failures
from ..http.protocol import bounded_protocol
from ..http.router import Router
from ..telemetry.telemetry import Telemetry
from .application import Application
from .settings import Deployment

_BACKLOG = 2_048
_KEEP_ALIVE_SECONDS = 75


def serve(application: Application) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        StartError: the service must not start, or its port is taken.
    """
    uvicorn_loop = asyncio.Runner(loop_factory=_new_loop)
    with uvicorn_loop as runner:
        runner.run(_serve(application))


async def _serve(application: Application) -> None:
    deployment = application.deployment
    # Bound first: a port that is taken must be known before any table is touched.
    with contextlib.closing(bind(deployment.host, deployment.port)) as listener:
        await application.start()
        # What was compiled stays for good: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()
        server = _Server(_config(application, deployment))
        _stop_on_signals(server)
        logging.getLogger("uvicorn.error").addHandler(_Forward(application.telemetry))
        admin = await _serve_metrics(application.telemetry, deployment)
        address = listener.getsockname()
        application.telemetry.log.event("info", "listening", host=address[0], port=address[1])
        try:
            await server.serve(sockets=[listener])
        finally:
            if admin is not None:
                admin.close()
            await application.stop()


def work(application: Application) -> None:
    """Deliver messages and effects and run jobs until SIGTERM or SIGINT, without serving anybody.

    Raises:
        StartError: the service must not start.
    """
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_work(application))


async def _work(application: Application) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await application.start()
    try:
        await stopped.wait()
    finally:
        await application.stop()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Uvicorn raises the signal once more when it is done, which would end the process before the database closes.
        yield


class _Forward(logging.Handler):
    """Says in our log what the server says, without the traces that could hold data."""

    def __init__(self, telemetry: Telemetry) -> None:
        super().__init__(logging.WARNING)
        self._telemetry = telemetry

    def emit(self, record: logging.LogRecord) -> None:
        self._telemetry.log.event("warning", "server", message=record.getMessage().strip())


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        StartError: the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        raise StartError(f"{host}:{port} cannot be listened on: {error.strerror}") from None
    listener.listen(_BACKLOG)
    listener.setblocking(False)
    return listener


def _new_loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def _config(application: Application, deployment: Deployment) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=bounded_protocol(deployment.limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(deployment.limits.drain_seconds)),
    )


def _stop_on_signals(server: uvicorn.Server) -> None:
    def stop() -> None:
        # The second signal means now.
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


async def _serve_metrics(telemetry: Telemetry, deployment: Deployment) -> asyncio.Server | None:
    if deployment.metrics in ("off", "public"):
        return None
    host, _, port = deployment.metrics.rpartition(":")
    router = Router()
    add_metrics(router, telemetry.metrics.text)
    edge = Edge(router, telemetry, Failures(), Origins("http"))
    config = uvicorn.Config(
        edge,
        http=bounded_protocol(deployment.limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    config.load()
    state = uvicorn.server.ServerState()
    loop = asyncio.get_running_loop()
    listener = bind(host, int(port))
    return await loop.create_server(
        lambda: config.http_protocol_class(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
        sock=listener,
    )
