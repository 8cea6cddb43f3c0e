"""The asset register by HTTP, the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

ASSETS = "/api/assets"
_NUMBERS = count(1000)


@pytest.fixture(params=DATABASES)
def register(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running asset register."""
    return running("asset-register", request.param)


def _add(keeper: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = keeper.post(ASSETS, json={"name": "Chair", "number": f"FU-{next(_NUMBERS)}", **more})
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _items(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(path, params={"limit": 100})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_an_asset_is_given_and_comes_back(register: Service) -> None:
    """The keeper gives an asset to somebody, who sees it and gives it back; both are written down for good."""
    with register.client("kim") as kim, register.client("pat") as pat:
        asset = _add(kim, worth="120.00")
        address = f"{ASSETS}/{asset['id']}"
        assert pat.get(address).status_code == 404

        given = kim.post(f"{address}/holder", json={"person": register.id("pat")})
        again = kim.post(f"{address}/holder", json={"person": register.id("kim")})
        seen = pat.get(address)
        returned = pat.post(f"{address}/return")

        assert (given.status_code, again.status_code, again.json()["title"]) == (200, 409, "Somebody has it")
        assert "worth" not in seen.json() and seen.json()["holder"] == register.id("pat")
        assert returned.status_code == 204
        assert pat.get(address).status_code == 404
        handovers = [one for one in _items(kim, "/api/assignments") if one["asset"] == asset["id"]]
        assert sorted(one["what"] for one in handovers) == ["given", "returned"]


def test_the_log_has_every_change_and_no_gap(register: Service) -> None:
    """Changes made at the same time are numbered one after the other, and those that are refused take no number."""
    with register.client("kim") as kim, register.client("ada") as ada:
        asset = _add(kim)
        address = f"{ASSETS}/{asset['id']}"

        def change(number: int) -> int:
            with register.client("kim") as client:
                worth = "-1.00" if number % 2 else f"{number}.00"
                return client.patch(address, json={"worth": worth}).status_code

        with ThreadPoolExecutor(4) as threads:
            statuses = list(threads.map(change, range(8)))

        numbers = sorted(one["number"] for one in _items(ada, "/api/assets-log"))
        own = _items(ada, f"{address}/log")
        assert statuses.count(422) == 4
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(own) == 1 + statuses.count(200)
        assert {one["author"] for one in own} == {register.id("kim")}


def test_what_is_trashed_stays_in_the_log(register: Service) -> None:
    """A keeper moves an asset to the trash, an auditor empties it, and the log still tells of it."""
    with register.client("kim") as kim, register.client("ada") as ada, register.client("pat") as pat:
        asset = _add(kim, name="Broken lamp")
        address = f"{ASSETS}/{asset['id']}"

        assert kim.post(f"{address}/trash").status_code == 204
        assert (pat.get("/api/assets-log").status_code, kim.delete("/api/assets-trash").status_code) == (403, 403)
        assert kim.get(address).status_code == 404
        assert ada.delete("/api/assets-trash").status_code == 204

        about = [one for one in _items(ada, "/api/assets-log") if one["about"] == f"asset/{asset['id']}"]
        assert [one["action"] for one in about] == ["deleted", "changed", "created"]
        assert _items(kim, "/api/assets-trash") == []


def test_wrong_values_are_explained(register: Service) -> None:
    """Numbers have their form and are taken once; an amount is never negative."""
    with register.client("kim") as kim:
        asset = _add(kim)

        statuses = [
            kim.post(ASSETS, json={"name": "X", **more}).status_code
            for more in ({"number": "1"}, {"number": asset["number"]}, {"number": "FU-9999", "worth": "-1.00"})
        ]

        assert statuses == [422, 409, 422]
