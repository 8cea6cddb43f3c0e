"""People invite, join, decline, leave and are removed; one owner always stays."""

from __future__ import annotations

import asyncio
import json
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


async def let_end(service: Assembled) -> None:
    """Have the time of every invitation run out."""
    ended = "UPDATE team_invitation SET expires_at = '2020-01-01T00:00:00.000000Z'"
    await service.application.engine.database.write(ended)


async def me(service: Assembled, person: str) -> str:
    """The id of a person."""
    return str((await (await service.client(person)).get("/api/accounts/me")).json()["id"])


async def test_an_address_joins_with_its_account_only(service: Assembled) -> None:
    """The creator owns a row, and an invitation for an address works once and for its account alone."""
    where = await team(service)
    ann, bob = await service.client("ann"), await service.client("bob")
    before = await roles(service, "ann", where), await roles(service, "bob", where)
    hidden = await bob.get(f"/api/teams/{where}")
    token = await invited(service, "ann", where, email="BOB@Example.org", role="member")

    statuses = [await accept(service, name, token) for name in ("cid", "bob", "bob")]

    assert before == ({await me(service, "ann"): "owner"}, {})
    assert (hidden.status, (await service.visitor().get(f"/api/teams/{where}/members")).status) == (404, 401)
    assert statuses == [410, 201, 410]
    assert (await roles(service, "bob", where))[await me(service, "bob")] == "member"
    assert (await bob.get(f"/api/teams/{where}")).json()["name"] == "Herons"
    known, unknown = [
        await ann.post(f"/api/teams/{where}/invitations", json={"email": email, "role": "member"})
        for email in ("cid@example.org", "nobody@example.org")
    ]
    assert (known.status, unknown.status, known.json().keys()) == (201, 201, unknown.json().keys())


async def test_a_link_works_so_many_times(service: Assembled) -> None:
    """A link lets in as many people as it says, each once, also at once, and until it ends."""
    where, other = await team(service), await team(service)
    link = await invited(service, "ann", where, role="member", uses=2)
    single = await invited(service, "ann", other, role="member")
    for name in ("bob", "cid", "dan"):
        await service.client(name)

    statuses = [await accept(service, name, link) for name in ("bob", "bob", "cid", "dan")]
    at_once = await asyncio.gather(accept(service, "bob", single), accept(service, "cid", single))
    too_old = await invited(service, "ann", where, role="member")
    await let_end(service)

    assert (statuses, sorted(at_once)) == ([201, 409, 201, 410], [201, 410])
    assert (len(await roles(service, "cid", where)), len(await roles(service, "ann", other))) == (3, 2)
    assert await accept(service, "dan", too_old) == 410
    assert (await (await service.client("ann")).get(f"/api/teams/{where}/invitations")).json()["items"] == []


async def test_only_inviters_invite(service: Assembled) -> None:
    """Other members neither invite nor see invitations, only owners make owners, and nothing outlives its inviter."""
    where = await team(service)
    for name, role in (("bob", "member"), ("cid", "admin")):
        await accept(service, name, await invited(service, "ann", where, role=role))
    await invited(service, "ann", where, email="dan@example.org", role="member")
    token = await invited(service, "cid", where, role="admin")
    path = f"/api/teams/{where}/links"
    ann, bob, cid, dan = [await service.client(name) for name in ("ann", "bob", "cid", "dan")]

    statuses = [
        (await one.post(path, json=values)).status
        for one, values in (
            (bob, {"role": "member"}),
            (dan, {"role": "member"}),
            (cid, {"role": "owner"}),
            (ann, {"role": "member", "uses": 4}),
        )
    ]
    seen = [(await one.get(f"/api/teams/{where}/invitations")).json()["items"] for one in (bob, cid, dan)]
    removed = await ann.delete(f"/api/teams/{where}/members/{await me(service, 'cid')}")

    assert statuses == [403, 404, 403, 422]
    assert [len(items) for items in seen] == [0, 2, 0]
    assert seen[1][0]["email"] == "dan@example.org"
    assert all("digest" not in item for item in seen[1])
    assert (removed.status, await accept(service, "dan", token)) == (204, 410)


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
    """Members leave, are removed and change roles, but one owner always remains, even when two leave at once."""
    where, other = await team(service), await team(service)
    ann, bob = await service.client("ann"), await service.client("bob")
    her, his = await me(service, "ann"), await me(service, "bob")
    members = f"/api/teams/{where}/members"
    await accept(service, "bob", await invited(service, "ann", where, role="admin"))
    await accept(service, "bob", await invited(service, "ann", other, role="owner"))

    refused = [
        (await ann.delete(f"/api/teams/{where}/membership")).status,
        (await ann.delete(f"{members}/{her}")).status,
        (await ann.request("PUT", f"{members}/{her}/role", json={"role": "member"})).status,
    ]
    forbidden = [
        (await bob.request("PUT", f"{members}/{his}/role", json={"role": "owner"})).status,
        (await bob.delete(f"{members}/{her}")).status,
        (await bob.delete(f"{members}/{'n' * 22}")).status,
    ]
    raised = await ann.request("PUT", f"{members}/{his}/role", json={"role": "owner"})
    lowered = await ann.request("PUT", f"{members}/{her}/role", json={"role": "admin"})
    refused.append((await ann.delete(f"{members}/{his}")).status)
    left = await ann.delete(f"/api/teams/{where}/membership")
    at_once = await asyncio.gather(*(one.delete(f"/api/teams/{other}/membership") for one in (ann, bob)))

    assert (refused, forbidden) == ([409, 409, 409, 409], [403, 409, 404])
    assert (raised.status, lowered.status, left.status) == (200, 200, 204)
    assert (await roles(service, "bob", where), await roles(service, "ann", where)) == ({his: "owner"}, {})
    assert sorted(answer.status for answer in at_once) == [204, 409]


def test_a_mailed_invitation_is_not_shown(tmp_path: Path) -> None:
    """With mail the link goes to the address alone; every parameter has a default that fits."""
    mail = "{sender: t@example.org, host: localhost, templates: {team-invitation: {subject: Join, text: '{{link}}'}}}"
    document, _ = DOCUMENT.split("      invitations:\n")
    document = document.replace("entities:", f"  mail: {{use: std/mail@^1, config: {mail}}}\nentities:")

    dist = assemble(f"{document}      invitations: {{mail: true}}\n", tmp_path)

    operations = json.loads((dist / "openapi.json").read_bytes())["paths"]
    shown = [
        set(
            operations[f"/api/teams/{{id}}/{kind}"]["post"]["responses"]["201"]["content"]["application/json"][
                "schema"
            ]["properties"]
        )
        for kind in ("invitations", "links")
    ]
    assert shown == [{"id", "expires"}, {"id", "expires", "link"}]
