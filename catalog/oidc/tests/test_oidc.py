"""Signing in at an identity provider, on both databases, and what attackers try."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from archwright.bootstrap import check
from archwright.registry.stores.directory import index
from archwright_runtime.application.application import Application
from archwright_runtime.application.seeding import Seed
from archwright_runtime.application.settings import Deployment
from archwright_runtime.testing.client import Answer, Client
from catalog.oidc.tests.identity_provider import CLIENT, SECRET, Claims, IdentityProvider
from testing_support.assembled import ACCOUNTS, CATALOG, PASSWORD, SERVICE_KEY, Assembled, assemble, people, started
from testing_support.servers import peer

NOTES = f"""
assembly: notes
version: 1.0.0
owner: team-notes
settings: {{issuer: {{type: text(200), default: "http://127.0.0.1:1"}}}}
components:
  accounts: {ACCOUNTS}
  sso:
    use: std/oidc@^1
    config:
      issuer: "${{settings.issuer}}"
      client: {CLIENT}
      hosts: ["http://127.0.0.1:*"]
      address: http://service.test
      match: MATCH
      provision: PROVISION
roles: {{boss: {{}}}}
entities:
  Note:
    fields: {{title: text(100)!}}
    permissions:
      signed-in: {{read: true}}
    expose: /api/notes
"""
_KEY = RSAKey.generate_key(2048, {"kid": "first"})
_LOOPBACK = (ip_network("127.0.0.0/8"),)
_ANN = {"sub": "ann-1", "email": "ann@example.org", "email_verified": True, "name": "Ann"}
_NEW = {"sub": "new-1", "email": "new@example.org", "email_verified": True, "name": "Nia New"}


def _assembled(folder: Path, *, match: bool, provision: bool) -> Path:
    document = NOTES.replace("MATCH", str(match).lower()).replace("PROVISION", str(provision).lower())
    return assemble(document, folder)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that takes everybody with a verified address, built once."""
    return _assembled(tmp_path_factory.mktemp("open"), match=True, provision=True)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service that takes nobody whom it does not know."""
    return _assembled(tmp_path_factory.mktemp("strict"), match=False, provision=False)


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    """The identity provider."""
    made = IdentityProvider(key=_KEY)
    async with peer(made.answer) as other:
        made.origin = other.origin
        yield made


@pytest.fixture
async def notes(dist: Path, provider: IdentityProvider, database: str) -> AsyncIterator[Assembled]:
    """The service with two people and an administrator."""
    async with _running(dist, provider, database) as service:
        yield service


def _running(dist: Path, provider: IdentityProvider, database: str) -> Any:
    return started(
        dist,
        database,
        seed=Seed(people=people(ann=[], bob=[], eve=["admin"])),
        settings={"ISSUER": provider.origin},
        secrets={"SSO_CLIENT_SECRET": SECRET},
        private=_LOOPBACK,
        background=False,
    )


async def _begun(browser: Client, to: str = "/") -> str:
    answer = await browser.get(f"/api/oidc/sign-in?{urlencode({'to': to})}")
    assert answer.status == 302, answer.body
    return answer.headers["location"]


async def _back(browser: Client, brought: dict[str, str]) -> Answer:
    return await browser.get(f"/api/oidc/callback?{urlencode(brought)}", headers={"sec-fetch-site": "cross-site"})


async def _signed_in(service: Assembled, provider: IdentityProvider, **person: Any) -> tuple[Client, Answer]:
    browser = service.visitor()
    return browser, await _back(browser, provider.visit(await _begun(browser), **person))


def _problem(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["type"].removeprefix("/problems/")


async def _me(browser: Client) -> dict[str, Any]:
    answer = await browser.get("/api/accounts/me")
    return answer.json() if answer.status == 200 else {}


async def test_somebody_new_gets_an_account_and_a_session(notes: Assembled, provider: IdentityProvider) -> None:
    """Whoever comes with a verified address has an account from then on, the same at every sign-in."""
    first, answer = await _signed_in(notes, provider, **_NEW)
    second, _ = await _signed_in(notes, provider, **{**_NEW, "email": "other@example.org"})

    one, again = await _me(first), await _me(second)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert (one["email"], one["name"]) == ("new@example.org", "Nia New")
    assert again["id"] == one["id"]
    assert first.cookies.keys() == {"session"}


async def test_one_returns_to_where_one_wanted_to_go(notes: Assembled, provider: IdentityProvider) -> None:
    """The path that was asked for is where the browser goes in the end; more that a provider says is ignored."""
    browser = notes.visitor()
    brought = provider.visit(await _begun(browser, "/notes?sort=title"), **_NEW)

    answer = await _back(browser, {**brought, "iss": provider.origin, "session_state": "x", "scope": "openid"})

    assert (answer.status, answer.headers["location"]) == (303, "/notes?sort=title")


_ELSEWHERE = ("//evil.test", "/\\evil.test", "https://evil.test", "evil.test", "/\t/evil.test", "javascript:x", "/a\\b")


async def test_nobody_is_led_elsewhere(notes: Assembled) -> None:
    """Only a path of the service itself is a place to return to."""
    visitor = notes.visitor()

    answers = [await visitor.get(f"/api/oidc/sign-in?{urlencode({'to': to})}") for to in _ELSEWHERE]

    assert [answer.status for answer in answers] == [422] * len(_ELSEWHERE)
    assert visitor.cookies == {}


async def test_an_address_finds_its_account(notes: Assembled, provider: IdentityProvider) -> None:
    """With a verified address one gets the account that has it; its password and its sessions end."""
    before = await notes.client("ann")
    known = await _me(before)

    browser, answer = await _signed_in(notes, provider, **{**_ANN, "email": "Ann@Example.org"})
    password = {"email": "ann@example.org", "password": PASSWORD}

    assert (answer.status, (await _me(browser))["id"]) == (303, known["id"])
    assert await _me(before) == {}
    assert (await notes.visitor().post("/api/accounts/sign-in", json=password)).status == 401


async def test_an_address_that_changed_hands_opens_nothing(notes: Assembled, provider: IdentityProvider) -> None:
    """Somebody else of the provider with the same address does not get the account that is linked already."""
    await _signed_in(notes, provider, **_ANN)

    browser, answer = await _signed_in(notes, provider, **{**_ANN, "sub": "ann-2"})

    assert _problem(answer) == (403, "unknown-person")
    assert await _me(browser) == {}


async def test_an_unverified_address_counts_as_none(notes: Assembled, provider: IdentityProvider) -> None:
    """What the provider has not verified finds no account and makes none."""
    for person, verified in product((_ANN, _NEW), (False, None, "true", 1)):
        browser, answer = await _signed_in(notes, provider, **{**person, "email_verified": verified})

        assert _problem(answer) == (403, "unknown-person")
        assert await _me(browser) == {}


async def test_strangers_stay_outside(strict: Path, provider: IdentityProvider, database: str) -> None:
    """Where neither is configured, an address finds no account and makes none, verified or not."""
    async with _running(strict, provider, database) as service:
        answers = [(await _signed_in(service, provider, **person))[1] for person in (_ANN, _NEW)]

    assert [_problem(answer) for answer in answers] == [(403, "unknown-person")] * 2


async def test_a_deactivated_account_stays_closed(notes: Assembled, provider: IdentityProvider) -> None:
    """Whom an administrator has deactivated is not let in by the provider, linked or by address."""
    eve = await notes.client("eve")
    linked, _ = await _signed_in(notes, provider, **_ANN)
    bob = (await _me(await notes.client("bob")))["id"]
    for person in ((await _me(linked))["id"], bob):
        assert (await eve.post(f"/api/accounts/users/{person}/deactivation")).status == 200

    _, again = await _signed_in(notes, provider, **_ANN)
    _, other = await _signed_in(notes, provider, **{**_ANN, "sub": "bob-1", "email": "bob@example.org"})

    assert _problem(again) == (403, "wrong-credentials")
    assert _problem(other) == (403, "unknown-person")


async def test_a_wrong_state_ends_nothing(notes: Assembled, provider: IdentityProvider) -> None:
    """With no state, or another one, the provider is not even asked."""
    browser = notes.visitor()
    code = provider.visit(await _begun(browser), **_NEW)["code"]

    states: tuple[dict[str, str], ...] = ({"state": "x" * 43}, {"state": ""}, {})
    answers = [await _back(browser, {"code": code, **state}) for state in states]

    assert [_problem(answer) for answer in answers] == [(400, "not-begun")] * 3
    assert "/token" not in provider.heard


async def test_the_state_of_another_browser_is_none(notes: Assembled, provider: IdentityProvider) -> None:
    """Nobody is signed in as somebody else by following a link: not without a sign-in, nor during their own."""
    attacker, victim, bystander = notes.visitor(), notes.visitor(), notes.visitor()
    brought = provider.visit(await _begun(attacker), **_NEW)
    await _begun(victim)

    answers = [await _back(victim, brought), await _back(bystander, brought)]

    assert [_problem(answer) for answer in answers] == [(400, "not-begun")] * 2
    assert "/token" not in provider.heard


async def test_a_sign_in_ends_once(notes: Assembled, provider: IdentityProvider) -> None:
    """Neither the same answer nor a fresh code with the same state ends a sign-in a second time."""
    browser = notes.visitor()
    location = await _begun(browser)
    kept = dict(browser.cookies)
    brought = provider.visit(location, **_NEW)
    assert (await _back(browser, brought)).status == 303

    replayed, fresh = notes.visitor(), notes.visitor()
    replayed.cookies, fresh.cookies = dict(kept), dict(kept)
    answers = [await _back(replayed, brought), await _back(fresh, provider.visit(location, **_NEW))]

    assert [_problem(answer) for answer in answers] == [(403, "not-proved"), (400, "not-begun")]


async def test_of_two_at_once_one_ends_it(notes: Assembled, provider: IdentityProvider) -> None:
    """Two codes of one sign-in that come at the same moment give one session."""
    browsers = [notes.visitor(), notes.visitor()]
    location = await _begun(browsers[0])
    browsers[1].cookies = dict(browsers[0].cookies)
    brought = [provider.visit(location, **_NEW) for _ in browsers]

    answers = await asyncio.gather(*(_back(one, it) for one, it in zip(browsers, brought, strict=True)))

    assert sorted(answer.status for answer in answers) == [303, 400]


async def test_a_code_of_another_sign_in_is_none(notes: Assembled, provider: IdentityProvider) -> None:
    """A stolen code is worth nothing in another browser: the verifier is not the one that was promised."""
    victim, thief = notes.visitor(), notes.visitor()
    stolen = provider.visit(await _begun(victim), **_ANN)
    own = provider.visit(await _begun(thief), **_NEW)

    answer = await _back(thief, {**own, "code": stolen["code"]})

    assert _problem(answer) == (403, "not-proved")


async def test_a_refusal_of_the_provider_is_one(notes: Assembled, provider: IdentityProvider) -> None:
    """Without a code, or from another issuer, nobody is signed in."""
    browser = notes.visitor()
    brought = provider.visit(await _begun(browser), **_NEW)

    denied = await _back(browser, {"state": brought["state"], "error": "access_denied"})
    mixed = await _back(browser, {**brought, "iss": "https://other.test"})

    assert [_problem(answer) for answer in (denied, mixed)] == [(403, "not-proved")] * 2


_WRONG: tuple[Claims, ...] = (
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "somebody"},
    {"aud": [CLIENT, "somebody"]},
    {"aud": None},
    {"azp": "somebody"},
    {"iss": "https://other.test"},
    {"exp": 1},
    {"exp": None},
    {"exp": "9999999999"},
    {"iat": 1},
    {"iat": 99999999999},
    {"iat": True},
    {"nbf": 99999999999},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"sub": "a\x00b"},
)


async def test_a_token_for_anything_else_is_none(notes: Assembled, provider: IdentityProvider) -> None:
    """Everything that a token says about whom and what it is for has to be right, although its signature is."""
    accepted = []
    for change in _WRONG:
        provider.forge = lambda claims, change=change: {  # type: ignore[misc]
            name: value for name, value in {**claims, **change}.items() if value is not None
        }
        browser, answer = await _signed_in(notes, provider, **_NEW)
        if _problem(answer) != (403, "not-proved") or await _me(browser):
            accepted.append(change)

    assert accepted == []


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _by_hand(header: Claims, claims: Claims, sign: Callable[[bytes], bytes]) -> str:
    signed = f"{_text(json.dumps(header).encode())}.{_text(json.dumps(claims).encode())}"
    return f"{signed}.{_text(sign(signed.encode()))}"


async def test_a_token_without_a_signature_is_none(notes: Assembled, provider: IdentityProvider) -> None:
    """However it spells that it needs none."""
    for algorithm in ("none", "None", "NONE", ""):
        header = {"alg": algorithm, "kid": "first"}
        provider.sign = lambda claims, header=header: _by_hand(header, claims, lambda text: b"")  # type: ignore[misc]

        _, answer = await _signed_in(notes, provider, **_NEW)

        assert _problem(answer) == (403, "not-proved")


async def test_the_public_key_is_no_shared_secret(notes: Assembled, provider: IdentityProvider) -> None:
    """A token that is signed with HS256 and the published key, in either form, or the client's secret, is none."""
    public = [provider.key.as_pem(private=False), provider.key.as_der(private=False), SECRET.encode()]
    for key in public:
        mac = lambda text, key=key: hmac.digest(key, text, hashlib.sha256)  # noqa: E731
        provider.sign = lambda claims, mac=mac: _by_hand({"alg": "HS256", "kid": "first"}, claims, mac)

        _, answer = await _signed_in(notes, provider, **_NEW)

        assert _problem(answer) == (403, "not-proved")


async def test_a_token_brings_no_key_of_its_own(notes: Assembled, provider: IdentityProvider) -> None:
    """A key in the header of a token, or a place where one lies, is not used."""
    theirs = RSAKey.generate_key(2048, {"kid": "first"})
    for more in ({"jwk": theirs.as_dict(private=False)}, {"jku": f"{provider.origin}/evil"}, {}):
        header = {"alg": "RS256", "kid": "first", **more}
        provider.sign = lambda claims, header=header: jws.serialize_compact(
            header, json.dumps(claims).encode(), theirs, algorithms=["RS256"]
        )

        _, answer = await _signed_in(notes, provider, **_NEW)

        assert _problem(answer) == (403, "not-proved")
    assert "/evil" not in provider.heard


async def test_what_is_no_token_proves_nothing(notes: Assembled, provider: IdentityProvider) -> None:
    """Whatever stands in its place, the answer is the same."""
    for token in ("", "x", "a.b.c", "....", "\u00e9.\u00e9.\u00e9", "a" * 20_000):
        provider.sign = lambda claims, token=token: token  # type: ignore[misc]

        _, answer = await _signed_in(notes, provider, **_NEW)

        assert _problem(answer) == (403, "not-proved")


async def test_keys_are_read_again_for_one_that_is_unknown(notes: Assembled, provider: IdentityProvider) -> None:
    """A provider may change its keys at any time; a key that it does not publish signs nothing."""
    await _signed_in(notes, provider, **_NEW)
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    _, changed = await _signed_in(notes, provider, **_NEW)
    read = provider.heard.count("/keys")
    provider.published = [provider.key]
    provider.key = RSAKey.generate_key(2048, {"kid": "third"})
    _, unknown = await _signed_in(notes, provider, **_NEW)

    assert (changed.status, _problem(unknown)) == (303, (403, "not-proved"))
    assert (read, provider.heard.count("/keys")) == (2, 3)
    assert provider.heard.count("/.well-known/openid-configuration") == 1


async def test_other_good_signatures_are_taken(notes: Assembled, provider: IdentityProvider) -> None:
    """Elliptic curves and RSA-PSS prove as well as RS256."""
    provider.algorithm = "PS256"
    _, padded = await _signed_in(notes, provider, **_NEW)
    provider.algorithm, provider.key = "ES256", ECKey.generate_key("P-256", {"kid": "curve"})
    _, curved = await _signed_in(notes, provider, **_NEW)

    assert (padded.status, curved.status) == (303, 303)


async def test_a_provider_stays_on_its_hosts(notes: Assembled, provider: IdentityProvider) -> None:
    """What is published of another issuer, or leads to hosts that nobody declared, is not used."""
    wrong: tuple[Claims, ...] = (
        {"issuer": "https://other.test"},
        {"token_endpoint": "http://169.254.169.254/token"},
        {"authorization_endpoint": "https://evil.test/"},
        {"jwks_uri": None},
    )
    for metadata in wrong:
        provider.metadata = metadata

        answer = await notes.visitor().get("/api/oidc/sign-in")

        assert (answer.status, "oidc" in answer.cookies) == (503, False)


async def test_a_silent_provider_is_no_failure_of_ours(notes: Assembled, provider: IdentityProvider) -> None:
    """While it cannot be asked, people are told to come again, and may do so with the same sign-in."""
    browser = notes.visitor()
    location = await _begun(browser)
    provider.silent = True
    busy = await _back(browser, provider.visit(location, **_NEW))
    provider.silent = False
    again = await _back(browser, provider.visit(location, **_NEW))

    assert (busy.status, again.status) == (503, 303)


async def test_over_https_no_other_host_can_give_the_cookie(
    dist: Path, provider: IdentityProvider, database: str
) -> None:
    """The browser is known by a cookie that only this host can set; one without the prefix counts for nothing."""
    variables = {
        "ARCHWRIGHT_SECRET_SERVICE_KEY": SERVICE_KEY,
        "ARCHWRIGHT_SECRET_SSO_CLIENT_SECRET": SECRET,
        "ARCHWRIGHT_SETTING_ISSUER": provider.origin,
    }
    run = Deployment(database=database, transport="https", log=False, private=_LOOPBACK, background=False)
    application = Application(dist, run, variables, migrations=True)
    await application.start()
    try:
        browser, planted = Client(application), Client(application)
        brought = provider.visit(await _begun(browser), **_NEW)
        planted.cookies = {"oidc": browser.cookies["__Host-oidc"]}
        answers = [await _back(planted, brought), await _back(browser, brought)]
    finally:
        await application.stop()

    assert [answer.status for answer in answers] == [400, 303]
    assert browser.cookies.keys() == {"__Host-session"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "      - {call: oidc.prepare, as: prepared}\n",
            "      - {require: true}\n      - {call: oidc.prepare, as: prepared}\n",
        ),
        ("{call: oidc.prepare, as", "{call: oidc.prepare, when: 'true', as"),
        (
            '    trigger: {http: "GET ${config.path}/sign-in"}\n',
            '    trigger: {http: "POST ${config.path}/sign-in"}\n    idempotent: true\n',
        ),
    ],
    ids=["second", "when", "idempotent"],
)
def test_what_is_fetched_comes_first(tmp_path: Path, before: str, after: str) -> None:
    """Another service is asked before the transaction: by the first step, once, and unconditionally."""
    catalogue = tmp_path / "catalog"
    for name in ("accounts", "oidc"):
        shutil.copytree(CATALOG / name, catalogue / name, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = catalogue / "oidc" / "component.yaml"
    assert before in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(before, after, 1))
    (catalogue / "index.json").write_bytes(index(catalogue))
    document = NOTES.replace("MATCH", "true").replace("PROVISION", "true")
    (tmp_path / "assembly.yaml").write_text(document)

    codes = {one.code for one in check(tmp_path, catalog=catalogue).findings}

    assert "assembly/effect-result" in codes
