"""Values fit their attributes, and rows are found by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: parts
version: 1.0.0
owner: team-parts
components: {accounts: ACCOUNTS, attributes: std/attributes@^1}
roles: {keeper: {}}
entities:
  Bolt:
    traits: {attributes: {defined_by: [keeper], set_by: [keeper], read_by: [signed-in]}}
    fields: {name: text(100)!}
    permissions: {signed-in: {read: true}, keeper: {create: true}}
    expose: /api/bolts
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("attributes"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], kim=["keeper"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def test_rows_are_found_by_ranges_and_values(service: Assembled) -> None:
    """Numbers are compared as numbers; a row is found only if all the values are its own."""
    kim = await service.client("kim")
    length = await made(service, "kim", "/api/bolts-attributes", name="length", kind="number", unit="mm")
    head = await made(service, "kim", "/api/bolts-attributes", name="head", kind="choice", choices=["hex", "flat"])
    bolts = [await made(service, "kim", "/api/bolts", name=name) for name in ("short", "long")]
    for bolt, mm, kind in zip(bolts, ("9", "10.5"), ("hex", "hex"), strict=True):
        for attribute, value in ((length, {"value": mm, "number": mm}), (head, {"value": kind})):
            answer = await kim.request("PUT", f"/api/bolts/{bolt}/attributes/{attribute}", json=value)
            assert answer.status == 200, answer.body

    ann = await service.client("ann")
    values = await ann.get(f"/api/bolts-attribute-values?attribute={length}&number.gte=9.5")
    both = await ann.get("/api/bolts-with-attributes?has=head=hex,length=9")
    none = await ann.get("/api/bolts-with-attributes?has=head=flat")

    assert [row["of"] for row in values.json()["items"]] == [bolts[1]]
    assert [row["id"] for row in both.json()["items"]] == [bolts[0]]
    assert none.json()["items"] == []


async def test_values_fit_their_attribute(service: Assembled) -> None:
    """A choice is one of the choices, a number has one, and only those who may set do."""
    kim, ann = await service.client("kim"), await service.client("ann")
    kinds = {
        kind: await made(
            service, "kim", "/api/bolts-attributes", name=kind, kind=kind, choices=["a"] if kind == "choice" else []
        )
        for kind in ("text", "number", "yes-no", "choice")
    }
    bolt = await made(service, "kim", "/api/bolts", name="one")
    wrong = {
        "text": {"value": "x", "number": "1"},
        "number": {"value": "1"},
        "yes-no": {"value": "maybe"},
        "choice": {"value": "b"},
    }

    found = {
        kind: (await kim.request("PUT", f"/api/bolts/{bolt}/attributes/{kinds[kind]}", json=value)).status
        for kind, value in wrong.items()
    }

    assert found == dict.fromkeys(wrong, 422)
    assert (
        await ann.request("PUT", f"/api/bolts/{bolt}/attributes/{kinds['text']}", json={"value": "x"})
    ).status == 403
