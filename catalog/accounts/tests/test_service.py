"""Accounts as people and programs meet them: a built service over HTTP, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from archwright_std_accounts.passwords import Hasher
from catalog.accounts.tests.serving import SETUP_CODE, Club, running

API = "/api/accounts"
ADA = {"email": "ada@example.org", "name": "Ada", "password": "seven quiet herons"}
BEN = {"email": "ben@example.org", "name": "Ben", "password": "eight louder herons"}
ROOT = {"code": SETUP_CODE, "email": "root@example.org", "name": "Root", "password": "nine watchful herons"}


async def _registered(club: Club, person: dict[str, str] = ADA) -> httpx.AsyncClient:
    browser = club.browser()
    answer = await browser.post(f"{API}/register", json=person)
    assert answer.status_code == 201, answer.text
    return browser


async def _administrator(club: Club) -> httpx.AsyncClient:
    browser = club.browser()
    answer = await browser.post(f"{API}/setup", json=ROOT)
    assert answer.status_code == 201, answer.text
    await _sign_in(browser, ROOT)
    return browser


async def _sign_in(browser: httpx.AsyncClient, person: dict[str, str]) -> httpx.Response:
    return await browser.post(f"{API}/sign-in", json={"email": person["email"], "password": person["password"]})


async def _status(browser: httpx.AsyncClient) -> int:
    return (await browser.get(f"{API}/me")).status_code


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Every verification of a hash; it is only counted, the real one runs."""
    counted: list[bool] = []
    verify = Hasher.verify

    async def counting(self: Hasher, kept: str | None, password: str) -> bool:
        counted.append(await verify(self, kept, password))
        return counted[-1]

    monkeypatch.setattr(Hasher, "verify", counting)
    return counted


async def test_who_registers_is_signed_in(club: Club) -> None:
    """The answer sets a cookie by which the caller is known, and shows no token."""
    browser = club.browser()

    registered = await browser.post(f"{API}/register", json=ADA)
    me = await browser.get(f"{API}/me")

    assert sorted(registered.json()) == ["expires", "user"]
    assert {name: me.json()[name] for name in ("email", "name", "roles")} == {
        "email": "ada@example.org", "name": "Ada", "roles": [],
    }  # fmt: skip
    assert "password" not in me.json()


async def test_the_cookie_cannot_be_read_by_scripts(club: Club) -> None:
    """The session cookie is HttpOnly and not sent along by other sites."""
    answer = await club.browser().post(f"{API}/register", json=ADA)

    cookie = answer.headers["set-cookie"]
    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie, "Max-Age=2592000" in cookie) == (True, True, True)


async def test_a_token_identifies_a_program(club: Club) -> None:
    """A bearer token works in the header, and nothing else does in its place."""
    await _registered(club)
    program = club.browser()

    made = await program.post(f"{API}/tokens", json={"email": ADA["email"], "password": ADA["password"]})
    token = made.json()["token"]

    assert (made.status_code, "set-cookie" in made.headers) == (201, False)
    headers = [f"Bearer {token}", f"bearer {token}", f"Token {token}", f"Bearer {token}x", "Bearer", token]
    statuses = [(await program.get(f"{API}/me", headers={"authorization": value})).status_code for value in headers]
    assert statuses == [200, 200, 401, 401, 401, 401]


async def test_a_wrong_password_and_an_unknown_address_look_the_same(club: Club, verifications: list[bool]) -> None:
    """Status, headers, body and work of a refused sign-in do not depend on whether the account exists."""
    await _registered(club)
    browser = club.browser()

    wrong = await _sign_in(browser, {**ADA, "password": "not this one at all"})
    unknown = await _sign_in(browser, BEN)

    assert wrong.status_code == unknown.status_code == 401
    assert _told(wrong) == _told(unknown)
    assert verifications == [False, False]


def _told(answer: httpx.Response) -> tuple[Any, ...]:
    changing = {"date", "x-request-id", "traceparent", "server-timing"}
    return _said(answer), sorted((name, value) for name, value in answer.headers.items() if name not in changing)


def _said(answer: httpx.Response) -> dict[str, Any]:
    """The body without the number of the request."""
    return {name: value for name, value in answer.json().items() if name != "request"}


async def test_a_lockout_says_nothing_about_the_account(club: Club, verifications: list[bool]) -> None:
    """After five failures both a known and an unknown address have to wait, and no hash is verified."""
    await _registered(club)
    answers = []
    for person in (ADA, BEN):
        browser = club.browser()
        for _ in range(5):
            await _sign_in(browser, {**person, "password": "not this one at all"})
        answers.append(await _sign_in(browser, person))

    assert [answer.status_code for answer in answers] == [429, 429]
    assert _said(answers[0]) == _said(answers[1])
    assert [0 < int(answer.headers["retry-after"]) <= 30 for answer in answers] == [True, True]
    assert len(verifications) == 10


async def test_guesses_sent_at_once_are_counted(club: Club) -> None:
    """Of twenty parallel guesses at most a handful are looked at; the account is blocked afterwards."""
    await _registered(club)
    browsers = [club.browser() for _ in range(20)]

    await asyncio.gather(*(_sign_in(browser, {**ADA, "password": "not this one at all"}) for browser in browsers))

    assert (await _sign_in(club.browser(), ADA)).status_code == 429


async def test_a_session_cannot_be_planted(club: Club) -> None:
    """A cookie that was there before the sign-in is never the session afterwards."""
    await _registered(club)
    victim = club.browser()
    victim.cookies.set("session", "x" * 43)

    await _sign_in(victim, ADA)

    assert victim.cookies.get("session", domain="127.0.0.1") != "x" * 43
    assert await _status(club.browser(cookie=f"session={'x' * 43}")) == 401


async def test_signing_in_again_ends_the_session_before(club: Club) -> None:
    """The token that a browser had is worth nothing after it signed in again."""
    browser = await _registered(club)
    before = browser.cookies["session"]

    await _sign_in(browser, ADA)

    assert await _status(browser) == 200
    assert await _status(club.browser(cookie=f"session={before}")) == 401


async def test_signing_out_ends_the_session(club: Club) -> None:
    """After signing out the token is not accepted, even where the browser kept it."""
    browser = await _registered(club)
    kept = browser.cookies["session"]

    answer = await browser.post(f"{API}/sign-out")

    assert (answer.status_code, "session" in browser.cookies) == (204, False)
    assert await _status(club.browser(cookie=f"session={kept}")) == 401


async def test_a_changed_password_ends_the_other_sessions(club: Club) -> None:
    """Who changed it goes on with a new token; everybody else is out."""
    browser = await _registered(club)
    other = club.browser()
    await _sign_in(other, ADA)

    wrong = await browser.post(f"{API}/password", json={"current": "not this one", "new": "eight louder herons"})
    changed = await browser.post(f"{API}/password", json={"current": ADA["password"], "new": "eight louder herons"})

    assert (wrong.status_code, changed.status_code) == (422, 200)
    assert wrong.json()["errors"][0]["pointer"] == "/current"
    assert (await _status(browser), await _status(other)) == (200, 401)


async def test_a_forgotten_password_is_reset_by_mail(club: Club) -> None:
    """The mailed link works once, ends every session, and the new password signs in."""
    before = await _registered(club)
    browser = club.browser()
    await browser.post(f"{API}/reset-requests", json={"email": "ADA@example.org"})
    token = await club.inbox.link()

    reset = await browser.post(f"{API}/reset", json={"token": token, "password": "eight louder herons"})
    again = await browser.post(f"{API}/reset", json={"token": token, "password": "nine louder herons"})

    assert (reset.status_code, again.status_code, await _status(before)) == (204, 410, 401)
    assert (await _sign_in(browser, {**ADA, "password": "eight louder herons"})).status_code == 200


async def test_asking_for_a_reset_says_nothing_about_the_account(club: Club) -> None:
    """Known and unknown addresses get the same empty answer; only the known one gets a mail."""
    await _registered(club)
    browser = club.browser()

    unknown = await browser.post(f"{API}/reset-requests", json={"email": "nobody@example.org"})
    known = await browser.post(f"{API}/reset-requests", json={"email": "ada@example.org"})

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, b"")
    await club.inbox.link()
    assert club.inbox.mails.empty()


async def test_the_same_address_has_one_account(club: Club) -> None:
    """The case of an address makes no difference, at registering and at signing in."""
    await _registered(club)
    browser = club.browser()

    spellings = ["ADA@EXAMPLE.org", "Ada@Example.Org", "ada@example.ORG"]
    taken = [(await browser.post(f"{API}/register", json={**ADA, "email": each})).status_code for each in spellings]
    entered = [(await _sign_in(browser, {**ADA, "email": each})).status_code for each in spellings]

    assert (taken, entered) == ([409] * 3, [200] * 3)


@pytest.mark.parametrize(
    "email", ["zoë@example.org", "zoe\u0308@example.org", "ada@exam\u200bple.org", "аda@example.org"]
)
async def test_an_address_that_looks_like_another_is_no_address(club: Club, email: str) -> None:
    """Letters outside ASCII are refused at registering and unknown at signing in."""
    await _registered(club)
    browser = club.browser()

    registered = await browser.post(f"{API}/register", json={**ADA, "email": email})
    entered = await _sign_in(browser, {**ADA, "email": email})

    assert (registered.status_code, entered.status_code) == (422, 401)


async def test_registering_the_same_address_at_once_makes_one_account(club: Club) -> None:
    """Of parallel registrations one wins and the others are told that the address is taken."""
    browsers = [club.browser() for _ in range(8)]

    answers = await asyncio.gather(*(browser.post(f"{API}/register", json=ADA) for browser in browsers))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


_HOSTILE: list[tuple[dict[str, Any], int]] = [
    ({"password": "x" * 100_000}, 413),
    ({"password": "x" * 10_000}, 422),
    ({"password": "short"}, 422),
    ({"password": "seven\u0000quiet herons"}, 422),
    ({"password": None}, 422),
    ({"password": ["a"]}, 422),
    ({"email": "not an address"}, 422),
    ({"email": "ada\u0000@example.org"}, 422),
    ({"email": "a" * 300 + "@example.org"}, 422),
    ({"name": ""}, 422),
    ({"name": "x" * 101}, 422),
    ({"roles": ["admin"]}, 422),
    ({"id": "x"}, 422),
]


async def test_hostile_registrations_are_refused(club: Club) -> None:
    """Sizes, NUL, wrong types and members that nobody asked for get a refusal and no account."""
    browser = club.browser()

    answers = [(await browser.post(f"{API}/register", json={**ADA, **change})).status_code for change, _ in _HOSTILE]

    assert answers == [status for _, status in _HOSTILE]
    assert (await _sign_in(browser, ADA)).status_code == 401


async def test_an_oversized_password_is_refused_without_work(club: Club, verifications: list[bool]) -> None:
    """Ten megabytes are refused, or cut off while they are being sent, and nothing is verified."""
    try:
        answer = await _sign_in(club.browser(), {**ADA, "password": "x" * 10_000_000})
    except (httpx.ReadError, httpx.WriteError):
        status = 413
    else:
        status = answer.status_code

    assert (status, verifications) == (413, [])


async def test_people_see_of_each_other_what_the_directory_says(club: Club) -> None:
    """A signed-in person changes their own name only, and cannot list people or make themselves administrator."""
    ada = await _registered(club)
    ben = await _registered(club, BEN)
    id_of_ben = (await ben.get(f"{API}/me")).json()["id"]

    renamed = await ada.patch(f"{API}/me", json={"name": "Ada L."})

    assert (renamed.status_code, renamed.json()["name"]) == (200, "Ada L.")
    assert (await ada.patch(f"{API}/me", json={"name": "A", "roles": ["admin"]})).status_code == 422
    assert (await ada.get(f"{API}/users")).status_code == 403
    assert (await ada.put(f"{API}/users/{id_of_ben}/roles", json={"roles": ["member"]})).status_code == 403
    assert (await club.browser().get(f"{API}/users")).status_code == 401


async def test_an_administrator_grants_roles(club: Club) -> None:
    """Roles of others are set and listed; one's own are not to be set."""
    root = await _administrator(club)
    ada = await _registered(club)
    mine, theirs = [(await client.get(f"{API}/me")).json()["id"] for client in (root, ada)]

    granted = await root.put(f"{API}/users/{theirs}/roles", json={"roles": ["member"]})
    own = await root.put(f"{API}/users/{mine}/roles", json={"roles": []})

    assert (granted.status_code, own.status_code) == (200, 404)
    assert (await ada.get(f"{API}/me")).json()["roles"] == ["member"]
    people = (await root.get(f"{API}/users")).json()["items"]
    assert {person["name"]: person["roles"] for person in people} == {"Ada": ["member"], "Root": ["admin"]}


async def test_a_deactivated_person_is_out(club: Club) -> None:
    """Open sessions end, signing in fails like a wrong password, and reactivating undoes it."""
    root = await _administrator(club)
    ada = await _registered(club)
    identity = (await ada.get(f"{API}/me")).json()["id"]

    assert (await root.post(f"{API}/users/{identity}/deactivation")).status_code == 200
    assert await _status(ada) == 401
    assert (await _sign_in(ada, ADA)).status_code == 401
    assert (await root.post(f"{API}/users/{identity}/reactivation")).status_code == 200
    assert (await _sign_in(ada, ADA)).status_code == 200


async def test_an_invited_person_chooses_a_password(club: Club) -> None:
    """The mailed link of an invitation opens an account with the roles that were given."""
    root = await _administrator(club)
    invitation = {"email": BEN["email"], "name": BEN["name"], "roles": ["member"]}

    invited = await root.post(f"{API}/invitations", json=invitation)
    token = await club.inbox.link()
    browser = club.browser()
    await browser.post(f"{API}/reset", json={"token": token, "password": BEN["password"]})
    await _sign_in(browser, BEN)

    assert invited.status_code == 201
    assert (await browser.get(f"{API}/me")).json()["roles"] == ["member"]


async def test_the_setup_code_works_once(club: Club) -> None:
    """The first holder becomes administrator; nobody does with the same or another code."""
    await _administrator(club)
    browser = club.browser()

    again = await browser.post(f"{API}/setup", json={**ROOT, "email": "second@example.org"})
    guessed = await browser.post(f"{API}/setup", json={**ROOT, "email": "third@example.org", "code": "guess"})

    assert (again.status_code, guessed.status_code) == (403, 403)


async def test_another_sites_page_cannot_act_for_a_person(club: Club) -> None:
    """A request that a foreign page made the browser send changes nothing."""
    browser = await _registered(club)

    answer = await browser.post(f"{API}/sign-out-everywhere", headers={"sec-fetch-site": "cross-site"})

    assert (answer.status_code, await _status(browser)) == (403, 200)


async def test_a_closed_service_has_no_way_to_register(assembled: Callable[..., Path], database: str) -> None:
    """Where registration is closed the route does not exist."""
    async with running(assembled(register="closed"), database) as club:
        assert (await club.browser().post(f"{API}/register", json=ADA)).status_code == 404


async def test_an_existing_contract_is_kept(assembled: Callable[..., Path], database: str) -> None:
    """Path, scheme and rules for passwords are settings."""
    rules = {"shortest": 1, "refuse_common": False, "refuse_personal": False}
    dist = assembled(session="bearer", scheme="Token", path="/api/auth", password=rules)
    async with running(dist, database) as club:
        browser = club.browser()

        made = await browser.post("/api/auth/register", json={**ADA, "password": "ada"})
        me = await browser.get("/api/auth/me", headers={"authorization": f"Token {made.json()['token']}"})

        assert (made.status_code, me.status_code, "set-cookie" in made.headers) == (201, 200, False)
