"""A cart is turned into an order once; without a stock field nothing runs out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: kiosk
version: 1.0.0
owner: team-kiosk
components: {accounts: ACCOUNTS, carts: std/carts@^1}
roles: {seller: {}}
entities:
  Paper:
    traits: {cart: {name: title, on_sale: this.fresh, sellers: [seller]}}
    fields:
      title: text(100)!
      price: {type: "money(EUR)!", min: 0, max: 100}
      fresh: {type: bool, default: true}
    permissions: {signed-in: {read: true}, seller: {create: true, update: true}}
    expose: /api/papers
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("carts"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[], kim=["seller"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    id: str = answer.json()["id"]
    return id


async def test_a_cart_becomes_an_order_once(service: Assembled) -> None:
    """The order holds lines and total; the second checkout finds an empty cart."""
    paper = await made(service, "kim", "/api/papers", title="News", price="1.20")
    ann = await service.client("ann")
    await ann.request("PUT", f"/api/papers/{paper}/in-cart", json={"quantity": 3})

    first, second = [await ann.post("/api/papers-orders", json={}) for _ in range(2)]

    assert (first.status, first.json()["total"]) == (201, "3.60")
    assert second.status == 409
    lines = (await ann.get(f"/api/papers-order-lines?order={first.json()['id']}")).json()["items"]
    assert [(line["name"], line["price"], line["quantity"], line["amount"]) for line in lines] == [
        ("News", "1.20", 3, "3.60")
    ]


async def test_a_cart_is_its_owners(service: Assembled) -> None:
    """Nobody sees or orders what another one has put into a cart, and sellers see the orders."""
    paper = await made(service, "kim", "/api/papers", title="News", price="2.00")
    ann, bob, kim = [await service.client(name) for name in ("ann", "bob", "kim")]
    await ann.request("PUT", f"/api/papers/{paper}/in-cart", json={"quantity": 1})

    assert (await bob.get("/api/papers-cart")).json()["items"] == []
    assert (await bob.post("/api/papers-orders", json={})).status == 409
    order = (await ann.post("/api/papers-orders", json={})).json()
    assert (await bob.get(f"/api/papers-orders/{order['id']}")).status == 404
    assert (await kim.patch(f"/api/papers-orders/{order['id']}", json={"status": "paid"})).status == 200


async def test_what_is_not_on_sale_stays_out(service: Assembled) -> None:
    """The condition holds when something is put in; so do the bounds of a quantity."""
    paper = await made(service, "kim", "/api/papers", title="Old", price="2.00", fresh=False)
    ann = await service.client("ann")

    assert (await ann.request("PUT", f"/api/papers/{paper}/in-cart", json={"quantity": 1})).status == 404
    assert (await ann.request("PUT", f"/api/papers/{paper}/in-cart", json={"quantity": 101})).status == 422
    assert (await ann.delete(f"/api/papers/{paper}/in-cart")).status == 404
