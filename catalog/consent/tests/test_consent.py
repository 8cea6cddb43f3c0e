"""People agree and take it back; what counts is what they said last, and everything is kept, on both databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

PAGE = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of the component's own page, with hashes that cost nothing."""
    example = re.findall(r"^```yaml\n(assembly:.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)[0]
    cheap = re.sub(r"accounts: \{use: .*", f"accounts: {ACCOUNTS}", example)
    return assemble(cheap, tmp_path_factory.mktemp("campaign"))


@pytest.fixture
async def campaign(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with two customers, somebody who calls them, and an officer."""
    seed = Seed(people=people(ann=[], bob=[], cal=["caller-agent"], off=["consent-officer"]))
    async with started(dist, database, seed=seed) as service:
        yield service


async def _answer(service: Assembled, person: str, purpose: str, given: bool) -> int:
    client = await service.client(person)
    return (await client.post("/api/consents", json={"purpose": purpose, "given": given})).status


async def test_only_who_agreed_is_called(campaign: Assembled) -> None:
    """A number shows while its owner agrees to this purpose, and not before or after."""
    ann, agent = await campaign.client("ann"), await campaign.client("cal")
    await ann.post("/api/numbers", json={"phone": "+44 20 7946 0958"})

    seen = []
    for purpose, given in (("newsletter", True), ("phone", True), ("phone", False)):
        await _answer(campaign, "ann", purpose, given)
        seen.append(len((await agent.get("/api/numbers")).json()["items"]))

    assert seen == [0, 1, 0]


async def test_the_last_answer_counts_and_all_are_kept(campaign: Assembled) -> None:
    """There is one consent for each purpose, and every answer with the version of its text."""
    for given in (True, False, True):
        assert await _answer(campaign, "ann", "phone", given) == 201
    ann = await campaign.client("ann")

    consents = (await ann.get("/api/consents")).json()["items"]
    answers = (await ann.get("/api/consents/answers?sort=created_at")).json()["items"]

    assert [(one["given"], one["text"]) for one in consents] == [(True, "1")]
    assert [one["given"] for one in answers] == [True, False, True]


async def test_an_answer_is_ones_own(campaign: Assembled) -> None:
    """Others see nothing of it, the officer sees all, and nobody changes or removes an answer."""
    await _answer(campaign, "ann", "phone", True)
    id = (await (await campaign.client("ann")).get("/api/consents")).json()["items"][0]["id"]
    bob, officer = await campaign.client("bob"), await campaign.client("off")

    assert (await bob.get(f"/api/consents/{id}")).status == 404
    assert len((await officer.get("/api/consents")).json()["items"]) == 1
    assert (await officer.patch(f"/api/consents/{id}", json={"given": False})).status in (403, 405)
    assert (await officer.delete(f"/api/consents/{id}")).status in (403, 405)


@pytest.mark.parametrize(
    "body", [{"purpose": "sale", "given": True}, {"purpose": "phone"}, {"purpose": "phone", "given": "yes"}]
)
async def test_what_nobody_asked_is_no_answer(campaign: Assembled, body: dict[str, object]) -> None:
    """Another purpose, no choice and a choice that is none are refused."""
    ann = await campaign.client("ann")

    assert (await ann.post("/api/consents", json=body)).status == 422
    assert await _answer_of_nobody(campaign) == 401


async def _answer_of_nobody(service: Assembled) -> int:
    return (await service.visitor().post("/api/consents", json={"purpose": "phone", "given": True})).status
