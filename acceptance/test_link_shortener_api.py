"""The job of the link shortener by HTTP, the same on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acceptance.services import Built, build_example
from archwright_runtime.application.seeding import read_seed
from archwright_runtime.testing.client import Client
from testing_support.assembled import Assembled, started

PASSWORDS = {"anna": "author-one-of-the-demo", "axel": "author-two-of-the-demo", "mara": "moderator-of-the-demo"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The link shortener."""
    return build_example("link-shortener", tmp_path_factory.mktemp("links"))


@pytest.fixture
async def links(built: Built, database: str) -> AsyncIterator[Assembled]:
    """The service with its demo."""
    assert built.demo is not None
    async with started(built.dist, database, seed=read_seed(built.demo), background=False) as service:
        yield service


async def _person(links: Assembled, name: str) -> Client:
    client = links.visitor()
    credentials = {"email": f"{name}@acme.test", "password": PASSWORDS[name]}
    assert (await client.post("/api/accounts/sign-in", json=credentials)).status == 200
    return client


async def _work(links: Assembled) -> None:
    work = links.application.engine.background
    while await work.outbox.round(work.deliver, datetime.now(UTC) + timedelta(seconds=1)):
        pass


async def _link(client: Client, code: str) -> dict[str, Any]:
    items = (await client.get("/api/links")).json()["items"]
    return next(one for one in items if one["code"] == code)


async def test_a_link_is_made_followed_and_counted(links: Assembled) -> None:
    """A short link leads on, and its author sees how often it did, by day and by place."""
    anna, visitor = await _person(links, "anna"), links.visitor()
    target = "https://shop.example/a/b?c=d&e=f#g"
    made = await anna.post("/api/links", json={"code": "new-one", "target": target})
    assert made.status == 201, made.body

    answers = [await visitor.get(f"/go/new-one{query}") for query in ("", "?from=mail", "?from=mail")]
    await _work(links)

    assert {(one.status, one.headers["location"]) for one in answers} == {(302, target)}
    path = f"/api/links/{made.json()['id']}/counts"
    places = {row["place"]: row["times"] for row in (await anna.get(f"{path}/by-place")).json()["items"]}
    days = (await anna.get(f"{path}/by-time")).json()["items"]
    assert places == {"": 1, "mail": 2}
    assert [row["times"] for row in days] == [3]


@pytest.mark.parametrize("code", ["unknown", "old", "spring%2F..", "x" * 41, "%00"])
async def test_a_code_that_leads_nowhere_is_not_found(links: Assembled, code: str) -> None:
    """Unknown and expired codes look the same, and nothing is counted."""
    answer = await links.visitor().get(f"/go/{code}")

    assert answer.status in (400, 404)
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "http://shop.example/",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://bank.example@evil.example/",
        "https://acme.test/go/other",
        "//evil.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "not an address",
    ],
)
async def test_a_target_that_deceives_is_refused(links: Assembled, target: str) -> None:
    """What a reader of the short link could not see coming is refused when the link is made."""
    anna = await _person(links, "anna")

    assert (await anna.post("/api/links", json={"code": "bad", "target": target})).status == 422
    assert (await links.visitor().get("/go/bad")).status == 404


async def test_a_blocked_link_leads_nowhere(links: Assembled) -> None:
    """A moderator blocks a link; its author can neither follow nor change it any more."""
    anna, mara = await _person(links, "anna"), await _person(links, "mara")
    link = await _link(mara, "spring")

    blocked = await mara.patch(f"/api/links/{link['id']}", json={"blocked": True})

    assert blocked.status == 200
    assert (await links.visitor().get("/go/spring")).status == 404
    changed = await anna.patch(f"/api/links/{link['id']}", json={"target": "https://other.example/"})
    assert changed.status in (403, 404)


async def test_authors_see_their_own_links(links: Assembled) -> None:
    """Neither links nor numbers of others are there."""
    axel, mara = await _person(links, "axel"), await _person(links, "mara")
    link = await _link(mara, "spring")

    assert [one["code"] for one in (await axel.get("/api/links")).json()["items"]] == ["axels"]
    assert (await axel.get(f"/api/links/{link['id']}")).status == 404
    assert (await axel.get(f"/api/links/{link['id']}/counts/by-place")).json()["items"] == []
    assert (await links.visitor().get("/api/links")).status == 401
    assert (await axel.post("/api/links", json={"code": "spring", "target": "https://x.example/"})).status == 409
