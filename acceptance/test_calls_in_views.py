"""Columns that pure capabilities make, in lists, single rows, nested rows and pages, on both databases."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright_runtime.application.seeding import Seed
from archwright_runtime.testing.client import Client
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

_WIKI = f"""
assembly: wiki
version: 1.0.0
owner: team-wiki
components:
  accounts: {ACCOUNTS}
  content: {{use: std/content@^1}}
roles:
  reader: {{}}
  editor: {{includes: [reader]}}
entities:
  Page:
    fields:
      title: text(200)!
      body: markdown(20000)
      draft: text(500)
      parent: {{ref: Page}}
      below: {{reverse: Page.parent}}
    permissions:
      reader: {{read: {{fields: [title, body, parent]}}}}
      editor: {{read: true}}
    expose: {{path: /api/pages, operations: [list]}}
views:
  Card:
    of: Page
    fields:
      - title
      - {{html: {{call: content.markdown, text: this.body}}}}
      - {{short: {{call: content.excerpt, text: this.body, length: 20}}}}
      - {{named: {{call: content.slug, text: this.title + '!', fallback: "'none'"}}}}
      - {{change: {{call: content.diff, before: this.title, after: this.draft, take: added}}}}
      - {{parent: {{of: parent, fields: [{{html: {{call: content.markdown, text: this.body}}}}]}}}}
      - {{below: {{of: below, sort: title, fields: [title, {{html: {{call: content.markdown, text: this.body}}}}]}}}}
    sort: [title]
    filter: [title]
    expose: /api/cards
    access: [reader]
operations:
  OneCard:
    trigger: {{http: "GET /api/cards/{{title}}"}}
    access: [reader]
    input: {{title: text(200)!}}
    steps:
      - {{get: Page, where: this.title == input.title, view: Card, as: card}}
    returns: {{body: "${{card}}"}}
  Both:
    trigger: {{http: GET /api/both}}
    access: [reader]
    steps:
      - {{list: Page, view: Card, as: cards}}
      - {{get: Page, where: this.title == 'A', view: Card, as: first}}
    returns: {{body: {{first: "${{first}}", all: "${{cards}}"}}}}
pages:
  /: {{access: [reader], show: [{{data-table: {{view: Card}}}}]}}
  /pages/{{id}}: {{entity: Page, access: [reader], show: [{{detail: {{view: Card}}}}]}}
"""
_ROWS = [
    {"key": "a", "title": "A", "body": "Some **bold** words, and more", "draft": "B"},
    {"key": "b", "title": "B", "parent": "a", "body": "<script>alert(1)</script> *b*"},
    {"key": "c", "title": "C", "parent": "a"},
]


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built once."""
    return assemble(_WIKI, tmp_path_factory.mktemp("wiki"))


@pytest.fixture
async def service(wiki: Path, database: str) -> AsyncIterator[Assembled]:
    """The service with three pages and two people."""
    seed = Seed(people=people(ann=["reader"], eve=["editor"]), rows={"Page": _ROWS})
    async with started(wiki, database, seed=seed) as running:
        yield running


@pytest.fixture
async def ann(service: Assembled) -> Client:
    """Somebody who may not read drafts."""
    return await service.client("ann")


async def test_list(ann: Client) -> None:
    """A list shows what a capability makes of each row, in the order in which the view names it."""
    rows = (await ann.get("/api/cards")).json()["items"]

    assert list(rows[0]) == ["title", "html", "short", "named", "parent", "below"]
    assert [row["html"] for row in rows] == [
        "<p>Some <strong>bold</strong> words, and more</p>\n",
        "<p>&lt;script&gt;alert(1)&lt;/script&gt; <em>b</em></p>\n",
        None,
    ]
    assert [row["short"] for row in rows] == ["Some bold words,…", "<script>alert(1)</sc…", None]
    assert [row["named"] for row in rows] == ["a", "b", "c"]


async def test_nested(ann: Client) -> None:
    """Nested rows call too, whether one or many."""
    first, second, _ = (await ann.get("/api/cards")).json()["items"]

    assert first["parent"] is None
    assert second["parent"] == {"html": "<p>Some <strong>bold</strong> words, and more</p>\n"}
    assert [row["title"] for row in first["below"]] == ["B", "C"]
    assert [row["html"] is None for row in first["below"]] == [False, True]


async def test_get_and_steps(ann: Client) -> None:
    """One row, and rows among other values of an answer, are the same as in the list."""
    listed = (await ann.get("/api/cards")).json()["items"]

    one = (await ann.get("/api/cards/A")).json()
    both = (await ann.get("/api/both")).json()

    assert one == listed[0]
    assert both["first"] == listed[0]
    assert sorted(both["all"], key=lambda row: str(row["title"])) == listed


async def test_unreadable(service: Assembled) -> None:
    """Who may not read an argument has no such member; who may has null where the argument is absent."""
    ann, eve = await service.client("ann"), await service.client("eve")

    hidden = (await ann.get("/api/cards")).json()["items"]
    shown = (await eve.get("/api/cards")).json()["items"]

    assert not any("change" in row for row in hidden)
    assert [row["change"] for row in shown] == [1, None, None]


async def test_no_choice(ann: Client) -> None:
    """Nobody sorts or filters by what a capability makes."""
    answers = [(await ann.get(f"/api/cards?{query}")).status for query in ("sort=html", "html=x", "title=B")]

    assert answers == [422, 422, 200]


async def test_pages(ann: Client) -> None:
    """A table and a record's own page show it."""
    id = next(page["id"] for page in (await ann.get("/api/pages")).json()["items"] if page["title"] == "B")

    table = (await ann.get("/")).body.decode()
    record = (await ann.get(f"/pages/{id}")).body.decode()

    assert "Some bold words,…" in table and "<script>alert" not in table
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt; <em>b</em></p>" in record and "<script>alert" not in record


def test_described(wiki: Path) -> None:
    """The API's description has the result's type; the member may be null, and lacks where an argument is hidden."""
    document = json.loads((wiki / "openapi.json").read_bytes())
    answer = document["paths"]["/api/cards"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    card = answer["properties"]["items"]["items"]

    assert card["properties"]["html"] == {"type": ["string", "null"], "maxLength": 1_000_000}
    assert card["properties"]["change"]["type"] == ["integer", "null"]
    assert "html" in card["required"] and "change" not in card["required"]
