"""People get and erase what is kept about them, on both databases; holds are stronger than erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

CLINIC = f"""
assembly: clinic
version: 1.0.0
owner: team-clinic
components:
  accounts: {ACCOUNTS}
  rights: {{use: std/data-subject@^1}}
  hold: {{use: std/legal-hold@^1}}
roles:
  doctor: {{clears: [personal, health]}}
  counsel: {{}}
entities:
  Visit:
    subject: patient
    traits: {{legal-hold: {{by: [counsel]}}}}
    fields:
      patient: {{ref: accounts.User, default: "${{caller}}", immutable: true}}
      day: date!
      complaint: {{type: text(500)!, class: [health]}}
      code: {{type: text(60), class: [secret]}}
    permissions:
      signed-in:
        read: {{where: this.patient == caller, fields: [id, patient, day, complaint]}}
        create: {{fields: [day, complaint]}}
      doctor: {{read: {{fields: [id, patient, day, complaint, held]}}, update: {{fields: [day]}}, delete: true}}
      counsel: {{read: {{fields: [id, day, held]}}}}
    retention: {{for: 10y, from: this.day, then: anonymise}}
    expose: /api/visits
  Reminder:
    subject: person
    fields:
      person: {{ref: accounts.User, default: "${{caller}}", immutable: true}}
      visit: {{ref: Visit, required: true}}
      words: {{type: text(200)!, class: [personal]}}
    permissions:
      signed-in: {{read: {{where: this.person == caller}}, create: {{fields: [visit, words]}}}}
    retention: {{for: 1y, from: this.created_at, then: delete}}
    expose: {{path: /api/reminders, operations: [list, create]}}
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built once."""
    return assemble(CLINIC, tmp_path_factory.mktemp("clinic"))


@pytest.fixture
async def clinic(dist: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with two patients, a doctor, a lawyer and an officer."""
    roles = people(ann=[], bob=[], doc=["doctor"], law=["counsel"], dpo=["data-protection-officer"])
    async with started(dist, database, seed=Seed(people=roles)) as service:
        yield service


async def _visit(service: Assembled, person: str) -> str:
    client = await service.client(person)
    answer = await client.post("/api/visits", json={"day": "2026-03-01", "complaint": f"The knee of {person}"})
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    reminder = await client.post("/api/reminders", json={"visit": id, "words": f"Call {person}"})
    assert reminder.status == 201, reminder.body
    return id


async def _id(service: Assembled, person: str) -> str:
    found: str = (await (await service.client(person)).get("/api/accounts/me")).json()["id"]
    return found


async def test_people_get_everything_about_themselves(clinic: Assembled) -> None:
    """A copy holds every row about the person, of every entity, and nobody else's; never a secret."""
    await _visit(clinic, "ann")
    await _visit(clinic, "bob")

    copy: dict[str, Any] = (await (await clinic.client("ann")).get("/api/my-data")).json()

    assert [row["complaint"] for row in copy["Visit"]] == ["The knee of ann"]
    assert [row["words"] for row in copy["Reminder"]] == ["Call ann"]
    assert [row["email"] for row in copy["accounts.User"]] == ["ann@example.org"]
    assert "password" not in copy["accounts.User"][0] and "code" not in copy["Visit"][0]
    assert "bob" not in str(copy)


async def test_erasing_does_what_retention_would_do(clinic: Assembled) -> None:
    """Rows go or lose what says whom they were about, the account is closed, and the session ends."""
    visit, ann, id = await _visit(clinic, "ann"), await clinic.client("ann"), await _id(clinic, "ann")
    await _visit(clinic, "bob")

    done = await ann.post("/api/my-data/erasure", json={"confirm": "erase-everything"})
    left = (await (await clinic.client("doc")).get(f"/api/visits/{visit}")).json()
    again = await clinic.visitor().post(
        "/api/accounts/sign-in", json={"email": "ann@example.org", "password": "seven quiet herons"}
    )
    others = (await (await clinic.client("bob")).get("/api/reminders")).json()["items"]

    assert done.status == 200 and done.json()["held"] == 0
    assert left["complaint"] == "anonymised"
    assert (await ann.get("/api/my-data")).status == 401
    rest = (await (await clinic.client("dpo")).get(f"/api/my-data/people/{id}")).json()["accounts.User"][0]
    assert (rest["name"], rest["active"]) == ("anonymised", False) and "ann" not in rest["email"]
    assert again.status == 401
    assert len(others) == 1


async def test_recorded_answers_are_erased_too(clinic: Assembled) -> None:
    """What was answered under an idempotency key is not kept longer than the rows that it was about."""
    ann, key = await clinic.client("ann"), {"idempotency-key": "visit-of-ann"}
    body = {"day": "2026-03-01", "complaint": "The elbow of ann"}
    await ann.post("/api/visits", json=body, headers=key)
    database = clinic.application.engine.database
    before = await database.fetch("SELECT outcome FROM archwright_idempotency")

    await ann.post("/api/my-data/erasure", json={"confirm": "erase-everything"})

    assert len(before) == 1
    assert await database.fetch("SELECT outcome FROM archwright_idempotency") == []


async def test_an_officer_erases_for_others(clinic: Assembled) -> None:
    """An officer shows and erases somebody's data and leaves a record of it; nobody else can."""
    await _visit(clinic, "ann")
    path = f"/api/my-data/people/{await _id(clinic, 'ann')}"
    officer, doctor = await clinic.client("dpo"), await clinic.client("doc")

    refused = [(await doctor.get(path)).status, (await doctor.post(f"{path}/erasure", json={})).status]
    shown, done = await officer.get(path), await officer.post(f"{path}/erasure", json={})
    records = (await officer.get("/api/my-data/erasures")).json()["items"]

    assert refused == [403, 403]
    assert shown.status == done.status == 200, done.body
    assert [one["deleted"] for one in records] == [done.json()["deleted"]]


async def test_what_is_held_stays(clinic: Assembled) -> None:
    """Neither its doctor nor an erasure changes a held row; when it is released, both do."""
    visit, lawyer = await _visit(clinic, "ann"), await clinic.client("law")
    doctor, ann = await clinic.client("doc"), await _id(clinic, "ann")

    held = await lawyer.post(f"/api/visits/{visit}/hold", json={"reason": "Case 17"})
    changed = await doctor.patch(f"/api/visits/{visit}", json={"day": "2026-03-02"})
    deleted = await doctor.delete(f"/api/visits/{visit}")
    done = await (await clinic.client("dpo")).post(f"/api/my-data/people/{ann}/erasure", json={})
    kept = (await doctor.get(f"/api/visits/{visit}")).json()
    released = await lawyer.delete(f"/api/visits/{visit}/hold")

    assert (held.status, changed.status, deleted.status, released.status) == (204, 403, 403, 204)
    assert (done.json()["held"], kept["complaint"]) == (1, "The knee of ann")
    assert (await doctor.patch(f"/api/visits/{visit}", json={"day": "2026-03-02"})).status == 200


async def test_somebody_who_is_not_there_has_no_data(clinic: Assembled) -> None:
    """An id of nobody is not found."""
    officer = await clinic.client("dpo")

    assert (await officer.get(f"/api/my-data/people/{'0' * 22}")).status in (404, 422)
