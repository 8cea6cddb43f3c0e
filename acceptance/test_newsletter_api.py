"""The job of the newsletter, with a real mail server, the same on both databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acceptance.services import Built, build_example
from archwright_runtime.application.seeding import read_seed
from archwright_runtime.testing.client import Client
from testing_support.assembled import Assembled, started
from testing_support.servers import Mailbox, mailbox

WEEKLY = "The Weekly"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The newsletter."""
    return build_example("newsletter", tmp_path_factory.mktemp("newsletter"))


@pytest.fixture
async def post() -> AsyncIterator[Mailbox]:
    """A mail server that knows everybody but one."""
    async with mailbox() as box:
        box.refuses.add("gone@reader.test")
        yield box


@pytest.fixture
async def newsletter(built: Built, post: Mailbox, database: str) -> AsyncIterator[Assembled]:
    """The service with its demo."""
    assert built.demo is not None
    settings = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(post.port)}
    async with started(
        built.dist, database, seed=read_seed(built.demo), settings=settings, background=False
    ) as service:
        yield service


async def _editor(newsletter: Assembled) -> Client:
    client = newsletter.visitor()
    credentials = {"email": "edda@acme.test", "password": "editor-of-the-demo"}
    assert (await client.post("/api/accounts/sign-in", json=credentials)).status == 200
    return client


async def _work(newsletter: Assembled) -> None:
    """Deliver until nothing is left."""
    work = newsletter.application.engine.background
    while await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(seconds=1)):
        pass


async def _list(newsletter: Assembled) -> str:
    items = (await newsletter.visitor().get("/api/lists")).json()["items"]
    return next(str(one["id"]) for one in items if one["name"] == WEEKLY)


async def _join(newsletter: Assembled, email: str) -> None:
    answer = await newsletter.visitor().post(f"/api/lists/{await _list(newsletter)}/subscribers", json={"email": email})
    assert answer.status == 202, answer.body
    await _work(newsletter)


async def _confirm(newsletter: Assembled, post: Mailbox, email: str) -> None:
    link = re.search(r"/confirm\?token=(\w+)", post.to(email)[-1].get_payload())
    assert link is not None
    assert (await newsletter.visitor().post("/api/confirmations", json={"token": link[1]})).status == 204


async def _send(newsletter: Assembled) -> list[int]:
    edda = await _editor(newsletter)
    issue = next(one for one in (await edda.get("/api/issues")).json()["items"] if one["status"] == "draft")
    statuses = [(await edda.post(f"/api/issues/{issue['id']}/sending", json={})).status for _ in range(2)]
    await _work(newsletter)
    return statuses


async def _status(newsletter: Assembled, email: str) -> Any:
    items = (await (await _editor(newsletter)).get("/api/subscribers")).json()["items"]
    return next((one["status"] for one in items if one["email"] == email), None)


async def test_a_reader_joins_confirms_reads_and_leaves(newsletter: Assembled, post: Mailbox) -> None:
    """The whole way of a subscription: nothing but one mail before it is confirmed, and nothing after it has ended."""
    await _join(newsletter, "mia@reader.test")
    pending = await _status(newsletter, "mia@reader.test")
    await _confirm(newsletter, post, "mia@reader.test")
    assert await _send(newsletter) == [200, 409]

    issue = post.to("mia@reader.test")[-1]
    leave = re.fullmatch(r"<https://news\.acme\.test(/api/subscribers/\w+/leaving)>", issue["List-Unsubscribe"])
    assert leave is not None
    clicked = await newsletter.visitor().submit(leave[1], {"List-Unsubscribe": "One-Click"})

    assert pending == "pending"
    assert issue["Subject"] == "Number 1: hello" and issue["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert clicked.status == 204 and await _status(newsletter, "mia@reader.test") == "left"


async def test_only_who_confirmed_gets_an_issue(newsletter: Assembled, post: Mailbox) -> None:
    """Who did not confirm, or has left, gets no issue."""
    await _join(newsletter, "nora@reader.test")

    await _send(newsletter)

    assert [mail["Subject"] for mail in post.to("nora@reader.test")] == [f"Please confirm: {WEEKLY}"]
    assert post.to("otto@reader.test") == []
    assert [mail["Subject"] for mail in post.to("rosa@reader.test")] == ["Number 1: hello"]


async def test_asking_twice_sends_one_mail_and_tells_nothing(newsletter: Assembled, post: Mailbox) -> None:
    """However often an address is given, its owner gets one mail, and the answer is the same as for a new one."""
    for _ in range(3):
        await _join(newsletter, "mia@reader.test")
    await _join(newsletter, "rosa@reader.test")

    assert len(post.to("mia@reader.test")) == 1 and post.to("rosa@reader.test") == []
    assert await _status(newsletter, "rosa@reader.test") == "confirmed"


async def test_an_address_that_nobody_has_is_remembered(newsletter: Assembled, post: Mailbox) -> None:
    """What the mail server refuses for good is tried once and marked as bounced."""
    await _join(newsletter, "gone@reader.test")

    assert await _status(newsletter, "gone@reader.test") == "bounced"
    letters = (await (await _editor(newsletter)).get("/api/queues/dead")).json()["letters"]
    assert letters == []


async def test_readers_see_lists_and_nothing_else(newsletter: Assembled) -> None:
    """Visitors neither see who reads what, nor drafts, nor queues."""
    visitor = newsletter.visitor()

    assert len((await visitor.get("/api/lists")).json()["items"]) == 2
    for path in ("/api/subscribers", "/api/issues", "/api/queues"):
        assert (await visitor.get(path)).status == 401
