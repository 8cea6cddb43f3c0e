"""A real service on a real database, reached over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import yaml
from aiosmtpd.controller import Controller

from archwright.bootstrap import build
from archwright_runtime.application.application import Application
from archwright_runtime.application.settings import Deployment
from archwright_runtime.http.protocol import bounded_protocol
from testing_support.ports import free_port

CATALOGUE = Path(__file__).parent.parent.parent
CHEAP = {"passes": 1, "memory": 8, "lanes": 1}
SETUP_CODE = "9f1c2a77-setup-code-of-this-service"
ACCOUNTS = {
    "session": "both",
    "register": "open",
    "reset": "mail",
    "setup": "code",
    "address": "https://club.example.org",
    "hashing": CHEAP,
    "remember": "0s",
}


def assemble(folder: Path, **config: Any) -> Path:
    """Build a service that consists of accounts and mail; its ``dist`` folder."""
    mail = {"sender": "club@example.org", "host": "127.0.0.1", "port": "${settings.smtp_port}", "security": "none"}
    document = {
        "assembly": "club",
        "version": "1.0.0",
        "owner": "team-club",
        "settings": {"smtp_port": {"type": "int(1..65535)", "default": 25}},
        "components": {
            "accounts": {"use": "std/accounts@^1", "config": {**ACCOUNTS, **config}},
            "mail": {"use": "std/mail@^1", "config": mail},
        },
        "roles": {"member": {}},
    }
    (folder / "assembly.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    outcome = build(folder, catalog=CATALOGUE)
    errors = [finding for finding in outcome.findings if finding.severity.name == "ERROR"]
    assert not errors, errors
    return folder / "dist"


class Inbox:
    """Keeps what arrives by mail."""

    def __init__(self) -> None:
        self.mails: asyncio.Queue[str] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        text = f"To: {envelope.rcpt_tos[0]}\n{envelope.content.decode()}"
        self._loop.call_soon_threadsafe(self.mails.put_nowait, text)
        return "250 OK"

    async def link(self) -> str:
        """The token in the next mail's link."""
        mail = await asyncio.wait_for(self.mails.get(), 6)
        joined = mail.replace("=\r\n", "").replace("=3D", "=")
        return joined.partition("?token=")[2].split()[0]


@dataclass
class Club:
    """The running service, as its users meet it."""

    address: str
    inbox: Inbox
    application: Application
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A client of its own, with its own cookies."""
        client = httpx.AsyncClient(base_url=self.address, headers={"sec-fetch-site": "same-origin", **headers})
        self.clients.append(client)
        return client


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The test run's own handlers stay in force.
        yield


@contextlib.asynccontextmanager
async def running(dist: Path, database: str) -> AsyncIterator[Club]:
    """Serve ``dist`` on loopback until the block ends."""
    inbox = Inbox()
    with _mail_server(inbox) as smtp_port:
        variables = {
            "ARCHWRIGHT_SECRET_SERVICE_KEY": "k" * 40,
            "ARCHWRIGHT_SECRET_ACCOUNTS_SETUP_CODE": SETUP_CODE,
            "ARCHWRIGHT_SETTING_SMTP_PORT": str(smtp_port),
        }
        deployment = Deployment(database=database, transport="http", log=False)
        application = Application(dist, deployment, variables, migrations=True)
        await application.start()
        server = _Server(
            uvicorn.Config(
                application, lifespan="off", log_config=None, ws="none", http=bounded_protocol(deployment.limits)
            )
        )
        listener = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        club = Club(f"http://127.0.0.1:{listener.getsockname()[1]}", inbox, application)
        try:
            yield club
        finally:
            for client in club.clients:
                await client.aclose()
            server.should_exit = True
            await serving
            listener.close()
            await application.stop()


@contextlib.contextmanager
def _mail_server(inbox: Inbox) -> Iterator[int]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
