"""The job of room-booking by HTTP, the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

_DAYS = count(1)


@pytest.fixture(params=DATABASES)
def rooms(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running room-booking."""
    return running("room-booking", request.param)


def _room(client: httpx.Client, name: str) -> str:
    found: str = next(one["id"] for one in client.get("/api/rooms").json()["items"] if one["name"] == name)
    return found


def _wish(client: httpx.Client, room: str = "Aquarium", **more: Any) -> dict[str, Any]:
    number = next(_DAYS)
    day = f"20{40 + number // 28}-02-{number % 28 + 1:02}"
    return {"room": _room(client, room), "day": day, "slot": "10:00", "purpose": "Standup", **more}


def test_a_room_is_booked_seen_and_given_back(rooms: Service) -> None:
    """What one person books, everybody sees; who booked it gives it back, nobody else does."""
    with rooms.client("paul") as paul, rooms.client("olga") as olga:
        made = paul.post("/api/bookings", json=_wish(paul))
        other = olga.post("/api/bookings", json=_wish(olga))

        seen = olga.get(f"/api/bookings/{made.json()['id']}")
        refused = paul.delete(f"/api/bookings/{other.json()['id']}")
        own = paul.delete(f"/api/bookings/{made.json()['id']}")

        assert (made.status_code, seen.json()["owner"]) == (201, rooms.id("paul"))
        assert (refused.status_code, own.status_code) == (403, 204)


def test_of_many_who_want_a_slot_one_gets_it(rooms: Service) -> None:
    """Two bookings of one room never overlap, however many ask at the same moment."""
    with rooms.client("paul") as paul:
        wish = _wish(paul)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: paul.post("/api/bookings", json=wish).status_code, range(6)))

        assert sorted(answers) == [201, 409, 409, 409, 409, 409]


def test_what_cannot_be_booked_is_refused(rooms: Service) -> None:
    """A room that is closed, a day that is over and a slot that does not exist are refused."""
    with rooms.client("paul") as paul:
        closed = paul.post("/api/bookings", json=_wish(paul, "Cellar"))
        over = paul.post("/api/bookings", json=_wish(paul, day="2020-01-01"))
        odd = paul.post("/api/bookings", json=_wish(paul, slot="09:30"))

        assert (closed.status_code, over.status_code, odd.status_code) == (403, 422, 422)


def test_the_office_alone_keeps_the_rooms(rooms: Service) -> None:
    """The office adds and closes rooms, everybody else reads them, and nobody reads them without signing in."""
    name = f"Roof {next(_DAYS)}"
    with rooms.client("paul") as paul, rooms.client("olga") as olga, rooms.visitor() as visitor:
        refused = paul.post("/api/rooms", json={"name": name, "seats": 3})
        made = olga.post("/api/rooms", json={"name": name, "seats": 3})
        closed = olga.patch(f"/api/rooms/{made.json()['id']}", json={"bookable": False})

        assert (refused.status_code, made.status_code, closed.status_code) == (403, 201, 200)
        assert paul.get(f"/api/rooms/{made.json()['id']}").json()["bookable"] is False
        assert visitor.get("/api/rooms").status_code == 401
