"""Signing in with a second factor, on both databases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_runtime.testing.client import Answer, Client
from archwright_std_totp import codes
from testing_support.assembled import PASSWORD, Assembled, assemble, people, started

NOTES = """
assembly: notes
version: 1.0.0
owner: team-notes
components:
  accounts:
    use: std/accounts@^1
    config:
      session: both
      second_factor: totp
      remember: 0s
      hashing: {passes: 1, memory: 8, lanes: 1}
  factor: {use: std/totp@^1, config: {issuer: Acme Notes, failures: 3}}
entities:
  Note:
    fields: {title: text(100)!}
    permissions:
      signed-in: {read: true}
    expose: /api/notes
"""
_PATH = "/api/second-factor"
_SIGN_IN = "/api/accounts/sign-in"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built once."""
    return assemble(NOTES, tmp_path_factory.mktemp("notes"))


@pytest.fixture
async def notes(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with two people and an administrator."""
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[], eve=["admin"]))) as service:
        yield service


@dataclass
class Phone:
    """An app with a secret, and what is written on the paper beside it."""

    secret: str
    recovery: list[str]
    first: int

    def next(self, steps: int = 0) -> str:
        """A code after the one with which the app was confirmed."""
        return codes.code(self.secret, self.first + 1 + steps)


async def _enrol(service: Assembled, person: str) -> Phone:
    client = await service.client(person)
    made = await client.post(_PATH, json={"current": PASSWORD})
    assert made.status == 201, made.body
    # The step before the present one is still taken, so that the present and the next are left for the test.
    step = int(datetime.now(UTC).timestamp()) // codes.STEP - 1
    secret = made.json()["secret"]
    confirmed = await client.post(f"{_PATH}/confirmation", json={"code": codes.code(secret, step)})
    if confirmed.status != 200:  # the clock went on meanwhile
        step += 1
        confirmed = await client.post(f"{_PATH}/confirmation", json={"code": codes.code(secret, step)})
    assert confirmed.status == 200, confirmed.body
    return Phone(secret, confirmed.json()["codes"], step)


def _text(answer: Answer) -> str:
    return answer.body.decode()


def _field(page: Answer, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', _text(page))
    assert found is not None
    return found[1]


async def _sign_in(service: Assembled, person: str, path: str = _SIGN_IN, **more: Any) -> Answer:
    body = {"email": f"{person}@example.org", "password": PASSWORD, **more}
    return await Client(service.application).post(path, json=body)


async def test_whoever_has_no_factor_signs_in_with_the_password(notes: Assembled) -> None:
    """A factor is asked of those who have one; a secret that nobody confirmed is none."""
    await (await notes.client("bob")).post(_PATH, json={"current": PASSWORD})

    assert [(await _sign_in(notes, person)).status for person in ("ann", "bob")] == [200, 200]


@pytest.mark.parametrize("path", [_SIGN_IN, "/api/accounts/tokens"])
async def test_the_password_alone_starts_no_session(notes: Assembled, path: str) -> None:
    """With a factor the right password needs a code, in browsers and for programs; a wrong one tells nothing."""
    phone = await _enrol(notes, "ann")

    alone = await _sign_in(notes, "ann", path)
    wrong = await _sign_in(notes, "ann", path, password="never was it", code=phone.next())
    right = await _sign_in(notes, "ann", path, code=phone.next())

    assert (alone.status, alone.json()["type"]) == (401, "/problems/code-needed")
    assert (wrong.status, wrong.json()["type"]) == (401, "/problems/wrong-credentials")
    assert "set-cookie" not in alone.headers and "token" not in alone.json()
    assert right.status in (200, 201)


async def test_a_code_works_once(notes: Assembled) -> None:
    """Whoever has watched a code being typed cannot use it again, nor one before it."""
    phone = await _enrol(notes, "ann")
    code = phone.next()

    first, again = await _sign_in(notes, "ann", code=code), await _sign_in(notes, "ann", code=code)
    earlier = await _sign_in(notes, "ann", code=phone.next(-1))

    assert (first.status, again.status, earlier.status) == (200, 401, 401)
    assert again.json()["type"] == "/problems/wrong-credentials"


async def test_a_recovery_code_works_once(notes: Assembled) -> None:
    """Each of ten different codes opens the account one time, however it is typed."""
    phone = await _enrol(notes, "ann")
    code = phone.recovery[0]

    first = await _sign_in(notes, "ann", code=code.upper().replace("-", " "))
    again, other = await _sign_in(notes, "ann", code=code), await _sign_in(notes, "ann", code=phone.recovery[1])

    assert len(set(phone.recovery)) == 10
    assert (first.status, again.status, other.status) == (200, 401, 200)


async def test_new_recovery_codes_void_those_before(notes: Assembled) -> None:
    """After ten new codes the old ones open nothing."""
    phone = await _enrol(notes, "ann")

    renewed = await (await notes.client("ann")).post(f"{_PATH}/recovery-codes", json={"code": phone.next()})
    old = await _sign_in(notes, "ann", code=phone.recovery[0])
    new = await _sign_in(notes, "ann", code=renewed.json()["codes"][0])

    assert (renewed.status, old.status, new.status) == (200, 401, 200)


async def test_guessing_is_stopped(notes: Assembled) -> None:
    """After the tolerated number of wrong codes even a right one has to wait, and the right password resets nothing."""
    phone = await _enrol(notes, "ann")

    guesses = [(await _sign_in(notes, "ann", code="no-code")).status for _ in range(3)]
    right = await _sign_in(notes, "ann", code=phone.next())

    assert guesses == [401, 401, 401]
    assert right.status == 429
    assert int(right.headers["retry-after"]) > 0


async def test_a_factor_is_removed_with_a_code(notes: Assembled) -> None:
    """An open session alone removes nothing; with a code the password is enough again."""
    phone, client = await _enrol(notes, "ann"), await notes.client("ann")

    wrong = await client.post(f"{_PATH}/removal", json={"code": "wrong"})
    still = await _sign_in(notes, "ann")
    right = await client.post(f"{_PATH}/removal", json={"code": phone.recovery[3]})

    assert (wrong.status, wrong.problems, still.status) == (422, {"/code": "wrong"}, 401)
    assert (right.status, (await _sign_in(notes, "ann")).status) == (204, 200)


async def test_setting_up_needs_the_password(notes: Assembled) -> None:
    """Whoever finds an open session cannot lock its owner out, nor replace a factor that counts."""
    client = await notes.client("bob")

    stranger = await client.post(_PATH, json={"current": "never was it"})
    await _enrol(notes, "bob")
    second = await client.post(_PATH, json={"current": PASSWORD})

    assert (stranger.status, stranger.problems) == (422, {"/current": "wrong"})
    assert second.status == 409


async def test_a_helper_removes_the_factor_of_others_only(notes: Assembled) -> None:
    """Somebody who has lost everything asks an administrator, who cannot remove their own factor that way."""
    await _enrol(notes, "ann")
    await _enrol(notes, "eve")
    ann, eve = [(await (await notes.client(one)).get("/api/accounts/me")).json()["id"] for one in ("ann", "eve")]
    admin, bob = await notes.client("eve"), await notes.client("bob")

    answers = [await client.delete(f"{_PATH}/people/{one}") for client, one in ((bob, ann), (admin, eve), (admin, ann))]

    assert [answer.status for answer in answers] == [403, 403, 204]
    assert (await _sign_in(notes, "ann")).status == 200


async def test_nobody_reads_a_secret_again(notes: Assembled) -> None:
    """One sees that there is a factor; neither its secret nor its codes are in any later answer."""
    phone = await _enrol(notes, "ann")

    shown = await (await notes.client("ann")).get(_PATH)

    assert shown.status == 200
    assert phone.secret not in _text(shown) and phone.recovery[0] not in _text(shown)
    assert (await (await notes.client("bob")).get(_PATH)).json()["items"] == []


async def test_the_pages_ask_for_the_code(notes: Assembled) -> None:
    """The form for signing in has a field for the code, and there is a page for setting up."""
    form = await notes.visitor().get("/sign-in", headers={"accept": "text/html"})
    page = await (await notes.client("ann")).get("/second-factor", headers={"accept": "text/html"})

    assert 'name="code"' in _text(form)
    assert (page.status, "Get a secret" in _text(page)) == (200, True)


async def test_the_page_shows_the_secret_and_the_recovery_codes_once(notes: Assembled) -> None:
    """People set a factor up without any program: what they need is shown, and not again."""
    client = await notes.client("bob")
    token = _field(await client.get("/second-factor"), "_token")

    made = _text(await client.submit("/second-factor", {"_token": token, "_part": "1", "current": PASSWORD}))
    secret = next(word for word in re.split(r"[^A-Z2-7]", made) if len(word) == 32)
    code = codes.code(secret, int(datetime.now(UTC).timestamp()) // codes.STEP)
    confirmed = _text(await client.submit("/second-factor", {"_token": token, "_part": "2", "code": code}))
    later = _text(await client.get("/second-factor"))

    shown = set(re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", confirmed))
    assert "otpauth" in made and len(shown) == 10
    assert secret not in later and not any(one in later for one in shown)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, expected: str) -> None:
    """The vectors of RFC 6238, appendix B, in six digits."""
    assert codes.code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds // codes.STEP) == expected


def test_a_clock_may_be_one_step_wrong() -> None:
    """Codes of the step before and after are taken, of two steps away not, and none that is not after the last."""
    key, now = codes.fresh_key(), datetime.fromtimestamp(3_000_000_000, UTC)
    present = 3_000_000_000 // codes.STEP

    found = [codes.matching_step(key, codes.code(key, present + away), now, 0) for away in (-2, -1, 0, 1, 2)]

    assert found == [None, present - 1, present, present + 1, None]
    assert codes.matching_step(key, codes.code(key, present), now, present) is None
