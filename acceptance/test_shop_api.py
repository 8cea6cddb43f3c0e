"""The shop by HTTP, the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.services import Service

PRODUCTS = "/api/products"
_NUMBERS = count(1)


def _product(keeper: httpx.Client, **more: Any) -> dict[str, Any]:
    row = {"name": f"Thing {next(_NUMBERS):04}", "price": "10.00", "stock": 10, "on_sale": True, **more}
    answer = keeper.post(PRODUCTS, json=row)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _put(client: httpx.Client, product: dict[str, Any], quantity: int) -> httpx.Response:
    return client.put(f"{PRODUCTS}/{product['id']}/in-cart", json={"quantity": quantity})


def _names(client: httpx.Client, **query: Any) -> list[str]:
    answer = client.get(PRODUCTS, params=query)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["items"]]


def test_anybody_finds_products_by_words(shop: Service) -> None:
    """Words are found in name and description, whole or as a beginning; the name counts more."""
    with shop.visitor() as visitor:
        assert _names(visitor, q="oak chair") == ["Oak chair", "Oak table"]
        assert _names(visitor, q="LAM") == ["Desk lamp", "Light bulb"]
        assert _names(visitor, q="oak stool") == []


def test_what_a_reader_may_not_see_makes_no_row_match(shop: Service) -> None:
    """Rows that are not on sale are found by the shopkeeper alone."""
    with shop.client("sara") as keeper, shop.visitor() as visitor:
        product = _product(keeper, name="Zirconium ring", on_sale=False)

        assert _names(keeper, q="zirconium") == [product["name"]]
        assert _names(visitor, q="zirconium") == []


@pytest.mark.parametrize(
    "q", ['"', "NEAR(oak chair)", "oak*", "name:oak", "oak AND", "(", "-oak OR", "*" * 200, "'; --", "\\"]
)
def test_a_search_is_never_an_operator(shop: Service, q: str) -> None:
    """Whatever is looked for is words and nothing else."""
    with shop.visitor() as visitor:
        assert visitor.get(PRODUCTS, params={"q": q}).status_code == 200


@pytest.mark.parametrize("q", ["a\x00b", "x" * 201], ids=["nul", "long"])
def test_a_search_that_cannot_be_is_refused(shop: Service, q: str) -> None:
    """NUL and more than 200 characters are told to be wrong."""
    with shop.visitor() as visitor:
        assert visitor.get(PRODUCTS, params={"q": q}).status_code in (400, 422)


def test_everybody_rates_once(shop: Service) -> None:
    """A second rating replaces the first, the average follows, and nobody else learns whose rating it is."""
    with shop.client("sara") as keeper, shop.client("bo") as bo, shop.client("cy") as cy:
        product = _product(keeper)
        path = f"{PRODUCTS}/{product['id']}"
        bo.put(f"{path}/rating", json={"stars": 1, "comment": "Broken"})
        bo.put(f"{path}/rating", json={"stars": 4})
        rated = cy.put(f"{path}/rating", json={"stars": 5})

        assert rated.status_code == 200, rated.text
        row = cy.get(path).json()
        assert (row["rating"], row["rated"]) == ("4.50", 2)
        counts = cy.get(f"{PRODUCTS}-rating-counts", params={"of": product["id"]}).json()["items"]
        assert [(one["stars"], one["ratings"]) for one in counts] == [(5, 1), (4, 1)]
        listed = cy.get(f"{PRODUCTS}-ratings", params={"of": product["id"]}).json()["items"]
        assert all("by" not in one for one in listed) and len(listed) == 2
        assert bo.put(f"{path}/rating", json={"stars": 6}).status_code == 422
        assert bo.delete(f"{path}/rating").status_code == 204
        assert cy.get(path).json()["rating"] == "5.00"


def test_an_order_keeps_the_price_of_its_moment(shop: Service) -> None:
    """A checkout turns the cart into an order, takes from the stock, and later prices change nothing."""
    with shop.client("sara") as keeper, shop.client("bo") as bo:
        cheap, dear = _product(keeper, price="2.50"), _product(keeper, price="100.00", stock=3)
        _put(bo, cheap, 1)
        _put(bo, cheap, 4)
        _put(bo, dear, 2)
        totals = bo.get(f"{PRODUCTS}-cart-total").json()["items"]
        order = bo.post(f"{PRODUCTS}-orders", json={"note": "Ring twice"})
        keeper.patch(f"{PRODUCTS}/{dear['id']}", json={"price": "900.00"})

        assert totals == [{"lines": 2, "units": 6, "total": "210.00"}]
        assert order.status_code == 201, order.text
        assert (order.json()["total"], order.json()["status"]) == ("210.00", "placed")
        again = bo.get(f"{PRODUCTS}-orders/{order.json()['id']}").json()
        assert again["total"] == "210.00"
        assert bo.get(f"{PRODUCTS}/{dear['id']}").json()["stock"] == 1
        assert bo.get(f"{PRODUCTS}-cart").json()["items"] == []
        assert bo.post(f"{PRODUCTS}-orders", json={}).status_code == 409


def test_nobody_sells_more_than_there_is(shop: Service) -> None:
    """Of two people who order the last piece one gets it, and the other keeps the cart."""
    with shop.client("sara") as keeper, shop.client("bo") as bo, shop.client("cy") as cy:
        last = _product(keeper, stock=1)
        for one in (bo, cy):
            assert _put(one, last, 1).status_code == 200

        with ThreadPoolExecutor(2) as pool:
            found = sorted(pool.map(lambda one: one.post(f"{PRODUCTS}-orders", json={}).status_code, (bo, cy)))

        assert found == [201, 409]
        assert keeper.get(f"{PRODUCTS}/{last['id']}").json()["stock"] == 0
        left = [one.get(f"{PRODUCTS}-cart").json()["items"] for one in (bo, cy)]
        assert sorted(map(len, left)) == [0, 1]
        for one in (bo, cy):
            one.delete(f"{PRODUCTS}/{last['id']}/in-cart")


def test_a_cancelled_order_gives_back(shop: Service) -> None:
    """Whoever placed an order may cancel it until the shop moves it on."""
    with shop.client("sara") as keeper, shop.client("bo") as bo, shop.client("cy") as cy:
        product = _product(keeper, stock=5)
        _put(bo, product, 3)
        first = bo.post(f"{PRODUCTS}-orders", json={}).json()
        _put(bo, product, 1)
        second = bo.post(f"{PRODUCTS}-orders", json={}).json()
        keeper.patch(f"{PRODUCTS}-orders/{second['id']}", json={"status": "shipped"})

        assert cy.get(f"{PRODUCTS}-orders/{first['id']}").status_code == 404
        assert cy.post(f"{PRODUCTS}-orders/{first['id']}/cancellation").status_code == 409
        assert bo.post(f"{PRODUCTS}-orders/{first['id']}/cancellation").json()["status"] == "cancelled"
        assert bo.post(f"{PRODUCTS}-orders/{second['id']}/cancellation").status_code == 409
        assert keeper.get(f"{PRODUCTS}/{product['id']}").json()["stock"] == 4


def test_attributes_are_typed_and_found(shop: Service) -> None:
    """A value fits the kind of its attribute, and rows are found by all the values that are asked for."""
    with shop.client("sara") as keeper, shop.visitor() as visitor:
        product = _product(keeper)
        known = {one["name"]: one["id"] for one in visitor.get(f"{PRODUCTS}-attributes").json()["items"]}
        path = f"{PRODUCTS}/{product['id']}/attributes"

        assert keeper.put(f"{path}/{known['colour']}", json={"value": "white"}).status_code == 200
        assert keeper.put(f"{path}/{known['colour']}", json={"value": "pink"}).status_code == 422
        assert keeper.put(f"{path}/{known['weight']}", json={"value": "2 kg"}).status_code == 422
        assert keeper.put(f"{path}/{known['weight']}", json={"value": "2", "number": "2"}).status_code == 200
        found = visitor.get(f"{PRODUCTS}-with-attributes", params={"has": "colour=white,weight=2"})
        assert found.status_code == 200, found.text
        assert [row["id"] for row in found.json()["items"]] == [product["id"]]
        facets = visitor.get(f"{PRODUCTS}-attribute-facets", params={"attribute": known["colour"]}).json()["items"]
        assert {one["value"]: one["rows"] for one in facets}["brown"] == 2


def test_related_products_share_most_tags(shop: Service) -> None:
    """Those that share more tags come first, and none that is not on sale."""
    with shop.client("bo") as bo:
        pen = next(row for row in bo.get(PRODUCTS, params={"q": "fountain"}).json()["items"])

        related = bo.get(f"{PRODUCTS}/{pen['id']}/related").json()["items"]

        names = [row["name"] for row in related]
        assert set(names[:2]) == {"Notebook", "Desk lamp"} and "Oak stool" not in names


def test_what_was_ordered_together_is_recommended(shop: Service) -> None:
    """Two orders that hold both make one product a recommendation of the other; one order does not."""
    with shop.client("sara") as keeper, shop.client("bo") as bo, shop.client("cy") as cy:
        cup, saucer = _product(keeper), _product(keeper)
        found = []
        for buyer in (bo, cy):
            _put(buyer, cup, 1)
            _put(buyer, saucer, 1)
            assert buyer.post(f"{PRODUCTS}-orders", json={}).status_code == 201
            found.append([row["id"] for row in bo.get(f"{PRODUCTS}/{cup['id']}/chosen-together").json()["items"]])

        assert found == [[], [saucer["id"]]]


def test_many_products_change_at_once_or_not_at_all(shop: Service) -> None:
    """One row that may not be changed leaves all of them as they are."""
    with shop.client("sara") as keeper, shop.client("bo") as bo:
        rows = [_product(keeper) for _ in range(3)]
        ids = [row["id"] for row in rows]

        changed = keeper.post(f"{PRODUCTS}/bulk/update", json={"ids": ids, "on_sale": False})
        refused = keeper.post(f"{PRODUCTS}/bulk/update", json={"ids": [ids[0], "A" * 22], "on_sale": True})

        assert changed.json() == {"changed": 3}
        assert refused.status_code in (409, 422)
        assert keeper.get(f"{PRODUCTS}/{ids[0]}").json()["on_sale"] is False
        assert bo.post(f"{PRODUCTS}/bulk/update", json={"ids": ids, "on_sale": True}).status_code == 403
