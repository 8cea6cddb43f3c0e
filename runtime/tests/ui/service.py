"""The hand-written helpdesk on a real engine, and visitors that use it as a browser without scripts does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from archwright_runtime.http.csrf import FormTokens, Origins
from archwright_runtime.http.edge import Edge
from archwright_runtime.http.endpoints import OperationHandler, operation_endpoint
from archwright_runtime.http.problem import Failures
from archwright_runtime.http.router import Router
from archwright_runtime.http.security import Security
from archwright_runtime.http.source import direct
from archwright_runtime.operations.engine import Engine
from archwright_runtime.persistence.database import Database
from archwright_runtime.plan import Plan
from archwright_runtime.secrets.source import ROOT, Secret, Secrets
from archwright_runtime.telemetry.log import Log, Writer
from archwright_runtime.telemetry.telemetry import Telemetry
from archwright_runtime.ui.pages import Pages
from runtime.tests.databases import prepare

from .people import PASSWORD
from .plans import HELPDESK
from .reading import Form, forms

ADA, BOB, EVE = ("A" * 22, "B" * 22, "E" * 22)
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SUBJECTS = (
    "Printer on the third floor is on fire again",
    "VPN drops every ten minutes",
    "New laptop for Grace",
    "Cannot open the expense report from February",
    "Door badge does not work after six",
    "Projector in the Turing room flickers",
    "Mail bounces for external partners",
    "Coffee machine shows error E7",
)


class _Root:
    def get(self, name: str) -> Secret | None:
        return Secret("k" * 40) if name == ROOT else None

    def hint(self, name: str) -> str:
        return "the test"


@dataclass
class Desk:
    """A running helpdesk."""

    engine: Engine
    database: Database
    edge: Edge
    log: list[bytes]

    async def insert(self, table: str, **values: Any) -> None:
        """A row beside every rule."""
        moment = values.pop("created_at", START)
        plain: dict[str, Any] = {"created_at": moment, "updated_at": moment, "version": 1, **values}
        if self.database.dialect == "sqlite":
            plain = {name: _sqlite(value) for name, value in plain.items()}
        marks = ", ".join(f"{'$' if self.database.dialect == 'postgresql' else '?'}{n + 1}" for n in range(len(plain)))
        columns = ", ".join(f'"{name}"' for name in plain)
        await self.database.write(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(plain.values()))

    async def value(self, sql: str) -> Any:
        """One value from the database."""
        return (await self.database.fetch(sql))[0][0]

    def visitor(self) -> Visitor:
        """Somebody with a browser of their own."""
        return Visitor(self)


def _sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return value.isoformat() if hasattr(value, "isoformat") else value


async def start(database: Database, plan: Plan = HELPDESK, *, tickets: int = 12) -> Desk:
    """Make the tables, some rows, and everything from the engine to the edge."""
    await prepare(database, plan)
    desk = await _opened(database, plan)
    await _seed(desk, tickets)
    return desk


async def replica(desk: Desk) -> Desk:
    """Another process on the same database."""
    return await _opened(desk.database, desk.engine.plan)


async def _opened(database: Database, plan: Plan) -> Desk:
    secrets = Secrets([_Root()])
    engine = Engine(plan, database, settings={}, secrets=secrets)
    await engine.start()
    log: list[bytes] = []

    def write(descriptor: int, data: bytes) -> int:
        log.append(data)
        return len(data)

    telemetry = Telemetry(Log(Writer(write=write)))
    return Desk(engine, database, _edge(plan, engine, telemetry, secrets), log)


def _edge(plan: Plan, engine: Engine, telemetry: Telemetry, secrets: Secrets) -> Edge:
    security, failures, router = Security("http"), Failures(), Router()
    for name, operation in plan.operations.items():
        handler = OperationHandler(name, operation, engine, failures, security, direct)
        assert operation.trigger.method is not None
        assert operation.trigger.path is not None
        router.add(operation.trigger.method, operation.trigger.path, operation_endpoint(name, operation, handler))
    pages = Pages(plan, engine, FormTokens(secrets.key("form-tokens")), security)
    pages.add_to(router)
    return Edge(
        router,
        telemetry,
        failures,
        Origins("http"),
        security,
        authenticate=engine.authenticate,
        cookie=engine.cookie,
        page_failure=pages.failure,
    )


async def _seed(desk: Desk, tickets: int) -> None:
    people = ((ADA, "ada", "Ada Lovelace", '["agent"]'), (BOB, "bob", "Bob Martin", "[]"), (EVE, "eve", "Eve", "[]"))
    for id, short, name, roles in people:
        await desk.insert("accounts_user", id=id, email=f"{short}@desk.test", name=name, roles=roles)
    for number in range(tickets):
        await desk.insert(
            "ticket",
            id=ticket(number),
            created_at=START + timedelta(hours=7 * number),
            subject=SUBJECTS[number % len(SUBJECTS)] + (f" ({number})" if number >= len(SUBJECTS) else ""),
            description="It **burns**.\n\n- one\n- two",
            status=("open", "in_progress", "solved")[number % 3],
            priority=("normal", "urgent", "low")[number % 3],
            reporter=BOB if number % 2 else ADA,
            assignee=(None, ADA, BOB)[number % 3],
            due=date(2026, 4, 1) + timedelta(days=number) if number % 2 else None,
            cost=123_450 if number % 2 else None,
            effort=5_400_000_000,
            billable=0 if desk.database.dialect == "sqlite" else False,
        )
    if tickets:
        for number, (author, body) in enumerate(((ADA, "Have you tried water?"), (BOB, "That made it worse, sadly."))):
            await desk.insert("comment", id=f"C{number:021d}", ticket=ticket(0), author=author, body=body)


def ticket(number: int) -> str:
    """The id of a seeded ticket."""
    return f"T{number:021d}"


class Visitor:
    """A browser without scripts: keeps cookies, follows redirects, sends the forms of its page."""

    def __init__(self, desk: Desk) -> None:
        transport = httpx.ASGITransport(desk.edge, raise_app_exceptions=True)
        self._client = httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", headers={"accept": "text/html"}
        )
        self.page = ""
        self.path = ""
        self.status = 0
        self.redirects: list[str] = []

    @property
    def cookies(self) -> httpx.Cookies:
        """What the browser keeps."""
        return self._client.cookies

    async def open(self, path: str, **headers: str) -> httpx.Response:
        """Open an address."""
        return await self._arrived(await self._client.get(path, headers=headers, follow_redirects=True))

    async def send(self, form: Form, press: str | None = None, /, **values: Any) -> httpx.Response:
        """Send a form of the page with these values in it; ``press`` is the label of the button."""
        data: dict[str, Any] = {**form.values, **values}
        files: Mapping[str, Any] = {}
        button = form.button(press)
        if button is not None and button.name:
            data[button.name] = button.value
        if form.multipart:
            files = {name: value for name, value in data.items() if isinstance(value, tuple)}
            data = {name: value for name, value in data.items() if not isinstance(value, tuple)}
        headers = {"sec-fetch-site": "same-origin"}
        if form.method == "get":
            wanted = {name: value for name, value in data.items() if value is not None}
            return await self._arrived(await self._client.get(form.action or self.path, params=wanted))
        kept = {name: value for name, value in data.items() if value is not None}
        answer = await self._client.post(
            form.action, data=kept, files=files or None, headers=headers, follow_redirects=True
        )
        return await self._arrived(answer)

    async def post(self, path: str, **values: Any) -> httpx.Response:
        """Send values that no form of the page held."""
        return await self._arrived(
            await self._client.post(path, data=values, headers={"sec-fetch-site": "same-origin"}, follow_redirects=True)
        )

    async def sign_in(self, name: str) -> Visitor:
        """Sign in by the form."""
        await self.open("/sign-in")
        await self.send(self.form("Sign in"), email=f"{name}@desk.test", password=PASSWORD)
        assert self.status == 200, self.page
        return self

    def form(self, button: str) -> Form:
        """The form of the page that has a button with this label."""
        for found in forms(self.page):
            if found.button(button) is not None:
                return found
        raise AssertionError(f"no form with the button {button!r} on {self.path}")

    def has(self, button: str) -> bool:
        """Whether the page has a button with this label."""
        return any(found.button(button) is not None for found in forms(self.page))

    async def _arrived(self, answer: httpx.Response) -> httpx.Response:
        self.page, self.status = answer.text, answer.status_code
        self.path = str(answer.url).removeprefix("http://desk.test")
        self.redirects = [str(step.headers["location"]) for step in answer.history]
        return answer


@asynccontextmanager
async def running(database: Database, **more: Any) -> AsyncIterator[Desk]:
    """A helpdesk until the end of a test."""
    desk = await start(database, **more)
    yield desk
    await desk.engine.stop()
