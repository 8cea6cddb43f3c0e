"""Calls of other services: declared, after the commit, with their answers given to a queue."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_runtime.errors import Refusal
from archwright_std_http_client.endpoints import Endpoint, results
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started
from testing_support.servers import Peer, peer

DOCUMENT = f"""
assembly: rates
version: 1.0.0
owner: team-rates
settings: {{bank: {{type: text(200), default: "http://127.0.0.1:1"}}}}
components:
  accounts: {ACCOUNTS}
  bank:
    use: std/http-client@^1
    config:
      hosts: ["http://127.0.0.1:*"]
      authentication: bearer
      endpoints: {{rates: {{url: "http://127.0.0.1:PORT/rates/{{day}}?base={{base}}"}},
        order: {{url: "http://127.0.0.1:PORT/orders", method: POST}}}}
      results: {{status: int(100..599)!, rate: text(20), count: int}}
      pointers: {{rate: /rates/0/value}}
roles: {{boss: {{}}, worker: {{}}}}
entities:
  Rate:
    fields: {{day: date!, rate: text(20), status: int(0..999), note: text(40)}}
    permissions:
      worker: {{create: {{fields: [day, rate, status, note]}}}}
      boss: {{read: true}}
    expose: /api/rates
operations:
  Fetch:
    trigger: {{http: POST /api/fetch}}
    access: [boss]
    input: {{base: text(200)!}}
    steps:
      - call: bank.request
        endpoint: rates
        values: {{day: "${{today}}", base: "${{input.base}}"}}
        then: {{send: Keep, set: {{day: "${{today}}"}}}}
        otherwise: {{send: Keep, set: {{day: "${{today}}", note: given up}}}}
    returns: {{status: 202}}
  Keep:
    trigger: {{queue: rates}}
    as: worker
    input: {{day: date!, rate: text(20), status: int(100..599), note: text(40)}}
    steps:
      - create: Rate
        set: {{day: "${{input.day}}", rate: "${{input.rate}}", status: "${{input.status}}", note: "${{input.note}}"}}
"""


@pytest.fixture
async def bank() -> AsyncIterator[Peer]:
    """The other service."""
    async with peer(lambda request: (200, {}, json.dumps({"rates": [{"value": "1.25"}]}).encode())) as other:
        yield other


@pytest.fixture
async def rates(bank: Peer, database: str, tmp_path: Path) -> AsyncIterator[Assembled]:
    """A service that asks it."""
    dist = assemble(DOCUMENT.replace("PORT", str(bank.port)), tmp_path)
    async with started(
        dist,
        database,
        seed=Seed(people=people(bea=["boss"])),
        secrets={"BANK_TOKEN": "the-token"},
        background=False,
        private=(ip_network("127.0.0.0/8"),),
    ) as service:
        yield service


async def _fetched(rates: Assembled, base: str = "EUR", *, rounds: int = 2) -> list[dict[str, Any]]:
    bea = await rates.client("bea")
    assert (await bea.post("/api/fetch", json={"base": base})).status == 202
    work = rates.application.engine.background
    for number in range(rounds):
        await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(days=number, seconds=1))
    found: list[dict[str, Any]] = (await bea.get("/api/rates")).json()["items"]
    return found


async def test_an_answer_becomes_a_message(rates: Assembled, bank: Peer) -> None:
    """Results go to the operation that `then` names, beside what was known before."""
    found = await _fetched(rates, "EUR/USD&x=../?#")

    assert [(row["rate"], row["status"], row["note"]) for row in found] == [("1.25", 200, None)]
    asked = bank.heard[0]
    assert asked.target == f"/rates/{found[0]['day']}?base=EUR%2FUSD%26x%3D..%2F%3F%23"
    assert asked.headers["authorization"] == "Bearer the-token"


async def test_a_failure_that_passes_is_tried_again_with_the_same_key(rates: Assembled, bank: Peer) -> None:
    """A busy service is asked again; the key by which it can tell a repeat stays the same."""
    statuses = iter((503, 200))
    bank.answers = lambda request: (next(statuses), {}, b'{"rates": []}')

    found = await _fetched(rates, rounds=3)

    assert [(row["rate"], row["status"]) for row in found] == [(None, 200)]
    assert len({one.headers["idempotency-key"] for one in bank.heard}) == 1 and len(bank.heard) == 2


@pytest.mark.parametrize(("status", "body"), [(404, b"{}"), (302, b""), (200, b"<html>")])
async def test_a_refusal_is_handed_over(rates: Assembled, bank: Peer, status: int, body: bytes) -> None:
    """What no repeat mends is the message that `otherwise` names, at once."""
    bank.answers = lambda request: (status, {"Location": "http://169.254.169.254/"}, body)

    found = await _fetched(rates)

    assert [(row["note"], row["status"]) for row in found] == [("given up", None)]
    assert len(bank.heard) == 1


@pytest.mark.parametrize("value", [None, ".", "..", "...", [], {}, "x" * 1001])
def test_a_value_that_would_lead_elsewhere_is_refused(value: Any) -> None:
    """A value stands within its segment or not at all."""
    with pytest.raises(Refusal):
        Endpoint("https://api.example/{name}/x").address({"name": value})


def test_a_value_never_chooses_the_host() -> None:
    """Only path and query have places for values."""
    assert Endpoint("https://api.example/{name}").is_sound
    assert not Endpoint("https://{name}.example/").is_sound
    assert not Endpoint("{name}://api.example/").is_sound


def test_results_of_another_type_are_left_out() -> None:
    """An answer gives what was declared, and nothing that only looks like it."""
    types = {"a": "int", "b": "text(5)!", "c": "bool"}

    assert results(types, {}, 200, b'{"a": true, "b": 3, "c": false}') == {"c": False}
