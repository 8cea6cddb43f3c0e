"""The job of the CRM by HTTP, the same on both databases."""

from __future__ import annotations

from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

_NUMBERS = count(1)


@pytest.fixture(params=DATABASES)
def crm(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running CRM."""
    return running("crm", request.param)


def _deal(client: httpx.Client, **more: Any) -> dict[str, Any]:
    company = client.get("/api/companies", params={"q": "Cedar"}).json()["items"][0]["id"]
    body = {"company": company, "title": f"Deal {next(_NUMBERS):04}", "amount": "100.00", **more}
    answer = client.post("/api/deals", json=body)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def test_a_deal_moves_and_every_move_leaves_a_note(crm: Service) -> None:
    """A move changes the stage and keeps its reason; a deal that is closed does not move again."""
    with crm.client("rita") as rita:
        deal = _deal(rita)
        path = f"/api/deals/{deal['id']}/stage"

        moved = rita.post(path, json={"stage": "won", "why": "They signed."})
        again = rita.post(path, json={"stage": "lead"})
        notes = rita.get("/api/notes", params={"deal": deal["id"]}).json()["items"]

        assert (moved.status_code, moved.json()["stage"]) == (200, "won")
        assert (again.status_code, again.json()["title"]) == (409, "This deal is closed already")
        assert [note["words"] for note in notes] == ["Moved to won: They signed."]


def test_reps_see_their_own_deals_and_managers_all(crm: Service) -> None:
    """A colleague's deal is not there at all: neither by its address, nor in the list, nor to be moved."""
    with crm.client("rita") as rita, crm.client("rolf") as rolf, crm.client("max") as manager:
        deal = _deal(rita)

        found = [client.get(f"/api/deals/{deal['id']}").status_code for client in (rita, rolf, manager)]
        listed = [one["id"] for one in rolf.get("/api/deals", params={"q": deal["title"]}).json()["items"]]
        moved = rolf.post(f"/api/deals/{deal['id']}/stage", json={"stage": "lost"})
        noted = rolf.post("/api/notes", json={"deal": deal["id"], "words": "Mine now"})

        assert found == [200, 404, 200]
        missing = rolf.post(f"/api/deals/{'0' * 22}/stage", json={"stage": "lost"})
        assert listed == []
        assert (moved.status_code, moved.json()["type"]) == (missing.status_code, missing.json()["type"]) != 200
        assert noted.status_code in (403, 404, 422)


def test_nobody_writes_the_stage_past_its_operation(crm: Service) -> None:
    """The stage is no field of the ready-made update, not even for managers."""
    with crm.client("rita") as rita, crm.client("max") as manager:
        deal = _deal(rita)

        answers = [
            client.patch(f"/api/deals/{deal['id']}", json={"stage": "won"}).status_code for client in (rita, manager)
        ]

        assert set(answers) <= {403, 422}
        assert rita.get(f"/api/deals/{deal['id']}").json()["stage"] == "lead"


def test_a_company_takes_its_contacts_along(crm: Service) -> None:
    """Contacts go with their company; a company with deals stays."""
    with crm.client("max") as manager:
        company = manager.post("/api/companies", json={"name": f"Elm {next(_NUMBERS)}"}).json()["id"]
        contact = manager.post("/api/contacts", json={"company": company, "name": "Eve Elm"}).json()["id"]
        kept = _deal(manager)["company"]

        gone, refused = manager.delete(f"/api/companies/{company}"), manager.delete(f"/api/companies/{kept}")

        assert (gone.status_code, refused.status_code) == (204, 409)
        assert manager.get(f"/api/contacts/{contact}").status_code == 404
