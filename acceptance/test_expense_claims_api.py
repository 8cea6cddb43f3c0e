"""Expense claims by HTTP, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service
from archwright_std_totp import codes

_PICTURE = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(params=DATABASES)
def expenses(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running expense claims."""
    return running("expense-claims", request.param)


def _submit(client: httpx.Client, amount: str = "100.00", currency: str = "USD", **more: str) -> httpx.Response:
    data = {"purpose": "Train to Oslo", "spent_on": "2026-05-04", "amount": amount, "currency": currency, **more}
    return client.post("/api/claims", data=data, files={"receipt": ("ticket.pdf", _PICTURE, "application/pdf")})


def _claim(client: httpx.Client, amount: str = "100.00", currency: str = "USD") -> dict[str, Any]:
    answer = _submit(client, amount, currency)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _statuses(client: httpx.Client, paths: list[str], **body: str) -> list[int]:
    return [client.post(path, json=body).status_code for path in paths]


def test_a_claim_is_submitted_approved_and_paid_once(expenses: Service) -> None:
    """The amount is turned into euros at the given rate; the manager approves, finance pays, nobody pays twice."""
    with expenses.client("emma") as emma, expenses.client("max") as manager, expenses.client("fay") as finance:
        claim = _claim(emma)
        path = f"/api/claims/{claim['id']}"

        early = finance.post(f"{path}/payment")
        approved = manager.post(f"{path}/decision", json={"verdict": "approved"})
        paid, again = finance.post(f"{path}/payment"), finance.post(f"{path}/payment")

        assert claim["euros"] == "91.0000"
        assert (early.status_code, approved.json()["status"]) == (409, "approved")
        assert (paid.status_code, paid.json()["status"], again.status_code) == (200, "paid", 409)
        assert emma.get(f"{path}/receipt").content == _PICTURE


def test_large_claims_go_to_finance(expenses: Service) -> None:
    """A manager decides up to 500 euros, finance above that, and neither the other's."""
    with expenses.client("emma") as emma, expenses.client("max") as manager, expenses.client("fay") as finance:
        small, large = _claim(emma, "500.00", "EUR"), _claim(emma, "500.01", "EUR")

        by_manager = manager.post(f"/api/claims/{large['id']}/decision", json={"verdict": "approved"})
        by_finance = [
            finance.post(f"/api/claims/{one['id']}/large-decision", json={"verdict": "approved"}).status_code
            for one in (small, large)
        ]

        assert by_manager.status_code == 409
        assert by_finance == [409, 200]
        assert manager.post(f"/api/claims/{small['id']}/decision", json={"verdict": "rejected"}).status_code == 200


def test_nobody_decides_or_pays_their_own_claim(expenses: Service) -> None:
    """Finance too needs somebody else: not even a large claim of their own is theirs to decide."""
    with expenses.client("fay") as finance:
        large = _claim(finance, "900.00", "EUR")
        path = f"/api/claims/{large['id']}"

        decided = _statuses(finance, [f"{path}/decision", f"{path}/large-decision"], verdict="approved")

        assert decided == [409, 409]
        assert finance.post(f"{path}/payment").status_code == 409


def test_colleagues_see_nothing_of_each_other(expenses: Service) -> None:
    """A colleague's claim and its receipt do not exist, nor for a manager of others."""
    with expenses.client("emma") as emma, expenses.client("otto") as otto, expenses.client("max") as manager:
        path, other = f"/api/claims/{_claim(emma)['id']}", f"/api/claims/{_claim(otto)['id']}"

        assert [otto.get(one).status_code for one in (path, f"{path}/receipt")] == [404, 404]
        assert manager.get(other).status_code == 404
        unseen, missing = _statuses(
            manager, [f"{other}/decision", f"/api/claims/{'0' * 22}/decision"], verdict="approved"
        )
        assert unseen == missing >= 400


def test_what_cannot_be_claimed_is_refused(expenses: Service) -> None:
    """No rate, no amount, a receipt that is none: each has its answer, and none leaves a claim."""
    with expenses.client("otto") as otto:
        before = otto.get("/api/claims", params={"total": "true"}).json()["total"]

        answers = [_submit(otto, currency="CHF"), _submit(otto, "0.00"), _submit(otto, status="paid")]
        data = {"purpose": "Lunch", "spent_on": "2026-05-04", "amount": "9.00", "currency": "EUR"}
        script = {"receipt": ("lunch.pdf", b"<script>alert(1)</script>", "application/pdf")}
        answers.append(otto.post("/api/claims", data=data, files=script))

        assert [answer.status_code for answer in answers[:3]] == [422, 422, 422]
        assert answers[3].status_code in (415, 422)
        assert otto.get("/api/claims", params={"total": "true"}).json()["total"] == before


def test_a_claim_on_hold_stays_as_it_is(expenses: Service) -> None:
    """What the auditor holds is neither withdrawn nor decided until it is released."""
    with expenses.client("emma") as emma, expenses.client("max") as manager, expenses.client("ada") as auditor:
        path = f"/api/claims/{_claim(emma)['id']}"

        held = auditor.post(f"{path}/hold", json={"reason": "Inquiry 7"})
        kept = emma.delete(path)
        decided = manager.post(f"{path}/decision", json={"verdict": "approved"})
        released = auditor.delete(f"{path}/hold")

        assert (held.status_code, released.status_code) == (204, 204)
        assert kept.status_code >= 400 and decided.status_code >= 400
        assert emma.delete(path).status_code == 204


def test_the_accounting_system_has_a_key(expenses: Service) -> None:
    """A program of finance reads what is to be paid; an employee gets no key."""
    with expenses.client("emma") as emma, expenses.client("fay") as finance, expenses.visitor() as program:
        made = finance.post("/api/keys", json={"name": "accounting", "roles": ["finance"], "days": 30})
        refused = emma.post("/api/keys", json={"name": "mine"})
        key = {"Authorization": f"ApiKey {made.json()['key']}"}

        listed = program.get("/api/claims", params={"status": "approved"}, headers=key)

        assert (made.status_code, refused.status_code, listed.status_code) == (201, 403, 200)


def test_finance_signs_in_with_a_code(expenses: Service) -> None:
    """Once finance has a second factor, the password alone starts no session."""
    email, password = expenses.credentials("fay")
    with expenses.client("fay") as finance, expenses.visitor() as visitor:
        secret = finance.post("/api/second-factor", json={"current": password}).json()["secret"]
        now = int(datetime.now(UTC).timestamp()) // codes.STEP
        confirmed = finance.post("/api/second-factor/confirmation", json={"code": codes.code(secret, now)})
        recovery = confirmed.json()["codes"]

        body = {"email": email, "password": password}
        alone = visitor.post("/api/accounts/sign-in", json=body)
        both = visitor.post("/api/accounts/sign-in", json={**body, "code": recovery[0]})
        removed = finance.post("/api/second-factor/removal", json={"code": recovery[1]})

        assert (alone.status_code, alone.json()["type"]) == (401, "/problems/code-needed")
        assert (both.status_code, removed.status_code) == (200, 204)


def test_people_get_a_copy_of_their_data(expenses: Service) -> None:
    """Everybody gets their own claims, and nobody a secret."""
    with expenses.client("emma") as emma:
        claim = _claim(emma)

        copy = emma.get("/api/my-data")

        assert copy.status_code == 200
        assert claim["id"] in copy.text and "digest" not in copy.text
