"""The job of the helpdesk by HTTP, the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx

from acceptance.services import Service

TICKETS = "/api/tickets"
_NUMBERS = count(1)


def _report(client: httpx.Client, **more: Any) -> dict[str, Any]:
    body = {"subject": f"Broken {next(_NUMBERS):04}", "description": "It does not work.", **more}
    answer = client.post(TICKETS, json=body)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _act(client: httpx.Client, ticket: dict[str, Any], action: str, body: Any = None) -> httpx.Response:
    return client.post(f"{TICKETS}/{ticket['id']}/{action}", json={} if body is None else body)


def test_a_ticket_is_reported_taken_answered_solved_and_reopened(helpdesk: Service) -> None:
    """The whole way of a ticket, as its reporter and its agent go it."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne:
        ticket = _report(cora, priority="high")

        taken = _act(arne, ticket, "take")
        reply = arne.post("/api/comments", json={"ticket": ticket["id"], "body": "Did you turn it on?"})
        answer = cora.post("/api/comments", json={"ticket": ticket["id"], "body": "I did."})
        solved = _act(arne, ticket, "solution", {"answer": "It is plugged in now."})
        reopened = _act(cora, ticket, "reopening")

        assert taken.json()["assignee"] == helpdesk.id("arne")
        assert reply.status_code == answer.status_code == 201
        assert solved.json()["status"] == "solved" and solved.json()["solved_at"] is not None
        assert reopened.json()["status"] == "open" and reopened.json()["solved_at"] is None
        bodies = cora.get("/api/comments", params={"ticket": ticket["id"], "sort": "created_at"}).json()["items"]
        assert [one["body"] for one in bodies] == ["Did you turn it on?", "I did.", "It is plugged in now."]


def test_what_has_been_done_is_not_done_again(helpdesk: Service) -> None:
    """Taking a taken ticket, solving a solved one and reopening an open one answer 409 with the assembly's words."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne, helpdesk.client("lena") as lena:
        ticket = _report(cora)
        assert _act(arne, ticket, "take").status_code == 200

        taken = _act(lena, ticket, "take")
        reopened = _act(cora, ticket, "reopening")
        _act(arne, ticket, "solution")
        solved = _act(arne, ticket, "solution")

        assert (taken.status_code, taken.json()["title"]) == (409, "Somebody took this ticket before you")
        assert (reopened.status_code, reopened.json()["title"]) == (409, "This ticket is not solved")
        assert (solved.status_code, solved.json()["title"]) == (409, "This ticket is solved already")


def test_of_many_who_take_a_ticket_at_once_one_has_it(helpdesk: Service) -> None:
    """Exactly one of eight attempts at the same moment takes the ticket."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne, helpdesk.client("lena") as lena:
        for _ in range(3):
            ticket = _report(cora)

            with ThreadPoolExecutor(8) as pool:
                agents = [arne, lena] * 4
                answers = list(pool.map(lambda one, ticket=ticket: _act(one, ticket, "take"), agents))

            assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
            winner = next(answer for answer in answers if answer.status_code == 200).json()["assignee"]
            assert arne.get(f"{TICKETS}/{ticket['id']}").json()["assignee"] == winner


def test_customers_see_their_own_tickets_only(helpdesk: Service) -> None:
    """Somebody else's ticket, its comments and its documents are not there for a customer."""
    with helpdesk.visitor() as other, helpdesk.client("cora") as cora, helpdesk.client("arne") as arne:
        registered = other.post(
            "/api/accounts/register",
            json={
                "email": f"other-{helpdesk.dialect}@acme.test",
                "name": "Other",
                "password": "a-quite-long-password",
            },
        )
        assert registered.status_code == 201, registered.text
        ticket = _report(cora)
        comment = arne.post("/api/comments", json={"ticket": ticket["id"], "body": "Hello"}).json()

        assert other.get(f"{TICKETS}/{ticket['id']}").status_code == 404
        assert other.get(TICKETS).json()["items"] == []
        assert other.get(f"/api/comments/{comment['id']}").status_code == 404
        assert other.get("/api/comments").json()["items"] == []
        assert other.get("/api/conversations").json()["items"] == []
        refused = other.post("/api/comments", json={"ticket": ticket["id"], "body": "Let me in"})
        assert refused.status_code in (403, 404, 422), refused.text
        assert _act(other, ticket, "take").status_code == 403


def test_internal_remarks_stay_inside(helpdesk: Service) -> None:
    """An agent's internal comment is not there for the customer, neither listed, nor counted, nor nested."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne:
        ticket = _report(cora)
        body = {"ticket": ticket["id"], "body": "Between us", "internal": True}
        remark = arne.post("/api/comments", json=body).json()

        listed = cora.get("/api/comments", params={"ticket": ticket["id"], "total": "true"}).json()
        conversations = cora.get("/api/conversations", params={"limit": "100"}).json()["items"]

        assert cora.get(f"/api/comments/{remark['id']}").status_code == 404
        assert listed["items"] == [] and listed["total"] == 0
        assert next(one for one in conversations if one["id"] == ticket["id"])["comments"] == []
        assert cora.post("/api/comments", json={**body, "body": "Mine"}).status_code in (403, 422)


def test_a_solved_ticket_takes_no_more_replies_of_its_customer(helpdesk: Service) -> None:
    """The check on a customer's comment looks at the ticket it belongs to."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne:
        ticket = _report(cora)
        _act(arne, ticket, "solution")

        answer = cora.post("/api/comments", json={"ticket": ticket["id"], "body": "One more thing"})

        assert answer.status_code in (403, 409, 422), answer.text


def test_documents_go_up_and_come_down(helpdesk: Service) -> None:
    """A document comes back byte for byte, to those who may read its ticket, and only as what it is."""
    content = bytes(range(256)) * 400
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne, helpdesk.visitor() as visitor:
        ticket = _report(cora)
        sent = cora.post(
            "/api/attachments",
            data={"ticket": ticket["id"]},
            files={"document": ("Überblick 1.pdf", b"%PDF-1.4\n" + content, "application/pdf")},
        )
        assert sent.status_code == 201, sent.text
        path = f"/api/attachments/{sent.json()['id']}/document"

        came = arne.get(path)
        part = cora.get(path, headers={"Range": "bytes=0-7"})

        assert sent.json()["document"]["name"] == "Überblick 1.pdf"
        assert came.status_code == 200 and came.content == b"%PDF-1.4\n" + content
        assert came.headers["content-type"] == "application/pdf"
        assert came.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in came.headers["content-security-policy"]
        assert (part.status_code, part.content) == (206, b"%PDF-1.4")
        assert visitor.get(path).status_code == 401
        assert arne.get(path, headers={"If-None-Match": came.headers["etag"]}).status_code == 304


def test_documents_of_other_kinds_are_refused(helpdesk: Service) -> None:
    """Media types that are not listed, and what only claims to be one of them, answer 415 or 422; too much 413."""
    with helpdesk.client("cora") as cora:
        data = {"ticket": _report(cora)["id"]}

        def send(name: str, content: bytes, media: str) -> int:
            return cora.post("/api/attachments", data=data, files={"document": (name, content, media)}).status_code

        assert send("a.html", b"<script>alert(1)</script>", "text/html") in (415, 422)
        assert send("a.png", b"<script>alert(1)</script>", "image/png") in (415, 422)
        assert send("a.txt", b"x" * (5 * 1024 * 1024 + 1), "text/plain") in (413, 422)
        assert send("a.txt", b"fine", "text/plain") == 201


def test_leads_hand_tickets_over(helpdesk: Service) -> None:
    """A lead assigns whom she wants; an agent may not."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne, helpdesk.client("lena") as lena:
        ticket = _report(cora)
        whom = {"assignee": helpdesk.id("arne")}

        assert _act(arne, ticket, "assignee", whom).status_code == 403
        assert _act(lena, ticket, "assignee", whom).json()["assignee"] == whom["assignee"]
        assert _act(lena, ticket, "assignee", {"assignee": "0" * 22}).status_code in (409, 422)
        assert _act(lena, {"id": "0" * 22}, "assignee", whom).status_code == 404


def test_tags_are_put_on_and_taken_off(helpdesk: Service) -> None:
    """A ticket's tags are replaced as a whole; unknown tags are refused; a deleted tag leaves its tickets."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne, helpdesk.client("lena") as lena:
        ticket = _report(cora)
        path = f"{TICKETS}/{ticket['id']}"
        one, two = (lena.post("/api/tags", json={"name": f"tag-{next(_NUMBERS)}"}).json()["id"] for _ in range(2))

        def ids(answer: httpx.Response) -> set[str]:
            return {tag["id"] for tag in answer.json()["tags"]}

        assert ids(arne.patch(path, json={"tags": [one, two]})) == {one, two}
        assert ids(arne.patch(path, json={"priority": "urgent"})) == {one, two}
        assert arne.patch(path, json={"tags": ["0" * 22]}).status_code in (409, 422)
        assert lena.delete(f"/api/tags/{one}").status_code == 204
        assert ids(arne.get(path)) == {two}
        assert ids(arne.patch(path, json={"tags": []})) == set()
        assert arne.post("/api/tags", json={"name": "mine"}).status_code == 403
        assert cora.get("/api/tags").status_code == 403
        assert cora.patch(path, json={"priority": "low"}).status_code == 403


def test_tickets_are_found_by_what_they_are(helpdesk: Service) -> None:
    """Filters combine, several values of one are alternatives, and the search looks at subjects."""
    with helpdesk.client("cora") as cora, helpdesk.client("arne") as arne:
        word = f"zebra{next(_NUMBERS)}"
        for priority in ("low", "high", "urgent"):
            _report(cora, subject=f"{word} {priority}", priority=priority)

        def found(**wanted: str) -> set[str]:
            answer = arne.get(TICKETS, params={"q": word, **wanted})
            assert answer.status_code == 200, answer.text
            return {row["priority"] for row in answer.json()["items"]}

        assert found() == {"low", "high", "urgent"}
        assert found(priority="high") == {"high"}
        assert found(**{"priority.in": "low,urgent"}) == {"low", "urgent"}
        assert found(status="solved") == set()
        assert arne.get(TICKETS, params={"priority": "highest"}).status_code == 422
