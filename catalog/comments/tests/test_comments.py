"""People comment, answer, edit and remove; moderators hide."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: talk
version: 1.0.0
owner: team-talk
components:
  accounts: ACCOUNTS
  comments: std/comments@^1
roles: {moderator: {}}
entities:
  Page:
    fields:
      title: text(200)!
      open: {type: bool, default: true}
      secret: {type: bool, default: false}
      owner: {ref: accounts.User, default: "${caller}", immutable: true}
    permissions:
      signed-in: {read: {where: "!this.secret || this.owner == caller"}, create: {fields: [title, open, secret]}}
    expose: /api/pages
    traits:
      comments: {moderators: [moderator], rows: this.page.open, longest: 200}
""".replace("ACCOUNTS", ACCOUNTS)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("comments"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=[], bob=[], mo=["moderator"]))) as running:
        yield running


async def made(service: Assembled, person: str, path: str, **values: Any) -> str:
    """A row that a person makes; its id."""
    answer = await (await service.client(person)).post(path, json=values)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def test_comments_and_answers(service: Assembled) -> None:
    """People comment on a row and answer a comment, one level deep and on the same row."""
    bob = await service.client("bob")
    page, other = [await made(service, "ann", "/api/pages", title=title) for title in ("One", "Two")]
    first = await made(service, "bob", f"/api/pages/{page}/comments", body="<script>alert(1)</script>")

    answer = await made(service, "ann", f"/api/pages/{page}/comments", body="Why?", answers=first)
    deeper = await bob.post(f"/api/pages/{page}/comments", json={"body": "No", "answers": answer})
    elsewhere = await bob.post(f"/api/pages/{other}/comments", json={"body": "No", "answers": first})

    found = (await bob.get(f"/api/pages/{page}/comments")).json()["items"]
    assert [(one["body"], one["answers"]) for one in found] == [("<script>alert(1)</script>", None), ("Why?", first)]
    assert (deeper.status, elsewhere.status) == (422, 422)


async def test_comments_keep_to_their_limits(service: Assembled) -> None:
    """Empty and endless comments are refused, and so are those on what is closed or not seen."""
    bob = await service.client("bob")
    page = await made(service, "ann", "/api/pages", title="One")
    closed = await made(service, "ann", "/api/pages", title="Closed", open=False)
    secret = await made(service, "ann", "/api/pages", title="Secret", secret=True)

    statuses = [
        (await bob.post(f"/api/pages/{where}/comments", json={"body": body})).status
        for where, body in ((page, ""), (page, "x" * 201), (closed, "x"), (secret, "x"), ("n" * 22, "x"))
    ]

    assert statuses[:2] == [422, 422]
    assert all(400 <= status < 500 for status in statuses[2:])
    assert (await service.visitor().get(f"/api/pages/{page}/comments")).status == 401


async def test_a_comment_is_seen_with_its_row_only(service: Assembled) -> None:
    """Whoever may not read the row reads none of its comments."""
    ann, bob = await service.client("ann"), await service.client("bob")
    secret = await made(service, "ann", "/api/pages", title="Secret", secret=True)
    await made(service, "ann", f"/api/pages/{secret}/comments", body="hush")

    assert len((await ann.get(f"/api/pages/{secret}/comments")).json()["items"]) == 1
    assert (await bob.get(f"/api/pages/{secret}/comments")).json()["items"] == []


async def test_authors_change_and_remove_their_own(service: Assembled) -> None:
    """Nobody changes or removes a comment but its author, and moderators remove any."""
    ann, bob, mo = [await service.client(name) for name in ("ann", "bob", "mo")]
    page = await made(service, "ann", "/api/pages", title="One")
    comment = await made(service, "bob", f"/api/pages/{page}/comments", body="First")
    other = await made(service, "ann", f"/api/pages/{page}/comments", body="Second")

    edited = await bob.patch(f"/api/pages-comments/{comment}", json={"body": "Better"})

    assert (edited.status, edited.json()["body"], edited.json()["edited_at"] is not None) == (200, "Better", True)
    assert (await ann.patch(f"/api/pages-comments/{comment}", json={"body": "Worse"})).status == 403
    assert (await ann.delete(f"/api/pages-comments/{comment}")).status == 403
    assert (await bob.delete(f"/api/pages-comments/{comment}")).status == 204
    assert (await mo.delete(f"/api/pages-comments/{other}")).status == 204


async def test_moderators_hide(service: Assembled) -> None:
    """A hidden comment is seen by its author and by moderators, and can no longer be edited."""
    ann, bob, mo = [await service.client(name) for name in ("ann", "bob", "mo")]
    page = await made(service, "ann", "/api/pages", title="One")
    comment = await made(service, "bob", f"/api/pages/{page}/comments", body="Rude")

    hidden = await mo.post(f"/api/pages-comments/{comment}/moderation", json={"hidden": True})

    seen = [len((await one.get(f"/api/pages/{page}/comments")).json()["items"]) for one in (ann, bob, mo)]
    assert (hidden.status, seen) == (200, [0, 1, 1])
    assert (await bob.patch(f"/api/pages-comments/{comment}", json={"body": "Polite"})).status == 403
    assert (await ann.post(f"/api/pages-comments/{comment}/moderation", json={"hidden": False})).status == 403
