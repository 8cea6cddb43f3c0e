"""People invite, join, decline, leave and are removed; one owner always stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: teams
version: 1.0.0
owner: team-teams
components:
  accounts: ACCOUNTS
  invitations: std/invitations@^1
entities:
  Team:
    title: name
    fields: {name: text(100)!}
    permissions:
      signed-in: {create: {fields: [name]}}
      team-member: {read: {fields: [id, name]}}
      team-owner: {update: {fields: [name]}, delete: true}
    expose: /api/teams
    traits:
      invitations:
        roles: [owner, admin, member]
        by: m.role in ['owner', 'admin']
        uses: 3
        link: "https://teams.example.org/join?token="
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("invitations"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    seed = Seed(people=people(ann=[], bob=[], cid=[], dan=[]))
    async with started(dist, database, seed=seed) as running:
        yield running


async def team(service: Assembled) -> str:
    """A team that Ann creates; its id."""
    answer = await (await service.client("ann")).post("/api/teams", json={"name": "Herons"})
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def invited(service: Assembled, person: str, where: str, **values: Any) -> str:
    """The token of an invitation for an address, or of a link."""
    kind = "invitations" if "email" in values else "links"
    answer = await (await service.client(person)).post(f"/api/teams/{where}/{kind}", json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["link"]).removeprefix("https://teams.example.org/join?token=")


async def accept(service: Assembled, person: str, token: str) -> int:
    """The status with which somebody joins by a token."""
    client = await service.client(person)
    return (await client.post("/api/teams-invitations/acceptance", json={"token": token})).status


async def roles(service: Assembled, person: str, where: str) -> dict[str, str]:
    """The roles of the members that somebody sees, by person."""
    answer = await (await service.client(person)).get(f"/api/teams/{where}/members")
    return {one["person"]: one["role"] for one in answer.json()["items"]}


async def me(service: Assembled, person: str) -> str:
    """The id of a person."""
    return str((await (await service.client(person)).get("/api/accounts/me")).json()["id"])


async def test_whoever_creates_a_row_owns_it(service: Assembled) -> None:
    """The creator is the first owner, and nobody else sees the row or its members."""
    where = await team(service)
    bob = await service.client("bob")

    assert await roles(service, "ann", where) == {await me(service, "ann"): "owner"}
    assert await roles(service, "bob", where) == {}
    assert (await bob.get(f"/api/teams/{where}")).status == 404
    assert (await service.visitor().get(f"/api/teams/{where}/members")).status == 401


async def test_an_address_joins_with_its_account_only(service: Assembled) -> None:
    """An invitation for an address, however it is written, works once and for its account alone."""
    where = await team(service)
    token = await invited(service, "ann", where, email="BOB@Example.org", role="member")

    stranger = await accept(service, "cid", token)
    joined = await accept(service, "bob", token)

    assert (stranger, joined) == (410, 201)
    assert (await roles(service, "bob", where))[await me(service, "bob")] == "member"
    assert (await (await service.client("bob")).get(f"/api/teams/{where}")).json()["name"] == "Herons"
    assert await accept(service, "bob", token) == 410


async def test_no_invitation_tells_of_accounts(service: Assembled) -> None:
    """An address with an account and one without are answered alike."""
    where = await team(service)
    ann = await service.client("ann")

    known, unknown = [
        await ann.post(f"/api/teams/{where}/invitations", json={"email": email, "role": "member"})
        for email in ("bob@example.org", "nobody@example.org")
    ]

    assert (known.status, unknown.status) == (201, 201)
    assert known.json().keys() == unknown.json().keys()


async def test_a_link_works_so_many_times(service: Assembled) -> None:
    """A link lets as many people in as it says, each once."""
    where = await team(service)
    token = await invited(service, "ann", where, role="member", uses=2)

    statuses = [await accept(service, name, token) for name in ("bob", "bob", "cid", "dan")]

    assert statuses == [201, 409, 201, 410]
    assert len(await roles(service, "cid", where)) == 3


async def test_two_who_accept_at_once(service: Assembled) -> None:
    """Of two people who use one link at once, one joins."""
    where = await team(service)
    token = await invited(service, "ann", where, role="member")
    for name in ("bob", "cid"):
        await service.client(name)

    statuses = await asyncio.gather(accept(service, "bob", token), accept(service, "cid", token))

    assert sorted(statuses) == [201, 410]
    assert len(await roles(service, "ann", where)) == 2


async def test_only_inviters_invite(service: Assembled) -> None:
    """Members without that right neither invite nor see invitations, and only owners make owners."""
    where = await team(service)
    for name, role in (("bob", "member"), ("cid", "admin")):
        await accept(service, name, await invited(service, "ann", where, role=role))
    await invited(service, "ann", where, email="dan@example.org", role="member")
    path = f"/api/teams/{where}/links"
    bob, cid, dan = [await service.client(name) for name in ("bob", "cid", "dan")]

    statuses = [
        (await one.post(path, json={"role": role})).status
        for one, role in ((bob, "member"), (dan, "member"), (cid, "owner"), (cid, "admin"))
    ]

    assert statuses == [403, 404, 403, 201]
    seen = [(await one.get(f"/api/teams/{where}/invitations")).json()["items"] for one in (bob, cid, dan)]
    assert [len(items) for items in seen] == [0, 2, 0]
    assert seen[1][0]["email"] == "dan@example.org"
    assert all("digest" not in item for item in seen[1])


async def test_an_invitation_is_worth_what_its_inviter_may(service: Assembled) -> None:
    """An invitation ends with the right of whoever made it."""
    where = await team(service)
    await accept(service, "cid", await invited(service, "ann", where, role="admin"))
    token = await invited(service, "cid", where, role="admin")
    ann = await service.client("ann")

    assert (await ann.delete(f"/api/teams/{where}/members/{await me(service, 'cid')}")).status == 204

    assert await accept(service, "dan", token) == 410


async def test_invitations_are_revoked_and_declined(service: Assembled) -> None:
    """Inviters take invitations back, and the one whose address it is declines; afterwards they are gone."""
    where = await team(service)
    ann, bob, cid = [await service.client(name) for name in ("ann", "bob", "cid")]
    declined = await invited(service, "ann", where, email="bob@example.org", role="member")
    link = await invited(service, "ann", where, role="member", uses=3)
    refusal = "/api/teams-invitations/refusal"

    statuses = [
        (await one.post(refusal, json={"token": token})).status
        for one, token in ((cid, declined), (bob, link), (bob, declined), (bob, declined), (bob, "x"))
    ]
    [left] = (await ann.get(f"/api/teams/{where}/invitations")).json()["items"]
    revoked = [(await one.delete(f"/api/teams-invitations/{left['id']}")).status for one in (bob, ann)]

    assert statuses == [410, 410, 204, 410, 410]
    assert revoked == [404, 204]
    assert await accept(service, "cid", link) == 410


async def test_the_last_owner_stays(service: Assembled) -> None:
    """Members leave and are removed, and change roles, but one owner always remains."""
    where = await team(service)
    ann, bob = await service.client("ann"), await service.client("bob")
    her, his = await me(service, "ann"), await me(service, "bob")
    members = f"/api/teams/{where}/members"
    await accept(service, "bob", await invited(service, "ann", where, role="member"))

    refused = [
        (await ann.delete(f"/api/teams/{where}/membership")).status,
        (await ann.delete(f"{members}/{her}")).status,
        (await ann.put(f"{members}/{her}/role", json={"role": "member"})).status,
    ]
    forbidden = [
        (await bob.delete(f"{members}/{her}")).status,
        (await bob.put(f"{members}/{his}/role", json={"role": "owner"})).status,
    ]
    raised = await ann.put(f"{members}/{his}/role", json={"role": "owner"})
    left = await ann.delete(f"/api/teams/{where}/membership")

    assert refused == [409, 409, 409]
    assert all(status in (403, 409) for status in forbidden)
    assert (raised.status, left.status) == (200, 204)
    assert await roles(service, "bob", where) == {his: "owner"}
    assert await roles(service, "ann", where) == {}


async def test_two_owners_who_leave_at_once(service: Assembled) -> None:
    """Of two owners who leave at once, one stays."""
    where = await team(service)
    await accept(service, "bob", await invited(service, "ann", where, role="owner"))
    ann, bob = await service.client("ann"), await service.client("bob")

    answers = await asyncio.gather(*(one.delete(f"/api/teams/{where}/membership") for one in (ann, bob)))

    assert sorted(answer.status for answer in answers) == [204, 409]
