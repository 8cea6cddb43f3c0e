"""The job of leave-requests by HTTP, the same on both databases."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from acceptance.services import Service

LEAVE = "/api/leave-requests"


def _ask(client: httpx.Client, starts: str, ends: str, **more: Any) -> dict[str, Any]:
    answer = client.post(LEAVE, json={"starts": starts, "ends": ends, **more})
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def test_a_request_goes_from_its_asker_to_its_manager_to_hr(leave: Service) -> None:
    """An employee asks, the manager decides once, and the asker and HR see the decision."""
    with leave.client("erin") as erin, leave.client("mona") as mona, leave.client("hana") as hana:
        asked = _ask(erin, "2028-01-03", "2028-01-07", reason="Snow")
        decision = f"{LEAVE}/{asked['id']}/decision"

        decided = mona.post(decision, json={"verdict": "approved"})
        again = mona.post(decision, json={"verdict": "rejected"})

        assert asked["status"] == "pending" and asked["owner"] == leave.id("erin")
        assert decided.status_code == 200 and decided.json()["status"] == "approved"
        assert again.status_code == 409
        assert again.json()["title"] == "This request is not waiting for your decision"
        assert erin.get(f"{LEAVE}/{asked['id']}").json()["status"] == "approved"
        assert hana.get(f"{LEAVE}/{asked['id']}").json()["reason"] == "Snow"


def test_each_role_sees_its_rows_and_columns(leave: Service) -> None:
    """A manager sees the report's request without its reason; a colleague sees nothing at all."""
    with leave.client("erin") as erin, leave.client("mona") as mona, leave.client("hana") as hana:
        secret = _ask(erin, "2028-02-01", "2028-02-02", reason="Private")
        others = _ask(hana, "2028-02-03", "2028-02-04", reason="Also private")

        seen = mona.get(f"{LEAVE}/{secret['id']}")

        assert seen.status_code == 200
        assert set(seen.json()) == {"id", "owner", "starts", "ends", "status", "created_at"}
        assert erin.get(f"{LEAVE}/{others['id']}").status_code == 404
        assert {row["owner"] for row in erin.get(LEAVE).json()["items"]} == {leave.id("erin")}
        assert hana.get(f"{LEAVE}/{secret['id']}").json()["reason"] == "Private"


def test_only_the_manager_decides(leave: Service) -> None:
    """Others may not use the operation; a manager's own request is not there for the decision."""
    with leave.client("erin") as erin, leave.client("mona") as mona, leave.visitor() as visitor:
        of_erin = _ask(erin, "2028-03-01", "2028-03-02")
        of_mona = _ask(mona, "2028-03-01", "2028-03-02")
        verdict = {"verdict": "approved"}

        assert erin.post(f"{LEAVE}/{of_erin['id']}/decision", json=verdict).status_code == 403
        assert visitor.post(f"{LEAVE}/{of_erin['id']}/decision", json=verdict).status_code == 401
        assert mona.post(f"{LEAVE}/{of_mona['id']}/decision", json=verdict).status_code in (404, 409)
        assert mona.get(f"{LEAVE}/{of_mona['id']}").json()["status"] == "pending"


def test_the_last_day_is_not_before_the_first(leave: Service) -> None:
    """The check of the entity answers 422 with its own message and stores nothing."""
    with leave.client("erin") as erin:
        before = erin.get(LEAVE, params={"total": "true"}).json()["total"]

        answer = erin.post(LEAVE, json={"starts": "2028-04-02", "ends": "2028-04-01"})

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert "The last day is not before the first day" in answer.text
        assert erin.get(LEAVE, params={"total": "true"}).json()["total"] == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ends": "2028-04-01"}, "/starts"),
        ({"starts": "2028-13-01", "ends": "2028-04-01"}, "/starts"),
        ({"starts": None, "ends": "2028-04-01"}, "/starts"),
        ({"starts": "2028-04-01", "ends": "2028-04-01", "status": "approved"}, "/status"),
        ({"starts": "2028-04-01", "ends": "2028-04-01", "owner": "somebody"}, "/owner"),
        ({"starts": "2028-04-01", "ends": "2028-04-01", "reason": "x" * 501}, "/reason"),
    ],
)
def test_what_does_not_fit_is_named(leave: Service, body: dict[str, Any], pointer: str) -> None:
    """A body that does not fit is answered 422 with a pointer to the value."""
    with leave.client("erin") as erin:
        answer = erin.post(LEAVE, json=body)

        assert answer.status_code == 422, answer.text
        assert [problem["pointer"] for problem in answer.json()["errors"]] == [pointer]


def test_a_pending_request_of_ones_own_is_withdrawn(leave: Service) -> None:
    """A delete takes away what is pending and one's own, and nothing else."""
    with leave.client("erin") as erin, leave.client("mona") as mona, leave.client("hana") as hana:
        pending = _ask(erin, "2028-05-01", "2028-05-02")
        decided = _ask(erin, "2028-05-03", "2028-05-04")
        mona.post(f"{LEAVE}/{decided['id']}/decision", json={"verdict": "rejected"})

        assert hana.delete(f"{LEAVE}/{pending['id']}").status_code == 403
        assert erin.delete(f"{LEAVE}/{decided['id']}").status_code == 403
        assert erin.delete(f"{LEAVE}/{pending['id']}").status_code == 204
        assert erin.get(f"{LEAVE}/{pending['id']}").status_code == 404
        assert erin.delete(f"{LEAVE}/{pending['id']}").status_code == 404


def test_a_list_is_filtered_and_sorted_and_read_in_pages(leave: Service) -> None:
    """Pages by cursor give every row once, in order, under the filter."""
    with leave.client("hana") as hana:
        days = [f"2029-06-{day:02}" for day in range(1, 8)]
        for day in reversed(days):
            _ask(hana, day, day)
        wanted = {"starts.gte": "2029-06-01", "starts.lt": "2029-07-01", "sort": "starts", "limit": "3"}

        pages: list[list[str]] = []
        cursor: str | None = None
        while cursor is not None or not pages:
            answer = hana.get(LEAVE, params={**wanted, **({"cursor": cursor} if cursor else {})})
            assert answer.status_code == 200, answer.text
            pages.append([row["starts"] for row in answer.json()["items"]])
            cursor = answer.json()["next"]

        assert pages == [days[:3], days[3:6], days[6:]]
        downwards = hana.get(LEAVE, params={**wanted, "sort": "-starts"}).json()["items"]
        assert [row["starts"] for row in downwards] == days[:-4:-1]


def test_a_column_that_is_not_seen_cannot_be_asked_for(leave: Service) -> None:
    """Neither an unlisted filter nor an unlisted sort exists."""
    with leave.client("mona") as mona:
        assert mona.get(LEAVE, params={"reason": "Snow"}).status_code == 422
        assert mona.get(LEAVE, params={"sort": "reason"}).status_code == 422
        assert mona.get(LEAVE, params={"limit": "0"}).status_code == 422
        assert mona.get(LEAVE, params={"cursor": "made-up"}).status_code == 422


def test_a_cursor_is_its_callers_own(leave: Service) -> None:
    """A cursor of one person does not work for another."""
    with leave.client("hana") as hana, leave.client("erin") as erin:
        _ask(hana, "2030-01-01", "2030-01-01")
        _ask(hana, "2030-01-02", "2030-01-02")
        cursor = hana.get(LEAVE, params={"limit": "1"}).json()["next"]

        assert hana.get(LEAVE, params={"limit": "1", "cursor": cursor}).status_code == 200
        assert erin.get(LEAVE, params={"limit": "1", "cursor": cursor}).status_code == 422


def test_a_create_is_done_once_for_its_key(leave: Service) -> None:
    """The same key and body give the recorded answer; another body under the key is refused."""
    with leave.client("erin") as erin:
        key = {"Idempotency-Key": f"once-{leave.dialect}"}
        body = {"starts": "2028-07-01", "ends": "2028-07-02"}

        first = erin.post(LEAVE, json=body, headers=key)
        second = erin.post(LEAVE, json=body, headers=key)
        other = erin.post(LEAVE, json={**body, "ends": "2028-07-09"}, headers=key)

        assert first.status_code == second.status_code == 201
        assert first.json() == second.json()
        assert first.headers["location"] == second.headers["location"] == f"{LEAVE}/{first.json()['id']}"
        assert other.status_code == 422
        assert len(erin.get(LEAVE, params={"starts": "2028-07-01"}).json()["items"]) == 1


def test_what_a_client_has_is_not_sent_again(leave: Service) -> None:
    """A get carries an entity tag, and answers 304 to whoever has it."""
    with leave.client("erin") as erin:
        path = f"{LEAVE}/{_ask(erin, '2028-08-01', '2028-08-02')['id']}"

        first = erin.get(path)
        again = erin.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert again.status_code == 304 and again.content == b""
        assert again.headers["etag"] == first.headers["etag"]
        assert erin.delete(path, headers={"If-Match": '"99"'}).status_code == 412
        assert erin.delete(path, headers={"If-Match": first.headers["etag"]}).status_code == 204


def test_a_foreign_site_changes_nothing(leave: Service) -> None:
    """A request with the session's cookie but another origin, or none, is refused."""
    with leave.client("erin") as erin:
        body = {"starts": "2028-09-01", "ends": "2028-09-02"}

        assert erin.post(LEAVE, json=body, headers={"Origin": "https://elsewhere.test"}).status_code == 403
        del erin.headers["Origin"]
        assert erin.post(LEAVE, json=body).status_code == 403
        assert erin.get(LEAVE, params={"starts": "2028-09-01"}).json()["items"] == []


def test_wrong_passwords_and_unknown_people_look_the_same(leave: Service) -> None:
    """Nobody learns by signing in whether an address has an account."""
    with leave.visitor() as visitor:
        wrong = visitor.post("/api/accounts/sign-in", json={"email": "erin@acme.test", "password": "not-this-one"})
        unknown = visitor.post("/api/accounts/sign-in", json={"email": "nobody@acme.test", "password": "not-this-one"})

        assert wrong.status_code == unknown.status_code == 401
        assert {**wrong.json(), "request": ""} == {**unknown.json(), "request": ""}


def test_signing_out_ends_the_session(leave: Service) -> None:
    """After signing out, the cookie opens nothing any more, not even for a moment."""
    email, password = leave.credentials("erin")
    with leave.visitor() as erin:
        erin.post("/api/accounts/sign-in", json={"email": email, "password": password})
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in erin.cookies.items())}
        assert httpx.get(leave.address + LEAVE, headers=cookie).status_code == 200

        ended = erin.post("/api/accounts/sign-out")

        assert ended.status_code == 204
        assert httpx.get(leave.address + LEAVE, headers=cookie).status_code == 401
