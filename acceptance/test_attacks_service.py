"""What attackers try on sessions, requests, races and what is deployed; each attempt comes to nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import asyncpg
import httpx
import pytest

from acceptance.attacked import NOBODY, NUMBER, shape
from acceptance.services import Built, Service

_AT_ONCE = 50


# -- sessions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_site_changes_nothing_with_a_cookie(attacked: Service, headers: dict[str, str]) -> None:
    """JSON, forms and plain text that a foreign page makes the browser send are refused, as is silence about it."""
    cookie = {"Cookie": attacked.session("ada")}
    with httpx.Client(base_url=attacked.address, headers={**cookie, **headers}) as client:
        answers = (
            client.post("/api/topics", json={"name": "x"}),
            client.post("/api/topics", data={"name": "x"}),
            client.post("/api/topics", content='{"name":"x"}', headers={"Content-Type": "text/plain"}),
            client.post("/api/accounts/sign-out-everywhere"),
        )

    assert [answer.status_code for answer in answers] == [403] * 4


def test_a_session_is_made_at_sign_in_and_gone_at_sign_out(attacked: Service) -> None:
    """A planted token is never taken over, a tossed second cookie counts as none, and a signed-out one stays out."""
    planted = "session=" + "f" * 43
    email, password = attacked.credentials("bob")
    with attacked.visitor() as visitor:
        signed = visitor.post(
            "/api/accounts/sign-in", json={"email": email, "password": password}, headers={"Cookie": planted}
        )
        own = signed.headers["set-cookie"].split(";")[0]
        visitor.cookies.clear()

        def me(cookie: str) -> int:
            return visitor.get("/api/accounts/me", headers={"Cookie": cookie}).status_code

        before = [me(planted), me(f"{own}; session=tossed"), me(own)]
        visitor.post("/api/accounts/sign-out", headers={"Cookie": own})

        assert "HttpOnly" in signed.headers["set-cookie"] and own != planted
        assert before == [401, 401, 200]
        assert me(own) == 401


def test_a_token_is_taken_from_its_header_only(attacked: Service) -> None:
    """In the address or with another scheme a token is worth nothing."""
    email, password = attacked.credentials("bob")
    with attacked.visitor() as visitor:
        token = visitor.post("/api/accounts/tokens", json={"email": email, "password": password}).json()["token"]
        statuses = [
            visitor.get("/api/reports", headers={"Authorization": f"Bearer {token}"}).status_code,
            visitor.get("/api/reports", headers={"Authorization": f"Basic {token}"}).status_code,
            visitor.get("/api/reports", params={"token": token}).status_code,
            visitor.get("/api/reports", params={"access_token": token}).status_code,
        ]

    assert statuses == [200, 401, 401, 401]
    assert token not in attacked.log.read_text()


def test_nobody_grants_themselves_a_role_and_a_lost_one_is_lost_at_once(attacked: Service, eve: httpx.Client) -> None:
    """Roles come from administrators only; a remembered session does not keep what was taken away."""
    id = attacked.id("eve")
    person = {"email": "m@x.test", "name": "m", "password": "abcd-efgh-1-ijkl"}
    tries = [
        eve.put(f"/api/accounts/users/{id}/roles", json={"roles": ["admin"]}),
        eve.patch("/api/accounts/me", json={"roles": ["admin"]}),
        eve.patch("/api/accounts/me", json={"name": "Eve", "active": True}),
        eve.post("/api/accounts/register", json={**person, "roles": ["admin"]}),
        eve.get("/api/accounts/users"),
    ]  # fmt: skip
    with attacked.client("max") as admin:
        before = eve.get("/audit").status_code
        admin.put(f"/api/accounts/users/{id}/roles", json={"roles": []})
        after = eve.get("/audit").status_code
        admin.put(f"/api/accounts/users/{id}/roles", json={"roles": ["auditor"]})

    assert [answer.status_code for answer in tries] == [403, 422, 422, 422, 403]
    assert (before, after) == (200, 403)


def test_signing_in_tells_nothing_but_that_it_failed(attacked: Service) -> None:
    """An unknown address, a wrong password and a malformed address answer alike, also when many come at once."""
    attempts = [
        {"email": email, "password": f"wrong-{number}"}
        for email in ("kim@acme.test", "nobody@acme.test", "nobody")
        for number in range(3)
    ]
    with attacked.visitor() as visitor, ThreadPoolExecutor(len(attempts)) as threads:
        answers = list(threads.map(lambda body: visitor.post("/api/accounts/sign-in", json=body), attempts))
        alive = visitor.get("/health/ready").status_code

    assert len({json.dumps(shape(answer)) for answer in answers}) == 1
    assert (answers[0].status_code, alive) == (401, 200)


# -- injection and exhaustion --------------------------------------------------------------------------------------

_EVIL = ("'", '"', "' OR 1=1--", "\\", "%", "_", "$1", "?1", "${caller}", "\u202e", "\x00", "\ud7ff", "1;DROP TABLE x",
         "\x85", "٣", "NaN", "1e999", "-0", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
         "infinity", "9" * 40)  # fmt: skip


def test_no_text_is_more_than_a_value(ada: httpx.Client, report: Any) -> None:
    """In every place that takes text, what looks like code is a value or a refusal, never a failure of ours."""
    statuses: Counter[int] = Counter()
    for evil in _EVIL:
        places: list[Callable[[], httpx.Response]] = [
            lambda evil=evil, name=name: ada.get("/api/reports", params={name: evil})  # type: ignore[misc]
            for name in ("title", "salary", "salary.gte", "state", "topic", "q", "sort", "cursor", "limit", evil)
        ]
        places += [
            lambda evil=evil: ada.get(httpx.URL(f"{ada.base_url}/api/reports/x").join(_escaped(evil))),  # type: ignore[misc]
            lambda evil=evil: ada.patch(f"/api/reports/{report['id']}", json={"title": evil}),  # type: ignore[misc]
            lambda evil=evil: ada.patch(f"/api/reports/{report['id']}", json={"salary": evil}),  # type: ignore[misc]
            lambda evil=evil: ada.get("/", params={"state": evil, "q": evil, "cursor": evil, "sort": evil}),  # type: ignore[misc]
        ]
        statuses.update(place().status_code for place in places)

    assert not {status for status in statuses if status >= 500}, statuses
    assert ada.get(f"/api/reports/{report['id']}").status_code == 200


def _escaped(text: str) -> str:
    return "./" + "".join(f"%{byte:02x}" for byte in text.encode())


def test_no_request_takes_more_than_its_share(ada: httpx.Client) -> None:
    """Bodies, addresses, parameters, parts, pages and problems are bounded, each with an answer that is small."""
    members = json.dumps({f"unknown{number}": 1 for number in range(20_000)})
    digits = '{"title":"x","salary":' + "9" * 50_000 + "}"
    kind = {"Content-Type": "application/json"}
    parts = {f"f{number}": "x" for number in range(300)}
    answers = {
        "members": (ada.post("/api/reports", content=members, headers=kind), 422),
        "body": (ada.post("/api/reports", json={"title": "x" * 2_000_000}), 413),
        "number": (ada.post("/api/reports", content=digits, headers=kind), 400),
        "parameters": (ada.get("/api/reports?" + "a=1&" * 500), 400),
        "address": (ada.get("/api/reports?q=" + "a" * 9_000), 414),
        "page": (ada.get("/api/reports?limit=100000"), 422),
        "offset": (ada.get("/api/reports?offset=999999999"), 422),
        "parts": (ada.post("/api/reports", data=parts, files={"paper": b"x"}), 413),
        "related": (ada.post("/api/reports", json={"title": "x", "related": [NOBODY] * 20_000}), 422),
    }  # fmt: skip

    assert {name: answer.status_code for name, (answer, _) in answers.items()} == {
        name: status for name, (_, status) in answers.items()
    }
    assert max(len(answer.content) for answer, _ in answers.values()) < 16_384


_HEAD = "POST /api/topics HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        _HEAD + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        _HEAD + "Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n\r\nabcdGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        _HEAD + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        _HEAD + "Content-Length : 4\r\n\r\nabcd",
        _HEAD + "Content-Length: -1\r\n\r\n",
        "GET /api/topics HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
        "GET /api/topics HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "GET /static/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET //evil.test/%2e%2e HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_differently_is_refused(attacked: Service, request_: str) -> None:
    """A request whose end or target is doubtful gets 400, and nothing after it is taken for a request."""
    host, _, port = attacked.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request_.encode())
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


# -- races ---------------------------------------------------------------------------------------------------------


def _at_once(attacked: Service, send: Callable[[httpx.Client, int], Any]) -> Counter[Any]:
    with attacked.client("ada") as client, ThreadPoolExecutor(_AT_ONCE) as threads:
        return Counter(threads.map(lambda number: send(client, number), range(_AT_ONCE)))


def test_a_guard_lets_through_as_many_as_there_are(attacked: Service, ada: httpx.Client) -> None:
    """Of fifty at the same time, exactly the twenty-five get one of twenty-five; nobody is turned away as busy."""
    counter = ada.post("/api/counters", json={"name": f"guard-{next(NUMBER)}"}).json()["id"]
    statuses = _at_once(attacked, lambda client, _: client.post(f"/api/counters/{counter}/take").status_code)

    assert statuses == {200: 25, 409: 25}
    assert ada.get(f"/api/counters/{counter}").json()["left"] == 0


def test_a_unique_key_is_taken_once(attacked: Service) -> None:
    """Of fifty creates of one key one succeeds; fifty of different keys all do; fifty repeats are one."""
    name = f"unique-{next(NUMBER)}"
    same = _at_once(attacked, lambda client, _: client.post("/api/counters", json={"name": name}).status_code)
    different = _at_once(
        attacked, lambda client, number: client.post("/api/counters", json={"name": f"{name}-{number}"}).status_code
    )
    repeated = _at_once(
        attacked,
        lambda client, _: client.post(
            "/api/counters", json={"name": f"{name}-again"}, headers={"Idempotency-Key": name}
        ).json()["id"],
    )

    assert (same, different) == ({201: 1, 409: 49}, {201: 50})
    assert list(repeated.values()) == [_AT_ONCE]


def test_of_writers_with_one_version_one_wins(attacked: Service, report: Any) -> None:
    """All but one of those who saw the same version are told that it is stale."""
    statuses = _at_once(
        attacked,
        lambda client, number: (
            client.patch(
                f"/api/reports/{report['id']}", json={"title": f"title {number}"}, headers={"If-Match": '"1"'}
            ).status_code
        ),
    )

    assert statuses == {200: 1, 412: 49}


# -- what is deployed ----------------------------------------------------------------------------------------------


def test_a_plan_that_says_more_than_is_understood_does_not_run(attacked_build: Built, tmp_path: Path) -> None:
    """Even with the digest made to fit, unknown members and features of the plan are refused without a trace."""
    for change in ({"surprise": 1}, {"requires": ["telepathy"]}, {"format": 999}):
        dist = tmp_path / next(iter(change))
        copytree(attacked_build.dist, dist)
        plan = json.dumps({**json.loads((dist / "plan.json").read_bytes()), **change}).encode()
        (dist / "plan.json").write_bytes(plan)
        lock = json.loads((dist / "archwright.lock.json").read_bytes())
        lock["files"]["plan.json"] = "sha256:" + sha256(plan).hexdigest()
        (dist / "archwright.lock.json").write_text(json.dumps(lock))
        done = Built("changed", dist, attacked_build.components).run("verify")

        assert done.returncode != 0, (change, done.stdout)
        assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr


def test_connections_are_replaced_when_the_database_restarts(attacked: Service, ada: httpx.Client) -> None:
    """After every connection was cut, whoever asks next is answered as before."""
    if attacked.dialect != "postgresql":
        pytest.skip("SQLite has no connections to cut")

    async def cut() -> None:
        connection = await asyncpg.connect(attacked.database)
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}")
        await connection.close()

    asyncio.run(cut())
    read = ada.get("/api/topics").status_code
    asyncio.run(cut())
    written = ada.post("/api/topics", json={"name": "after all"}).status_code

    assert (read, written) == (200, 201)
