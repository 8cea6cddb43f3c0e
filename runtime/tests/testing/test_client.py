"""The client for authors of services."""

from __future__ import annotations

from pathlib import Path

from archwright_runtime.testing import Client, running
from runtime.tests.application.desk import built


async def test_a_service_is_asked_without_a_network(tmp_path: Path) -> None:
    """Started, asked as somebody, stopped; secrets are made up."""
    async with running(built(tmp_path)) as application:
        agent = Client(application, token="agent.ada")

        refused = await agent.post("/api/tickets", json={"votes": -1})
        tickets = await agent.get("/api/tickets")
        nobody = await Client(application).get("/api/tickets")

        assert (refused.status, refused.problems) == (422, {"/votes": "range"})
        assert tickets.json() == {"items": [], "next": None}
        assert nobody.status == 401


async def test_a_browser_keeps_its_cookies(tmp_path: Path) -> None:
    """What an answer sets comes back with the next request, and what it clears does not."""
    async with running(built(tmp_path)) as application:
        browser = Client(application, cookies={"session": "agent.ada"})

        assert (await browser.get("/api/tickets")).status == 200
        browser.cookies.clear()
        assert (await browser.get("/api/tickets")).status == 401


async def test_statements_are_timed(tmp_path: Path) -> None:
    """The metrics tell how long the database took."""
    async with running(built(tmp_path)) as application:
        before = sum(application.telemetry.metrics.database.counts)
        await Client(application, token="agent.ada").get("/api/tickets")

        assert sum(application.telemetry.metrics.database.counts) > before
