"""A helpdesk on a socket, and Chromium in front of it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from archwright_runtime.persistence.opening import connect
from testing_support.chromium import LAUNCH_ARGUMENTS

from .people import PASSWORD
from .service import Desk, start

QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Served:
    """An ASGI application that opens everything in the server's own loop."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.desk: Desk | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, or the life of the server."""
        if scope["type"] == "http":
            assert self.desk is not None
            await self.desk.edge(scope, receive, send)
            return
        database = connect("sqlite://")
        await database.open()
        self.desk = await start(database)
        await receive()
        await send({"type": "lifespan.startup.complete"})
        self.ready.set()
        await receive()
        await self.desk.engine.stop()
        await database.close()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def serving() -> Iterator[str]:
    """The address of a helpdesk."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    served = Served()
    server = uvicorn.Server(uvicorn.Config(served, lifespan="on", log_level="error", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    assert served.ready.wait(20)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@contextmanager
def chromium_browser(executable: Path) -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*LAUNCH_ARGUMENTS, *QUIET])
        yield browser
        browser.close()


def sign_in(page: Page, address: str, name: str) -> None:
    """Sign in by the form."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=email]", f"{name}@desk.test")
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Sign in')")
    page.wait_for_url(f"{address}/")
