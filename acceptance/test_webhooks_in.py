"""Calls of other services: who they are is said by a signature, and each is heard once."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_runtime.testing.client import Answer
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

SECRET = "a secret that two services share"
KEY = b"thirty-two bytes of a random key"
CALLED = f"""
assembly: called
version: 1.0.0
owner: team-post
components: {{accounts: {ACCOUNTS}}}
roles: {{receiver: {{}}, reader: {{}}}}
entities:
  Push:
    fields: {{branch: text(100)!, event: text(40)}}
    permissions:
      receiver: {{create: {{fields: [branch, event]}}}}
      reader: {{read: true}}
    expose: /api/pushes
operations:
  FromForge:
    trigger: {{webhook: {{path: /hooks/forge, secret: forge-hook, header: X-Hub-Signature-256}}}}
    as: receiver
    input: {{branch: text(100)!, event: {{type: text(40), from: header, name: X-GitHub-Event}}}}
    steps:
      - {{create: Push, set: {{branch: "${{input.branch}}", event: "${{input.event}}"}}}}
  FromPayments:
    trigger: {{webhook: {{path: /hooks/payments, secret: pay-hook, scheme: stamped, header: Stripe-Signature}}}}
    as: receiver
    input: {{branch: text(100)!}}
    steps:
      - {{create: Push, set: {{branch: "${{input.branch}}"}}}}
  FromStandard:
    trigger: {{webhook: {{path: /hooks/standard, secret: standard-hook, scheme: standard}}}}
    as: receiver
    input: {{branch: text(100)!}}
    steps:
      - {{create: Push, set: {{branch: "${{input.branch}}"}}}}
"""
Send = Callable[..., Any]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service that others call."""
    return assemble(CALLED, tmp_path_factory.mktemp("called"))


@pytest.fixture
async def called(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service, with the secrets of three senders."""
    secrets = {
        "FORGE_HOOK": SECRET,
        "PAY_HOOK": f"{SECRET[::-1].replace(' ', '-')} {'the-new-one' * 3}",
        "STANDARD_HOOK": "whsec_" + base64.b64encode(KEY).decode(),
    }
    secrets["FORGE_HOOK"] = SECRET.replace(" ", "-")
    async with started(dist, database, seed=Seed(people=people(rea=["reader"])), secrets=secrets) as service:
        yield service


def _hex(key: str, content: bytes) -> str:
    return hmac.new(key.encode(), content, sha256).hexdigest()


async def _post(called: Assembled, path: str, body: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await called.visitor().request(
        "POST", path, body=body, headers={"content-type": "application/json", **named}
    )


async def _branches(called: Assembled) -> list[str]:
    rea = await called.client("rea")
    return [row["branch"] for row in (await rea.get("/api/pushes")).json()["items"]]


def _body(**more: Any) -> bytes:
    return json.dumps({"branch": "main", **more}).encode()


async def test_a_signed_body_is_taken(called: Assembled) -> None:
    """A call that is signed runs the operation, and members that it does not know are ignored."""
    body = _body(sender={"login": "octo"})
    signature = "sha256=" + _hex(SECRET.replace(" ", "-"), body)

    answer = await _post(called, "/hooks/forge", body, X_Hub_Signature_256=signature, X_GitHub_Event="push")

    assert answer.status == 204, answer.body
    assert await _branches(called) == ["main"]


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "sha1=abc", "sha256=" + "0" * 64, "é" * 20])
async def test_a_wrong_signature_changes_nothing(called: Assembled, signature: str) -> None:
    """A call without a signature, or with one of other bytes, is refused before its body is looked at."""
    answer = await _post(called, "/hooks/forge", b"{not json", X_Hub_Signature_256=signature)

    assert answer.status == 401
    assert await _branches(called) == []


async def test_a_repeated_call_is_answered_and_heard_once(called: Assembled) -> None:
    """A replay gets the first one's answer, whatever headers it comes with, and changes nothing."""
    body = _body()
    signature = "sha256=" + _hex(SECRET.replace(" ", "-"), body)

    for event in ("push", "pull"):
        answer = await _post(called, "/hooks/forge", body, X_Hub_Signature_256=signature, X_GitHub_Event=event)
        assert answer.status == 204, answer.body

    assert await _branches(called) == ["main"]


async def test_a_signed_time_bounds_a_call(called: Assembled) -> None:
    """With the time in the signature, an old call is refused, and so is one whose time was changed."""
    now, body, key = int(time.time()), _body(), "the-new-one" * 3

    def stamped(at: int, signed_at: int) -> str:
        return f"t={at},v1={_hex(key, f'{signed_at}.'.encode() + body)}"

    fresh = await _post(called, "/hooks/payments", body, Stripe_Signature=stamped(now, now))
    old = await _post(called, "/hooks/payments", body, Stripe_Signature=stamped(now - 400, now - 400))
    moved = await _post(called, "/hooks/payments", body, Stripe_Signature=stamped(now, now - 400))

    assert (fresh.status, old.status, moved.status) == (204, 401, 401)


async def test_standard_webhooks_are_understood(called: Assembled) -> None:
    """Id, time and body are signed; the same id is heard once, though its time differs."""
    for at in (int(time.time()), int(time.time()) - 5):
        signed = b".".join((b"msg_1", str(at).encode(), _body()))
        signature = base64.b64encode(hmac.new(KEY, signed, sha256).digest()).decode()
        headers = {"webhook_id": "msg_1", "webhook_timestamp": str(at), "webhook_signature": f"v1a,x v1,{signature}"}
        answer = await _post(called, "/hooks/standard", _body(), **headers)
        assert answer.status == 204, answer.body

    assert await _branches(called) == ["main"]


async def test_a_body_that_does_not_fit_is_refused_and_may_come_again(called: Assembled) -> None:
    """What is signed and wrong is said to be wrong; nothing is remembered of it."""
    for _ in range(2):
        body = b'{"branch": 5}'
        answer = await _post(
            called, "/hooks/forge", body, X_Hub_Signature_256="sha256=" + _hex(SECRET.replace(" ", "-"), body)
        )
        assert answer.status == 422
