"""Webhooks: subscribed, signed, tried again, seen; and never sent to what is ours."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started
from testing_support.servers import peer

DOCUMENT = f"""
assembly: orders
version: 1.0.0
owner: team-orders
components:
  accounts: {ACCOUNTS}
  webhooks: {{use: std/webhooks@^1, config: {{events: [order.paid, order.sent], role: boss,
    hosts: ["*", "http://127.0.0.1:*"], attempts: 2}}}}
roles: {{boss: {{}}, publisher: {{}}}}
operations:
  Pay:
    trigger: {{http: POST /api/pay}}
    access: [boss]
    input: {{order: text(40)!}}
    steps:
      - {{send: webhooks.Publish, set: {{event: order.paid, data: {{order: "${{input.order}}"}}}}}}
    returns: {{status: 202}}
"""
SUBSCRIPTIONS, DELIVERIES = "/api/webhooks/subscriptions", "/api/webhooks/deliveries"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that publishes events."""
    return assemble(DOCUMENT, tmp_path_factory.mktemp("orders"))


@pytest.fixture
async def orders(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service, which may reach this machine."""
    async with started(
        dist,
        database,
        seed=Seed(people=people(bea=["boss"])),
        secrets={"WEBHOOKS_SIGNING_KEY": "a key from which secrets are derived"},
        background=False,
        private=(ip_network("127.0.0.0/8"),),
    ) as service:
        yield service


async def _work(service: Assembled, rounds: int = 2, days: int = 0) -> None:
    work = service.application.engine.background
    for _ in range(rounds):
        await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(days=days, seconds=1))


async def _subscribe(orders: Assembled, url: str, *events: str) -> dict[str, Any]:
    bea = await orders.client("bea")
    answer = await bea.post(SUBSCRIPTIONS, json={"url": url, "events": list(events or ("order.paid",))})
    assert answer.status == 201, answer.body
    found: dict[str, Any] = answer.json()
    return found


async def _pay(orders: Assembled) -> None:
    assert (await (await orders.client("bea")).post("/api/pay", json={"order": "o-1"})).status == 202


async def _deliveries(orders: Assembled) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await (await orders.client("bea")).get(DELIVERIES)).json()["items"]
    return found


def _is_signed(heard: Any, secret: str) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    headers = heard.headers
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), heard.body))
    return headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


async def test_subscribers_hear_signed_events(orders: Assembled) -> None:
    """Who subscribed to an event gets it, signed with their own secret; others do not."""
    async with peer() as one, peer() as other:
        subscribed = await _subscribe(orders, one.origin)
        await _subscribe(orders, other.origin, "order.sent")
        await _pay(orders)
        await _work(orders)

        assert other.heard == []
        assert _is_signed(one.heard[0], subscribed["secret"])
        said = json.loads(one.heard[0].body)
        assert (said["type"], said["data"]) == ("order.paid", {"order": "o-1"})
        assert [(row["status"], row["answered"]) for row in await _deliveries(orders)] == [("delivered", 204)]


async def test_what_is_not_heard_is_tried_again_with_the_same_id_and_body(orders: Assembled) -> None:
    """A failure is tried again; after its attempts a delivery is dead, seen, and delivered again on demand."""
    async with peer(lambda request: (500, {}, b"")) as other:
        await _subscribe(orders, other.origin)
        await _pay(orders)
        await _work(orders)
        waiting = await _deliveries(orders)
        await _work(orders, days=1)
        dead = await _deliveries(orders)
        other.answers = lambda request: (200, {}, b"")
        bea = await orders.client("bea")
        again = await bea.post(f"{DELIVERIES}/{dead[0]['id']}/redelivery", json={})
        await _work(orders)

        assert (waiting[0]["status"], waiting[0]["attempts"], waiting[0]["reason"]) == ("pending", 1, "answer")
        assert (dead[0]["status"], dead[0]["answered"]) == ("dead", 500)
        assert again.status == 202 and (await _deliveries(orders))[0]["status"] == "delivered"
        assert len({(one.headers["webhook-id"], one.body) for one in other.heard}) == 1 and len(other.heard) == 3
        assert (await bea.post(f"{DELIVERIES}/{dead[0]['id']}/redelivery", json={})).status == 409


async def test_who_is_gone_is_asked_no_more(orders: Assembled) -> None:
    """A subscriber that answers 410 is switched off."""
    async with peer(lambda request: (410, {}, b"")) as other:
        subscribed = await _subscribe(orders, other.origin)
        await _pay(orders)
        await _work(orders)
        await _pay(orders)
        await _work(orders)

        assert len(other.heard) == 1
        row = (await (await orders.client("bea")).get(f"{SUBSCRIPTIONS}/{subscribed['id']}")).json()
        assert row["active"] is False


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "ftp://example.org/", "https://example.org:22/"])
async def test_an_address_that_cannot_be_is_refused(orders: Assembled, url: str) -> None:
    """What is not a declared kind of address is refused when somebody subscribes."""
    answer = await (await orders.client("bea")).post(SUBSCRIPTIONS, json={"url": url, "events": ["order.paid"]})

    assert answer.status == 422, answer.body


async def test_a_redirect_inside_is_not_followed(orders: Assembled) -> None:
    """A subscriber that answers with an address of ours gets nothing from there."""
    async with peer() as inside, peer(lambda request: (307, {"Location": inside.origin}, b"")) as other:
        await _subscribe(orders, other.origin)
        await _pay(orders)
        await _work(orders)

        assert inside.heard == []
        assert (await _deliveries(orders))[0]["status"] == "pending"


async def test_a_private_address_is_dead_at_once(dist: Path, database: str) -> None:
    """Without the consent of the deployment, an address of this machine is never asked."""
    seed = Seed(people=people(bea=["boss"]))
    secrets = {"WEBHOOKS_SIGNING_KEY": "a key from which secrets are derived"}
    async with started(dist, database, seed=seed, secrets=secrets, background=False) as service, peer() as other:
        await _subscribe(service, other.origin)
        await _pay(service)
        await _work(service)

        assert other.heard == []
        assert [(row["status"], row["reason"]) for row in await _deliveries(service)] == [("dead", "address")]
