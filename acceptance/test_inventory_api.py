"""The job of inventory by HTTP, the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.services import Service

ITEMS = "/api/items"
_NUMBERS = count(1)


def _item(buyer: httpx.Client, **more: Any) -> dict[str, Any]:
    number = next(_NUMBERS)
    answer = buyer.post(ITEMS, json={"sku": f"TEST-{number:04}", "name": f"Test {number:04}", **more})
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _move(client: httpx.Client, item: dict[str, Any], kind: str, quantity: int, **more: Any) -> httpx.Response:
    return client.post(f"{ITEMS}/{item['id']}/{kind}", json={"quantity": quantity, **more})


def test_goods_come_in_and_go_out(inventory: Service) -> None:
    """Each move changes the level and leaves a row that says who moved what."""
    with inventory.client("bela") as buyer, inventory.client("cleo") as clerk:
        item = _item(buyer, price="12.30", reorder_at=5)

        came = _move(clerk, item, "receipts", 12, note="from Nordic")
        went = _move(clerk, item, "issues", 9)

        assert item["on_hand"] == 0 and item["low"] is True and item["price"] == "12.30"
        assert came.status_code == went.status_code == 201
        assert came.json()["kind"] == "receipt" and came.json()["by"] == inventory.id("cleo")
        level = clerk.get(f"{ITEMS}/{item['id']}").json()
        assert (level["on_hand"], level["low"]) == (3, True)
        moves = clerk.get("/api/moves", params={"item": item["id"], "sort": "created_at"}).json()["items"]
        assert [(move["kind"], move["quantity"], move["note"]) for move in moves] == [
            ("receipt", 12, "from Nordic"),
            ("issue", 9, None),
        ]


def test_nobody_issues_what_is_not_there(inventory: Service) -> None:
    """An issue of more than there is answers 409 and leaves level and moves as they are."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer:
        item = _item(buyer)
        _move(clerk, item, "receipts", 4)

        refused = _move(clerk, item, "issues", 5)

        assert refused.status_code == 409
        assert refused.json()["title"] == "There is not that much of it in stock"
        assert clerk.get(f"{ITEMS}/{item['id']}").json()["on_hand"] == 4
        assert len(clerk.get("/api/moves", params={"item": item["id"]}).json()["items"]) == 1


def test_twenty_issues_at_once_never_go_below_zero(inventory: Service) -> None:
    """Of twenty issues of three at once out of thirty, exactly ten succeed."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer:
        item = _item(buyer)
        _move(clerk, item, "receipts", 30)

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: _move(clerk, item, "issues", 3), range(20)))

        assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 10
        assert clerk.get(f"{ITEMS}/{item['id']}").json()["on_hand"] == 0
        history = clerk.get("/api/moves", params={"item": item["id"], "kind": "issue", "total": "true"}).json()
        assert history["total"] == 10


def test_receipts_at_once_are_all_counted(inventory: Service) -> None:
    """No receipt is lost to another that came at the same moment."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer:
        item = _item(buyer)

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda amount: _move(clerk, item, "receipts", amount), range(1, 11)))

        assert {answer.status_code for answer in answers} == {201}
        assert clerk.get(f"{ITEMS}/{item['id']}").json()["on_hand"] == 55


@pytest.mark.parametrize("quantity", [0, -1, 100_001, 1.5, "3", None, True])
def test_quantities_are_whole_and_within_bounds(inventory: Service, quantity: Any) -> None:
    """What is no quantity is refused before anything moves."""
    with inventory.client("cleo") as clerk:
        item = clerk.get(ITEMS, params={"sku": "PAPER-A4"}).json()["items"][0]

        answer = clerk.post(f"{ITEMS}/{item['id']}/receipts", json={"quantity": quantity})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/quantity"


def test_a_level_stays_within_its_bound(inventory: Service) -> None:
    """A receipt that would carry the level over its bound is refused as a whole."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer:
        item = _item(buyer)
        for _ in range(10):
            assert _move(clerk, item, "receipts", 100_000).status_code == 201

        over = _move(clerk, item, "receipts", 1)

        assert over.status_code in (409, 422), over.text
        assert clerk.get(f"{ITEMS}/{item['id']}").json()["on_hand"] == 1_000_000
        assert clerk.get("/api/moves", params={"item": item["id"], "total": "true"}).json()["total"] == 10


def test_absent_null_and_value_are_three_things(inventory: Service) -> None:
    """A member that did not come stays, null empties, a value is set."""
    with inventory.client("bela") as buyer:
        supplier = buyer.post("/api/suppliers", json={"name": f"Three Things {next(_NUMBERS)}", "email": "a@b.test"})
        path = supplier.headers["location"]

        only_site = buyer.patch(path, json={"website": "https://three.test/"}).json()
        emptied = buyer.patch(path, json={"email": None}).json()

        assert only_site["email"] == "a@b.test" and only_site["website"] == "https://three.test/"
        assert emptied["email"] is None and emptied["website"] == "https://three.test/"
        assert buyer.patch(path, json={"name": None}).status_code == 422


def test_a_stale_change_is_refused(inventory: Service) -> None:
    """Of two changes that began from the same row, the second learns of the first."""
    with inventory.client("bela") as buyer:
        path = f"{ITEMS}/{_item(buyer)['id']}"
        tag = {"If-Match": buyer.get(path).headers["etag"]}

        first = buyer.patch(path, json={"reorder_at": 7}, headers=tag)
        second = buyer.patch(path, json={"reorder_at": 9}, headers=tag)

        assert first.status_code == 200 and first.headers["etag"] != tag["If-Match"]
        assert second.status_code == 412
        assert buyer.get(path).json()["reorder_at"] == 7


def test_unique_and_referenced_rows_stay(inventory: Service) -> None:
    """A second row under a unique key and the deletion of a row that is needed answer 409."""
    with inventory.client("bela") as buyer:
        supplier = buyer.post("/api/suppliers", json={"name": f"Needed {next(_NUMBERS)}"}).json()
        item = _item(buyer, supplier=supplier["id"])

        twice = buyer.post(ITEMS, json={"sku": item["sku"], "name": "Again"})
        gone = buyer.delete(f"/api/suppliers/{supplier['id']}")

        assert twice.status_code == 409 and twice.json()["errors"][0]["pointer"] == "/sku"
        assert gone.status_code == 409
        assert buyer.patch(f"{ITEMS}/{item['id']}", json={"supplier": None}).status_code == 200
        assert buyer.delete(f"/api/suppliers/{supplier['id']}").status_code == 204


def test_a_reference_to_nothing_is_refused(inventory: Service) -> None:
    """A supplier who does not exist cannot be named."""
    with inventory.client("bela") as buyer:
        answer = buyer.post(ITEMS, json={"sku": f"TEST-X{next(_NUMBERS)}", "name": "X", "supplier": "0" * 22})

        assert answer.status_code in (409, 422), answer.text


def test_clerks_move_and_buyers_change(inventory: Service) -> None:
    """A clerk may neither create nor change items; nobody sets a level or changes a key by hand."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer, inventory.visitor() as visitor:
        path = f"{ITEMS}/{_item(buyer)['id']}"

        assert clerk.post(ITEMS, json={"sku": "NO", "name": "No"}).status_code == 403
        assert clerk.patch(path, json={"name": "No"}).status_code == 403
        assert buyer.patch(path, json={"on_hand": 5}).status_code == 422
        assert buyer.patch(path, json={"sku": "OTHER"}).status_code == 422
        assert visitor.get(ITEMS).status_code == 401
        assert clerk.post("/api/moves", json={}).status_code == 405


def test_items_are_found(inventory: Service) -> None:
    """Search, filters by computed and stored columns, ranges and sorts give what they say."""
    with inventory.client("bela") as buyer:
        for word in ("Anvil", "Bolt", "Anchor"):
            _item(buyer, name=f"{word} of dialect {inventory.dialect}", reorder_at=0)

        def names(**wanted: str) -> list[str]:
            answer = buyer.get(ITEMS, params={"limit": "200", **wanted})
            assert answer.status_code == 200, answer.text
            return [row["name"].split()[0] for row in answer.json()["items"]]

        assert names(q="of dialect", sort="name") == ["Anchor", "Anvil", "Bolt"]
        assert names(q="ANVIL OF") == ["Anvil"]
        assert names(q="of_dialect") == []
        assert "Pen" in names(low="true") and "Pen" not in names(low="false")
        assert "Paper" in names(**{"on_hand.gte": "100"}) and "Bulb" not in names(**{"on_hand.gte": "100"})


def test_totals_count_what_is_there(inventory: Service) -> None:
    """Grouped sums follow the moves."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer:

        def units() -> dict[str, int]:
            rows = clerk.get("/api/move-totals").json()["items"]
            return {row["kind"]: row["units"] for row in rows}

        item = _item(buyer)
        before = units()
        _move(clerk, item, "receipts", 8)
        _move(clerk, item, "issues", 3)
        after = units()

        assert after["receipt"] - before.get("receipt", 0) == 8
        assert after["issue"] - before.get("issue", 0) == 3


def test_a_history_nests_its_moves(inventory: Service) -> None:
    """One answer holds an item with its moves, newest first, and the name of who moved."""
    with inventory.client("cleo") as clerk, inventory.client("bela") as buyer:
        item = _item(buyer)
        _move(clerk, item, "receipts", 2)
        _move(buyer, item, "receipts", 5)

        rows = clerk.get("/api/item-histories", params={"limit": "200"}).json()["items"]

        moves = next(row for row in rows if row["id"] == item["id"])["moves"]
        assert [(move["quantity"], move["by"]) for move in moves] == [(5, "Bela Buyer"), (2, "Cleo Clerk")]


def test_money_is_exact(inventory: Service) -> None:
    """Prices are texts with two places; others are refused."""
    with inventory.client("bela") as buyer:
        assert _item(buyer, price="0.10")["price"] == "0.10"
        path = f"{ITEMS}/{_item(buyer, price='19.99')['id']}"
        assert buyer.get(path).json()["price"] == "19.99"
        assert buyer.patch(path, json={"price": "1.999"}).status_code == 422
        assert buyer.patch(path, json={"price": "-1.00"}).status_code == 422
