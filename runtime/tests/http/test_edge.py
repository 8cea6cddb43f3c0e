"""The edge: limits, identity, origins, failures, what every answer carries."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from archwright_runtime.errors import DatabaseError, FieldProblem, Refusal
from archwright_runtime.http.limits import Limits, Rate
from archwright_runtime.operations.call import Call, Outcome, SetCookie
from archwright_runtime.plan import Access, Failure

from .support import TOKEN, Reply, Service, ask, operation, service, value

_JSON = {"content-type": "application/json"}
_BEARER = {"authorization": f"Bearer {TOKEN}"}


def _tickets(**more: Any) -> Service:
    return service(
        {
            "List": operation("GET", "/api/tickets"),
            "Get": operation("GET", "/api/tickets/{id}", value("id", "ref", "path", required=True)),
            "Create": operation("POST", "/api/tickets", value("title", required=True, max=20), idempotent=True),
            "Update": operation("PATCH", "/api/tickets/{id}", value("id", "ref", "path"), value("title", max=20)),
        },
        **more,
    )


def _refusing(refusal: Exception, **more: Any) -> Service:
    def answer(call: Call) -> Outcome:
        raise refusal

    return service({"Do": operation("POST", "/do", **more)}, {"Do": answer})


async def test_an_answer_carries_what_keeps_browsers_safe() -> None:
    """Data is not sniffed, framed, kept or run."""
    reply = await ask(_tickets(transport="https").edge, "GET", "/api/tickets")

    assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert reply.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "access-control-allow-origin" not in reply.headers


async def test_plain_http_promises_no_https() -> None:
    """A promise that development could not keep is not made."""
    assert "strict-transport-security" not in (await ask(_tickets().edge, "GET", "/api/tickets")).headers


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/api/tickets", 200),
        ("GET", "/api/ticket", 404),
        ("GET", "/api/tickets/", 404),
        ("GET", "/api/tickets/..%2f..%2fetc", 404),
        ("GET", "/api/tickets/%2e%2e", 400),
        ("GET", "/api/tickets/a%00", 400),
        ("DELETE", "/api/tickets", 405),
        ("TRACE", "/api/tickets", 405),
        ("get", "/api/tickets", 405),
        ("OPTIONS", "/api/tickets", 204),
        ("GET", "/api/tickets?x=%", 400),
        ("GET", "/api/tickets?" + "a" * 9000, 414),
    ],
)
async def test_an_address_is_answered(method: str, target: str, status: int) -> None:
    """Unknown addresses, methods and malformed ones each have their status."""
    assert (await ask(_tickets().edge, method, target)).status == status


async def test_a_wrong_method_is_told_the_right_ones() -> None:
    """405 comes with Allow."""
    assert (await ask(_tickets().edge, "PUT", "/api/tickets")).headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_head_is_get_without_its_body() -> None:
    """The length says what GET would send."""
    edge = _tickets().edge

    got, head = await ask(edge, "GET", "/api/tickets"), await ask(edge, "HEAD", "/api/tickets")

    assert head.body == b""
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON; charset="UTF-8"', 200),
        ("application/merge-patch+json", 200),
        ("application/json; charset=latin-1", 415),
        ("application/json; charset=utf-16", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
        ("", 415),
        ("garbage", 415),
    ],
)
async def test_only_the_media_types_of_the_contract_are_taken(content_type: str, status: int) -> None:
    """Anything but JSON in UTF-8 is refused where the contract says JSON, above all what foreign forms can send."""
    headers = {"content-type": content_type}

    assert (await ask(_tickets().edge, "POST", "/api/tickets", b'{"title":"a"}', headers)).status == status


async def test_a_body_without_a_type_is_refused() -> None:
    """Nobody guesses what bytes are."""
    assert (await ask(_tickets().edge, "POST", "/api/tickets", b'{"title":"a"}')).status == 415


async def test_no_body_where_one_is_needed_tells_what_is_missing() -> None:
    """An empty request is one where everything is missing."""
    reply = await ask(_tickets().edge, "POST", "/api/tickets")

    assert (reply.status, reply.problems) == (422, [("/title", "required")])


async def test_a_large_body_is_refused_and_the_connection_ends() -> None:
    """The announced length is enough to refuse; the rest is not read."""
    spec = operation("POST", "/do", value("title"), body_limit=100)
    reply = await ask(service({"Do": spec}).edge, "POST", "/do", b"", {**_JSON, "content-length": "101"})

    assert (reply.status, reply.headers["connection"]) == (413, "close")


async def test_a_streamed_large_body_is_refused() -> None:
    """Without a length the bytes are counted."""
    spec = operation("POST", "/do", value("title"), body_limit=100)
    reply = await ask(service({"Do": spec}).edge, "POST", "/do", headers=_JSON, chunks=[b"x" * 60, b"x" * 60])

    assert reply.status == 413


@pytest.mark.parametrize(
    ("refusal", "status", "kind"),
    [
        (Refusal("forbidden"), 403, "forbidden"),
        (Refusal("not-found"), 404, "not-found"),
        (Refusal("conflict", "Taken."), 409, "conflict"),
        (Refusal("stale"), 412, "stale"),
        (Refusal("invalid", None, (FieldProblem("/a", "unique", "Taken."),)), 422, "invalid"),
        (Refusal("too-many", retry_after=7), 429, "too-many"),
        (Refusal("busy", retry_after=1), 503, "busy"),
        (Refusal("already-decided"), 410, "already-decided"),
        (Refusal("undeclared"), 409, "undeclared"),
    ],
)
async def test_a_refusal_is_a_problem(refusal: Refusal, status: int, kind: str) -> None:
    """Each kind of failure has its status; the operation may declare its own."""
    edge = _refusing(refusal, failures={"already-decided": Failure(status=410, title="Too late")}).edge

    reply = await ask(edge, "POST", "/do")

    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status, reply.json()["type"], reply.json()["status"]) == (status, f"/problems/{kind}", status)
    assert reply.headers.get("retry-after") == (None if refusal.retry_after is None else str(refusal.retry_after))


async def test_the_unauthenticated_are_told_how() -> None:
    """401 comes with a challenge."""
    reply = await ask(_refusing(Refusal("unauthenticated")).edge, "POST", "/do")

    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("fields", {"errors": {"title": ["This is required."]}}),
        ("message", {"code": "invalid", "message": "/title: This is required."}),
        ("coded", {"error": {"code": "invalid", "message": "/title: This is required."}}),
    ],
)
async def test_failures_take_the_shape_that_the_plan_names(shape: str, body: Any) -> None:
    """An existing contract may ask for another shape."""
    reply = await ask(_tickets(shape=shape).edge, "POST", "/api/tickets", b"{}", _JSON)

    assert (reply.headers["content-type"], reply.json()) == ("application/json", body)


async def test_an_accident_is_logged_and_not_shown() -> None:
    """The caller gets the request's id; the log gets the place in the code, without the message of the exception."""
    broken = _refusing(ValueError("row of Ada"))

    reply = await ask(broken.edge, "POST", "/do")
    broken.telemetry.close()

    accident = broken.lines.records[0]
    assert reply.status == 500
    assert b"Ada" not in reply.body
    assert b"Traceback" not in reply.body
    assert accident["request"] == reply.json()["request"] == reply.headers["x-request-id"]
    assert accident["error"] == "builtins.ValueError"
    assert "Ada" not in str(accident)


async def test_a_lost_database_is_busy() -> None:
    """Trying again later may help."""
    assert (await ask(_refusing(DatabaseError("gone")).edge, "POST", "/do")).status == 503


async def test_who_may_not_ask_is_not_told_what_is_wrong() -> None:
    """Strangers learn nothing about the values that an operation takes."""
    spec = operation("POST", "/do", value("title", required=True), access=(Access(role="manager"),))
    edge = service({"Do": spec}).edge

    assert (await ask(edge, "POST", "/do", b"{}", _JSON)).status == 401
    assert (await ask(edge, "POST", "/do", b"{}", {**_JSON, **_BEARER})).status == 403


@pytest.mark.parametrize("value_", ["Bearer wrong", "Basic dDBrZW4=", "Bearer", "Bearer ", f"bearer  {TOKEN}", "t0ken"])
async def test_wrong_credentials_are_refused(value_: str) -> None:
    """Who shows a credential must show a good one, even where none is needed."""
    assert (await ask(_tickets().edge, "GET", "/api/tickets", headers={"authorization": value_})).status == 401


async def test_a_bearer_token_says_who_asks() -> None:
    """The scheme's case does not matter."""
    tickets = _tickets()

    await ask(tickets.edge, "GET", "/api/tickets", headers={"authorization": f"bEARER {TOKEN}"})

    assert tickets.runner.calls[0].caller.via == "bearer"


async def test_a_session_cookie_says_who_asks() -> None:
    """A stale one makes the caller anonymous."""
    tickets = _tickets()

    await ask(tickets.edge, "GET", "/api/tickets", headers={"cookie": f"session={TOKEN}"})
    await ask(tickets.edge, "GET", "/api/tickets", headers={"cookie": "session=stale"})

    assert [call.caller.via for call in tickets.runner.calls] == ["cookie", None]


async def test_only_the_prefixed_cookie_counts_over_https() -> None:
    """A neighbour under the same domain cannot plant a session."""
    tickets = _tickets(transport="https")

    await ask(tickets.edge, "GET", "/api/tickets", headers={"cookie": f"session={TOKEN}"})
    await ask(tickets.edge, "GET", "/api/tickets", headers={"cookie": f"__Host-session={TOKEN}"})
    await ask(tickets.edge, "GET", "/api/tickets", headers={"cookie": f"__Host-session=x; __Host-session={TOKEN}"})

    assert [call.caller.via for call in tickets.runner.calls] == [None, "cookie", None]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://service.test"}, 403),
        ({"origin": "http://service.test"}, 200),
        ({"origin": "https://service.test"}, 403),
        ({"origin": "http://service.test.evil.test"}, 403),
        ({"origin": "http://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"referer": "http://service.test/"}, 403),
    ],
)
async def test_a_cookie_alone_changes_nothing(headers: dict[str, str], status: int) -> None:
    """A request that a cookie authenticates needs the browser's word that our own page sent it."""
    given = {**_JSON, "cookie": f"session={TOKEN}", **headers}

    assert (await ask(_tickets().edge, "POST", "/api/tickets", b'{"title":"a"}', given)).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 200), ({"sec-fetch-site": "cross-site"}, 403), ({"origin": "http://evil.test"}, 403)],
)
async def test_a_foreign_page_signs_nobody_in(headers: dict[str, str], status: int) -> None:
    """Without a cookie a program may ask, but no other site's page."""
    assert (await ask(_tickets().edge, "POST", "/api/tickets", b'{"title":"a"}', {**_JSON, **headers})).status == status


async def test_a_granted_origin_may_read_and_write_without_cookies() -> None:
    """What the plan grants is open to that origin alone, and never with a cookie."""
    edge = _tickets(cors=("https://app.test",)).edge
    granted = {**_JSON, "origin": "https://app.test", "sec-fetch-site": "cross-site"}

    written = await ask(edge, "POST", "/api/tickets", b'{"title":"a"}', granted)
    cookie = await ask(edge, "POST", "/api/tickets", b'{"title":"a"}', {**granted, "cookie": f"session={TOKEN}"})
    foreign = await ask(edge, "GET", "/api/tickets", headers={"origin": "https://evil.test"})

    assert (written.status, written.headers["access-control-allow-origin"]) == (200, "https://app.test")
    assert "access-control-allow-credentials" not in written.headers
    assert cookie.status == 403
    assert "access-control-allow-origin" not in foreign.headers
    assert foreign.headers["vary"] == "origin"


async def test_a_preflight_is_answered_for_granted_origins() -> None:
    """Others get no permission."""
    edge = _tickets(cors=("https://app.test",)).edge
    asked = {"access-control-request-method": "PATCH"}

    granted = await ask(edge, "OPTIONS", "/api/tickets/a", headers={**asked, "origin": "https://app.test"})
    foreign = await ask(edge, "OPTIONS", "/api/tickets/a", headers={**asked, "origin": "https://evil.test"})

    assert "PATCH" in granted.headers["access-control-allow-methods"]
    assert "authorization" in granted.headers["access-control-allow-headers"]
    assert "access-control-allow-methods" not in foreign.headers


async def test_a_version_is_an_entity_tag() -> None:
    """Who has this version already gets 304 and no body."""
    edge = service({"Get": operation("GET", "/x")}, {"Get": lambda call: Outcome(body={"a": 1}, version=7)}).edge

    first = await ask(edge, "GET", "/x")

    assert first.headers["etag"] == '"7"'
    for tag in ('"7"', 'W/"7"', '"1", "7"', "*"):
        again = await ask(edge, "GET", "/x", headers={"if-none-match": tag})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", '"7"')
    assert (await ask(edge, "GET", "/x", headers={"if-none-match": '"8"'})).status == 200


@pytest.mark.parametrize(
    ("given", "version"),
    [('"7"', 7), ("*", None), ('W/"7"', -1), ('"x"', -1), ('"' + "9" * 30 + '"', -1)],
)
async def test_if_match_asks_for_a_version(given: str, version: int | None) -> None:
    """A tag that is none of ours matches nothing."""
    tickets = _tickets()

    await ask(tickets.edge, "PATCH", "/api/tickets/a", b"{}", {**_JSON, "if-match": given})

    assert tickets.runner.calls[0].version == version


@pytest.mark.parametrize("given", ["7", '"7', '"1", "2"', ""])
async def test_a_malformed_if_match_is_refused(given: str) -> None:
    """Better no update than one with a misread condition."""
    reply = await ask(_tickets().edge, "PATCH", "/api/tickets/a", b"{}", {**_JSON, "if-match": given})

    assert reply.status == 400


@pytest.mark.parametrize(
    ("key", "status"), [("abc-1", 200), ("a" * 255, 200), ("a" * 256, 422), ("a b", 422), ("", 422)]
)
async def test_an_idempotency_key_is_visible_ascii(key: str, status: int) -> None:
    """Keys are kept, so they are bounded."""
    headers = {**_JSON, "idempotency-key": key}

    assert (await ask(_tickets().edge, "POST", "/api/tickets", b'{"title":"a"}', headers)).status == status


async def test_an_outcome_sets_cookies_and_headers() -> None:
    """Cookies follow the transport; values that could end a line are replaced; what is ours stays ours."""
    outcome = Outcome(
        201,
        {"a": 1},
        headers={"X-Title": "Größe\r\nSet-Cookie: a=b"},
        cookies=(SetCookie("session", "abc", 60), SetCookie("old", None)),
        location="/api/tickets/ü x",
    )
    answers = {"Do": lambda call: outcome}

    secure = await ask(service({"Do": operation("POST", "/do")}, answers, transport="https").edge, "POST", "/do")
    plain = await ask(service({"Do": operation("POST", "/do")}, answers).edge, "POST", "/do")

    assert _cookies(secure) == [
        "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60",
        "__Host-old=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
    ]
    assert _cookies(plain)[0] == "session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"
    assert secure.headers["x-title"] == "Größe  Set-Cookie: a=b"
    assert secure.headers["location"] == "/api/tickets/%C3%BC%20x"


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(cookies=(SetCookie("a", "b; Domain=evil.test"),)),
        Outcome(cookies=(SetCookie("a\r\nb", "c"),)),
        Outcome(headers={"Content-Length": "0"}),
        Outcome(headers={"X: y\r\nZ": "0"}),
        Outcome(media="text/html\r\nx: y"),
    ],
)
async def test_an_outcome_cannot_break_its_own_answer(outcome: Outcome) -> None:
    """What would split the answer or contradict the edge is an accident, not an answer."""
    reply = await ask(service({"Do": operation("POST", "/do")}, {"Do": lambda call: outcome}).edge, "POST", "/do")

    assert reply.status == 500
    assert b"evil" not in b"".join(value for _, value in reply.raw_headers)


@pytest.mark.parametrize(("of_service", "of_operation"), [(0.05, None), (30.0, 0)])
async def test_a_slow_operation_is_given_up(of_service: float, of_operation: int | None) -> None:
    """The caller is told, and what ran is cancelled, by the bound of the service or a smaller one of the operation."""
    slow = service({"Do": operation("GET", "/do", seconds=of_operation)}, limits=Limits(seconds=of_service))
    ended: list[str] = []

    async def run(name: str, call: Call) -> Outcome:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return Outcome()

    _replace_run(slow, run)
    slow.edge.deadlines.start()
    reply = await ask(slow.edge, "GET", "/do")
    await slow.edge.deadlines.stop()

    assert (reply.status, ended) == (504, ["cancelled"])


async def test_too_many_requests_at_a_time_are_refused() -> None:
    """Beyond the bound the service says that it is busy instead of slowing down for everybody."""
    full = service({"Do": operation("GET", "/do")}, limits=Limits(concurrent=1))
    go = asyncio.Event()

    async def run(name: str, call: Call) -> Outcome:
        await go.wait()
        return Outcome()

    _replace_run(full, run)
    first = asyncio.create_task(ask(full.edge, "GET", "/do"))
    await asyncio.sleep(0)
    second = await ask(full.edge, "GET", "/do")
    go.set()

    assert (second.status, second.headers["retry-after"], (await first).status) == (503, "1", 200)


async def test_an_operation_has_a_rate() -> None:
    """Beyond its rate a caller is told when to come back; others are not held up."""
    edge = service({"Do": operation("GET", "/do", rate=2)}).edge

    anonymous = [(await ask(edge, "GET", "/do")).status for _ in range(3)]
    refused = await ask(edge, "GET", "/do")
    known = await ask(edge, "GET", "/do", headers=_BEARER)

    assert anonymous == [200, 200, 429]
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert known.status == 200


def test_a_rate_recovers_and_stays_small() -> None:
    """Tokens come back with time, and a flood of callers is forgotten again."""
    rate = Rate(60, remembered=100)

    for _ in range(60):
        rate.take("one", 0.0)
    with pytest.raises(Refusal):
        rate.take("one", 0.0)
    rate.take("one", 1.0)
    for number in range(1_000):
        rate.take(str(number), 2.0)

    assert len(rate._buckets) <= 100


async def test_a_request_leaves_one_line() -> None:
    """The line says what happened, by whom as a hash, and holds no value of the query."""
    tickets = _tickets()

    reply = await ask(tickets.edge, "GET", "/api/tickets/unmistakable?secret=1", headers=_BEARER)
    tickets.telemetry.close()

    (line,) = tickets.lines.records
    assert (line["method"], line["route"], line["operation"], line["status"]) == (
        "GET",
        "/api/tickets/{id}",
        "Get",
        422,
    )
    assert line["request"] == reply.headers["x-request-id"]
    assert len(line["caller"]) == 16
    assert "secret" not in str(line)
    assert "unmistakable" not in str(line)
    assert "A" * 22 not in str(line)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", False),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", False),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", False),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", False),
        ('00-"},{"evil":"x"-b7ad6b7169203331-01', False),
        ("", False),
    ],
)
async def test_a_trace_goes_on(given: str, kept: bool) -> None:
    """A well-formed trace is taken over; anything else begins a new one."""
    tickets = _tickets()

    await ask(tickets.edge, "GET", "/api/tickets", headers={"traceparent": given})
    tickets.telemetry.close()

    assert (tickets.lines.records[0]["trace"] == given[3:35]) is kept


async def test_requests_are_counted() -> None:
    """Metrics speak of operations and statuses, never of addresses."""
    tickets = _tickets()
    await ask(tickets.edge, "GET", "/api/tickets")
    await ask(tickets.edge, "GET", "/nowhere/secret")

    text = tickets.telemetry.metrics.text()

    assert 'archwright_requests_total{operation="List",status="200"} 1' in text
    assert 'archwright_request_seconds_count{operation="List"} 1' in text
    assert 'archwright_requests_total{operation="",status="404"} 1' in text
    assert "secret" not in text


async def test_a_client_that_goes_away_is_no_accident() -> None:
    """Nobody is answered, the line says so."""
    tickets = _tickets()

    reply = await ask(tickets.edge, "POST", "/api/tickets", headers=_JSON, chunks=[])
    tickets.telemetry.close()

    assert reply.status == 0
    assert [line["status"] for line in tickets.lines.records] == [499]


def _cookies(reply: Reply) -> list[str]:
    return [value.decode() for name, value in reply.raw_headers if name == b"set-cookie"]


def _replace_run(made: Service, run: Any) -> None:
    for route in made.edge.router:
        for endpoint in route.endpoints.values():
            endpoint.handle._run = run  # type: ignore[attr-defined]
