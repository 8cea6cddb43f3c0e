"""A whole service, on every database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from archwright_runtime.application.application import Application
from archwright_runtime.application.settings import read_deployment
from archwright_runtime.errors import PlanError, SettingError, StartError
from runtime.tests.application.desk import VARIABLES, built, desk
from runtime.tests.http.support import Reply, ask

_JSON = {"content-type": "application/json"}
_AGENT = {"authorization": "Bearer agent.ada"}


@pytest.fixture
async def application(tmp_path: Path, database_url: str) -> AsyncIterator[Application]:
    """A service that has started."""
    made = Application(
        built(tmp_path / "dist"),
        read_deployment({}, database=database_url, transport="http", log=False, metrics="public"),
        VARIABLES,
        migrations=True,
    )
    await made.start()
    await _insert_people(made)
    yield made
    await made.stop()


async def _insert_people(application: Application) -> None:
    mark = "$1, $2" if application.database.dialect == "postgresql" else "?1, ?2"
    columns = "id, name, created_at, updated_at, version"
    moment = "'2026-01-01T00:00:00.000000Z'"
    for name in ("ada", "cleo"):
        statement = f'INSERT INTO "user" ({columns}) VALUES ({mark}, {moment}, {moment}, 1)'
        await application.database.write(statement, (name.ljust(22, "0"), name))


async def _send(application: Application, method: str, target: str, body: Any = None, **headers: str) -> Reply:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    data = b"" if body is None else json.dumps(body).encode()
    return await ask(application, method, target, data, {**_AGENT, **(_JSON if body is not None else {}), **given})


async def test_a_row_lives_from_creation_to_deletion(application: Application) -> None:
    """Created with its address and version, read, changed by those who know its version, deleted."""
    created = await _send(application, "POST", "/api/tickets", {"title": "Printer", "price": "12.30", "votes": 2})
    address = f"/api/tickets/{created.json()['id']}"

    read = await _send(application, "GET", address)
    known = await _send(application, "GET", address, if_none_match=read.headers["etag"])
    changed = await _send(application, "PATCH", address, {"title": "Scanner"}, if_match=read.headers["etag"])
    stale = await _send(application, "PATCH", address, {"title": "Copier"}, if_match=read.headers["etag"])
    deleted = await _send(application, "DELETE", address)
    gone = await _send(application, "GET", address)

    assert (created.status, created.json()["price"]) == (201, "12.30")
    assert (read.status, read.json()["title"], read.headers["etag"]) == (200, "Printer", '"1"')
    assert (known.status, known.body) == (304, b"")
    assert (changed.status, changed.json()["title"], changed.headers["etag"]) == (200, "Scanner", '"2"')
    assert (stale.status, deleted.status, deleted.body, gone.status) == (412, 204, b"", 404)


async def test_a_list_has_pages(application: Application) -> None:
    """Cursors lead from page to page and belong to their caller."""
    for number in range(5):
        await _send(application, "POST", "/api/tickets", {"title": f"T{number}"})

    first = (await _send(application, "GET", "/api/tickets?limit=2&total=true")).json()
    second = (await _send(application, "GET", f"/api/tickets?limit=2&cursor={first['next']}")).json()
    other = await _send(
        application, "GET", f"/api/tickets?limit=2&cursor={first['next']}", authorization="Bearer agent.cleo"
    )
    tampered = await _send(application, "GET", f"/api/tickets?limit=2&cursor=A{first['next'][1:]}")

    assert (len(first["items"]), first["total"], len(second["items"])) == (2, 5, 2)
    assert {row["id"] for row in first["items"]}.isdisjoint(row["id"] for row in second["items"])
    assert (other.status, tampered.status) == (422, 422)


async def test_the_same_key_creates_once(application: Application) -> None:
    """A repeated request gets the recorded answer; the same key for something else is refused."""
    first = await _send(application, "POST", "/api/tickets", {"title": "Once"}, idempotency_key="k1")
    again = await _send(application, "POST", "/api/tickets", {"title": "Once"}, idempotency_key="k1")
    other = await _send(application, "POST", "/api/tickets", {"title": "Twice"}, idempotency_key="k1")

    assert (first.status, again.status, other.status) == (201, 201, 422)
    assert first.json() == again.json()


async def test_permissions_hold_at_the_edge(application: Application) -> None:
    """Nobody, a customer and an agent each get what is theirs."""
    created = await _send(application, "POST", "/api/tickets", {"title": "Hidden"})
    address = f"/api/tickets/{created.json()['id']}"

    assert (await ask(application, "GET", address)).status == 401
    assert (await _send(application, "GET", address, authorization="Bearer customer.cleo")).status == 404
    assert (await _send(application, "GET", address, authorization="Bearer nobody")).status == 401
    assert (await _send(application, "GET", address, authorization="Bearer stranger.cleo")).status == 403


async def test_a_session_cookie_writes_only_from_our_own_pages(application: Application) -> None:
    """Read with a cookie, write with the browser's word."""
    cookie = {"cookie": "session=agent.ada", **_JSON}

    read = await ask(application, "GET", "/api/tickets", headers=cookie)
    forged = await ask(application, "POST", "/api/tickets", b'{"title":"x"}', cookie)
    own = await ask(application, "POST", "/api/tickets", b'{"title":"x"}', {**cookie, "sec-fetch-site": "same-origin"})

    assert (read.status, forged.status, own.status) == (200, 403, 201)


async def test_an_accident_in_a_component_stays_inside(application: Application) -> None:
    """The caller gets an id, nothing else."""
    reply = await _send(application, "POST", "/api/fail")

    assert reply.status == 500
    assert b"Ada" not in reply.body


async def test_probes_and_descriptions_are_served(application: Application) -> None:
    """Live, ready, described for machines and for people, counted."""
    description = await ask(application, "GET", "/openapi.json")
    again = await ask(application, "GET", "/openapi.json", headers={"if-none-match": description.headers["etag"]})
    ready = await ask(application, "GET", "/health/ready")

    assert (await ask(application, "GET", "/health/live")).status == 200
    assert (ready.status, ready.json()["checks"]) == (200, {"database": "ok", "migrations": "ok"})
    assert (description.status, again.status) == (200, 304)
    assert b"Shop" in (await ask(application, "GET", "/docs")).body
    assert b"archwright_requests_total" in (await ask(application, "GET", "/metrics")).body


async def test_a_service_behind_its_tables_refuses_to_start(tmp_path: Path, database_url: str) -> None:
    """The message names what is missing."""
    deployment = read_deployment({}, database=database_url, log=False)
    late = Application(built(tmp_path / "dist"), deployment, VARIABLES)

    with pytest.raises(StartError, match="0001-first"):
        await late.start()


def test_a_service_without_its_secrets_refuses_to_start(tmp_path: Path) -> None:
    """The message says where to put them."""
    with pytest.raises(SettingError, match="ARCHWRIGHT_SECRET_SERVICE_KEY"):
        Application(built(tmp_path), read_deployment({}, database="sqlite://", log=False), {})


async def test_development_makes_up_its_secrets(tmp_path: Path) -> None:
    """They lie beside the embedded database, for its owner alone."""
    database = tmp_path / "desk.sqlite"
    deployment = read_deployment({}, database=f"sqlite:///{database}", log=False, development=True)

    Application(built(tmp_path / "dist"), deployment, {})

    assert Path(f"{database}.secrets.json").stat().st_mode & 0o777 == 0o600


async def test_a_service_that_is_closing_is_not_ready(application: Application) -> None:
    """Balancers look elsewhere while running requests finish."""
    application.health.closing = True

    assert (await ask(application, "GET", "/health/ready")).status == 503


async def test_two_operations_at_one_address_refuse_to_start(tmp_path: Path) -> None:
    """A plan that contradicts itself does not run."""
    plan = desk()
    operations = {**plan.operations, "Again": plan.operations["Ticket.list"]}
    directory = built(tmp_path / "dist", replace(plan, operations=operations))
    contradictory = Application(
        directory, read_deployment({}, database="sqlite://", log=False), VARIABLES, migrations=True
    )

    with pytest.raises(PlanError, match="GET /api/tickets"):
        await contradictory.start()
