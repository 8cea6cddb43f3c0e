"""Events from one service to another: signed by one, proved by the other, heard once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started
from testing_support.servers import Peer, peer

KEY = "a-key-that-both-services-have"
ORDERS = f"""
assembly: orders
version: 1.0.0
owner: team-orders
components:
  accounts: {ACCOUNTS}
  events:
    use: std/events@^1
    config:
      events: [order.placed, order.sent]
      hosts: ["http://127.0.0.1:*"]
      peers: {{billing: {{url: "http://127.0.0.1:PORT/events", events: [order.placed]}}}}
roles: {{boss: {{}}, publisher: {{}}}}
operations:
  Place:
    trigger: {{http: POST /api/orders}}
    access: [boss]
    input: {{number: int(0..99)!, event: {{enum: [order.placed, order.sent], default: order.placed}}}}
    steps:
      - {{send: events.Publish, set: {{event: "${{input.event}}", data: {{number: "${{input.number}}"}}}}}}
    returns: {{status: 202}}
"""
BILLING = f"""
assembly: billing
version: 1.0.0
owner: team-billing
components: {{accounts: {ACCOUNTS}}}
roles: {{boss: {{}}, receiver: {{}}}}
entities:
  Event:
    fields: {{kind: text(100)!, data: json(16KB)}}
    permissions:
      receiver: {{create: {{fields: [kind, data]}}}}
      boss: {{read: true}}
    expose: /api/heard
operations:
  Hear:
    trigger: {{webhook: {{path: /events, secret: orders-key, scheme: standard}}}}
    as: receiver
    input: {{type: text(100)!, data: json(16KB)}}
    steps:
      - {{create: Event, set: {{kind: "${{input.type}}", data: "${{input.data}}"}}}}
"""


@pytest.fixture
async def listener() -> AsyncIterator[Peer]:
    """What listens at the other service's address."""
    async with peer() as other:
        yield other


@pytest.fixture
async def orders(listener: Peer, database: str, tmp_path: Path) -> AsyncIterator[Assembled]:
    """The service that publishes."""
    dist = assemble(ORDERS.replace("PORT", str(listener.port)), tmp_path / "orders")
    async with started(
        dist,
        database,
        seed=Seed(people=people(bea=["boss"])),
        secrets={"EVENTS_SIGNING_KEY": KEY},
        background=False,
        private=(ip_network("127.0.0.0/8"),),
    ) as service:
        yield service


async def _place(orders: Assembled, **body: Any) -> None:
    assert (await (await orders.client("bea")).post("/api/orders", json={"number": 7, **body})).status == 202
    await _work(orders)


async def _work(orders: Assembled, days: int = 0) -> None:
    work = orders.application.engine.background
    for _ in range(2):
        await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(days=days, seconds=1))


async def test_what_one_service_publishes_another_one_hears_once(
    orders: Assembled, listener: Peer, tmp_path: Path
) -> None:
    """The receiver proves the signature with the shared key, and takes repeats for what they are."""
    await _place(orders)
    said = listener.heard[0]
    dist = assemble(BILLING, tmp_path / "billing")
    seed = Seed(people=people(bea=["boss"]))

    async with started(
        dist, f"sqlite:///{tmp_path}/billing.sqlite", seed=seed, secrets={"ORDERS_KEY": KEY}, background=False
    ) as billing:
        for _ in range(2):
            answer = await billing.visitor().request("POST", "/events", body=said.body, headers=said.headers)
            assert answer.status == 204, answer.body
        heard = (await (await billing.client("bea")).get("/api/heard")).json()["items"]

    assert [(one["kind"], one["data"]) for one in heard] == [("order.placed", {"number": 7})]


async def test_a_peer_hears_its_own_events_only(orders: Assembled, listener: Peer) -> None:
    """What a peer is not configured for is not sent to it."""
    await _place(orders, event="order.sent")

    assert listener.heard == []


async def test_a_peer_that_is_away_hears_later(orders: Assembled, listener: Peer) -> None:
    """A failure is repeated with the same id and the same bytes."""
    statuses = iter((503, 204))
    listener.answers = lambda request: (next(statuses), {}, b"")

    await _place(orders)
    await _work(orders, days=1)

    assert len(listener.heard) == 2
    assert len({(one.headers["webhook-id"], one.body) for one in listener.heard}) == 1
    assert json.loads(listener.heard[0].body)["type"] == "order.placed"
