"""The knowledge base by HTTP, the same on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

PAGES = "/api/pages"
_NUMBERS = count(1)


@pytest.fixture(params=DATABASES)
def base(request: pytest.FixtureRequest, running: Running) -> Service:
    """The running knowledge base."""
    return running("knowledge-base", request.param)


def _write(client: httpx.Client, body: str = "first") -> dict[str, Any]:
    answer = client.post(PAGES, json={"title": f"Page {next(_NUMBERS):04}", "body": body})
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def _published(client: httpx.Client, body: str = "first") -> dict[str, Any]:
    page = _write(client, body)
    assert client.post(f"{PAGES}/{page['id']}/publication").status_code == 200
    return page


def _items(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_page_is_drafted_published_changed_and_restored(base: Service) -> None:
    """The whole way of a page: a draft that only its author sees, published, changed by another, compared, restored."""
    with base.client("wim") as wim, base.client("lia") as lia, base.client("rae") as rae:
        page = _write(wim, "one\ntwo\nthree")
        address = f"{PAGES}/{page['id']}"
        assert [client.get(address).status_code for client in (wim, lia, rae)] == [200, 200, 404]

        assert wim.post(f"{address}/publication").json()["state"] == "published"
        assert lia.patch(address, json={"body": "one\nTWO\nthree"}).status_code == 200
        latest, first = _items(rae, f"{address}/revisions")
        difference = rae.get(f"/api/pages-revisions/{latest['id']}/difference", params={"from": first["id"]}).json()
        restored = lia.post(f"/api/pages-revisions/{first['id']}/restoration")

        assert (latest["author"], first["author"]) == (base.id("lia"), base.id("wim"))
        assert (difference["added"], difference["removed"]) == (1, 1)
        assert restored.json()["body"] == "one\ntwo\nthree"
        assert len(_items(rae, f"{address}/revisions")) == 3
        assert rae.post(f"/api/pages-revisions/{first['id']}/restoration").status_code == 403


def test_what_is_in_the_trash_is_gone_with_all_that_belongs_to_it(base: Service) -> None:
    """Comments, versions and tags of a trashed page are seen by nobody, and all come back with it."""
    with base.client("wim") as wim, base.client("rae") as rae:
        page = _published(wim)
        address = f"{PAGES}/{page['id']}"
        comment = rae.post(f"{address}/comments", json={"body": "<img src=x onerror=alert(1)>"}).json()
        assert wim.put(f"{address}/tags", json={"tags": ["Trash Test"]}).status_code == 204

        assert rae.post(f"{address}/trash").status_code == 403
        assert wim.post(f"{address}/trash").status_code == 204

        assert rae.get(address).status_code == 404
        assert [_items(rae, f"{address}/{what}") for what in ("comments", "revisions", "tags")] == [[], [], []]
        assert _items(rae, "/api/pages-tags/trash test") == []
        assert rae.patch(f"/api/pages-comments/{comment['id']}", json={"body": "x"}).status_code == 404
        assert wim.post(f"{address}/restoration").status_code == 200
        assert [one["body"] for one in _items(rae, f"{address}/comments")] == ["<img src=x onerror=alert(1)>"]


def test_of_many_changes_at_once_none_is_lost(base: Service) -> None:
    """People who change one page at the same time leave a version each, or are told that it changed."""
    with base.client("wim") as wim:
        page = _published(wim)
        address = f"{PAGES}/{page['id']}"

        def change(number: int) -> int:
            with base.client("wim") as client:
                return client.patch(address, json={"body": f"change {number}"}).status_code

        with ThreadPoolExecutor(4) as threads:
            statuses = list(threads.map(change, range(8)))

        done = statuses.count(200)
        versions = _items(wim, f"{address}/revisions")
        assert done + statuses.count(503) == 8 and done
        assert len(versions) == done + 1
        assert wim.get(address).json()["body"] == versions[0]["body"]


def test_readers_follow_and_comment_and_librarians_moderate(base: Service) -> None:
    """Readers follow pages and comment; what a librarian hides is seen by its author alone."""
    with base.client("wim") as wim, base.client("rae") as rae, base.client("lia") as lia:
        page = _published(wim)
        address = f"{PAGES}/{page['id']}"

        assert rae.put(f"{address}/follow").status_code == 204
        comment = rae.post(f"{address}/comments", json={"body": "Rude"}).json()
        hidden = lia.post(f"/api/pages-comments/{comment['id']}/moderation", json={"hidden": True})

        assert page["id"] in [one["id"] for one in _items(rae, "/api/pages-followed")]
        assert hidden.status_code == 200
        assert [len(_items(client, f"{address}/comments")) for client in (wim, rae, lia)] == [0, 1, 1]
        assert rae.patch(address, json={"body": "mine"}).status_code == 403
