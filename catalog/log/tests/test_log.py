"""Changes are written down and numbered; what is append-only stays as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: assets
version: 1.0.0
owner: team-assets
components:
  accounts: ACCOUNTS
  log: std/log@^1
roles: {keeper: {}}
entities:
  Asset:
    fields: {name: text(200)!, worth: {type: "int(0..1000000)", default: 0}}
    permissions: {signed-in: {read: true}, keeper: {create: true, update: true, delete: true}}
    check: {affordable: this.worth < 1000}
    expose: /api/assets
    traits:
      log: {of: [name, worth], readers: [keeper]}
  Booking:
    fields: {amount: int!, note: text(100)}
    permissions: {keeper: {read: true, create: true, update: true, delete: true}}
    expose: /api/bookings
    traits: [append-only]
  Invoice:
    fields: {amount: int!, note: text(100)}
    permissions: {keeper: {read: true, create: true, update: true, delete: true}}
    expose: /api/invoices
    traits: {append-only: {fixed: [amount]}}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("log"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(kim=["keeper"], bob=[]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def test_changes_are_numbered_without_gaps(service: Assembled) -> None:
    """Each change is written down with its author and number; one that is refused leaves no gap."""
    kim = await service.client("kim")
    asset = await made(service, "kim", "/api/assets", name="Desk")
    await kim.patch(f"/api/assets/{asset}", json={"worth": 9})
    assert (await kim.patch(f"/api/assets/{asset}", json={"worth": 5000})).status == 422
    await kim.delete(f"/api/assets/{asset}")

    entries = (await kim.get("/api/assets-log")).json()["items"]

    assert [(one["number"], one["action"], one["worth"]) for one in entries] == [
        (3, "deleted", 9), (2, "changed", 9), (1, "created", 0)
    ]  # fmt: skip
    assert {one["about"] for one in entries} == {f"asset/{asset}"}
    assert all(one["author"] for one in entries)


async def test_the_log_of_one_row(service: Assembled) -> None:
    """The entries about one row are listed, for those who may read the log."""
    kim, bob = await service.client("kim"), await service.client("bob")
    asset = await made(service, "kim", "/api/assets", name="Desk")
    await made(service, "kim", "/api/assets", name="Lamp")

    assert [one["name"] for one in (await kim.get(f"/api/assets/{asset}/log")).json()["items"]] == ["Desk"]
    assert (await bob.get("/api/assets-log")).status == 403


async def test_what_is_append_only_stays(service: Assembled) -> None:
    """A row is neither changed nor deleted, although permissions would allow it."""
    kim = await service.client("kim")
    booking = await made(service, "kim", "/api/bookings", amount=5)

    changed = await kim.patch(f"/api/bookings/{booking}", json={"amount": 6})
    deleted = await kim.delete(f"/api/bookings/{booking}")

    assert (changed.status, deleted.status) == (409, 409)
    assert (await kim.get(f"/api/bookings/{booking}")).json()["amount"] == 5


async def test_named_fields_stay(service: Assembled) -> None:
    """Where fields are named, these never change and others may."""
    kim = await service.client("kim")
    invoice = await made(service, "kim", "/api/invoices", amount=5)

    assert (await kim.patch(f"/api/invoices/{invoice}", json={"amount": 6})).status == 409
    assert (await kim.patch(f"/api/invoices/{invoice}", json={"note": "paid"})).status == 200
