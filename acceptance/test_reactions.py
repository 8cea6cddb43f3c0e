"""Operations that run within the transaction of the change that starts them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, RefusedAssemblyError, assemble, people, started

DOCUMENT = f"""
assembly: wiki
version: 1.0.0
owner: team-wiki
components:
  accounts: {ACCOUNTS}
roles: {{editor: {{}}}}
entities:
  Page:
    fields:
      title: text(200)!
      note: text(200)
      edits: {{type: int(0..1000000), default: 0}}
      seen: {{type: int(0..1000000), default: 0}}
    permissions:
      editor: {{read: {{fields: [id, title, note, edits]}}, create: {{fields: [title, note]}}, delete: true,
               update: {{fields: [title, note]}}}}
      KeepEdit: {{read: {{fields: [title, note, seen]}}}}
      KeepLast: {{read: {{fields: [title]}}}}
      Welcome: {{read: true, update: {{fields: [edits]}}}}
    expose: /api/pages
  Edit:
    fields:
      page: {{type: text(40)!}}
      before: text(200)
      after: text(200)
      seen: int
      by: {{ref: accounts.User}}
    unique: [[page, after]]
    permissions:
      editor: {{read: true}}
      KeepEdit: {{create: {{fields: [page, before, after, seen, by]}}}}
      KeepLast: {{create: {{fields: [page, before, by]}}}}
    expose: {{path: /api/edits, operations: [list]}}
operations:
  KeepEdit:
    trigger: {{changed: {{entity: Page, when: update, fields: [title, note], within: transaction}}}}
    failures: {{too-wild: {{status: 422, title: Nobody writes that}}}}
    steps:
      - {{require: "row.title != 'wild'", else: too-wild}}
      - create: Edit
        set: {{page: "Page/${{row.id}}", before: "${{old.title}}", after: "${{row.title}}", seen: "${{row.seen}}",
              by: "${{caller}}"}}
  KeepLast:
    trigger: {{changed: {{entity: Page, when: delete, within: transaction}}}}
    steps:
      - {{create: Edit, set: {{page: "Page/${{row.id}}", before: "${{row.title}}", by: "${{caller}}"}}}}
  Welcome:
    trigger: {{changed: {{entity: Page, when: create, where: "this.title == 'hello'", within: transaction}}}}
    steps:
      - {{update: Page, where: "this.id == row.id", set: {{edits: "${{this.edits + 1}}"}}}}
  Rename:
    trigger: {{http: "POST /api/pages/{{id}}/rename"}}
    access: [editor]
    input: {{title: text(200)!}}
    steps:
      - {{update: Page, where: "this.id == input.id", set: {{title: "${{input.title}}"}}, as: page}}
    returns: {{body: "${{page}}"}}
"""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("wiki"))


@pytest.fixture
async def wiki(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=Seed(people=people(ann=["editor"]))) as service:
        yield service


async def test_steps_see_the_row_before_and_after(wiki: Assembled) -> None:
    """A reaction sees the row after the change and before it, with rights of its own, and who made the change."""
    ann = await wiki.client("ann")
    page = (await ann.post("/api/pages", json={"title": "One"})).json()

    await ann.patch(f"/api/pages/{page['id']}", json={"title": "Two"})
    await ann.post(f"/api/pages/{page['id']}/rename", json={"title": "Three"})

    edits = (await ann.get("/api/edits")).json()["items"]
    assert {(one["before"], one["after"], one["seen"]) for one in edits} == {("One", "Two", 0), ("Two", "Three", 0)}
    assert all(one["by"] == (edits[0]["by"]) and one["by"] for one in edits)


async def test_only_named_fields_start_it(wiki: Assembled) -> None:
    """A change of fields starts only where one of them has got another value, absence included."""
    ann = await wiki.client("ann")
    page = (await ann.post("/api/pages", json={"title": "One"})).json()

    await ann.patch(f"/api/pages/{page['id']}", json={"title": "One"})
    same = (await ann.get("/api/edits")).json()["items"]
    await ann.patch(f"/api/pages/{page['id']}", json={"note": "now there"})
    changed = (await ann.get("/api/edits")).json()["items"]

    assert (len(same), len(changed)) == (0, 1)


async def test_a_refusal_takes_the_change_back(wiki: Assembled) -> None:
    """What a reaction refuses has not happened, and the answer is the failure that the reaction names."""
    ann = await wiki.client("ann")
    page = (await ann.post("/api/pages", json={"title": "One"})).json()

    refused = await ann.patch(f"/api/pages/{page['id']}", json={"title": "wild"})
    after = (await ann.get(f"/api/pages/{page['id']}")).json()

    assert (refused.status, refused.json()["title"], after["title"]) == (422, "Nobody writes that", "One")


async def test_a_conflict_of_the_reaction_takes_the_change_back(wiki: Assembled) -> None:
    """A write of the reaction that cannot be refuses the change as a conflict."""
    ann = await wiki.client("ann")
    page = (await ann.post("/api/pages", json={"title": "One"})).json()
    await ann.patch(f"/api/pages/{page['id']}", json={"title": "Two"})
    await ann.patch(f"/api/pages/{page['id']}", json={"title": "One"})

    refused = await ann.patch(f"/api/pages/{page['id']}", json={"title": "Two"})

    assert refused.status == 409
    assert (await ann.get(f"/api/pages/{page['id']}")).json()["title"] == "One"


async def test_a_deleted_row_is_seen_as_it_was(wiki: Assembled) -> None:
    """The reaction to a deletion sees the row as it was."""
    ann = await wiki.client("ann")
    page = (await ann.post("/api/pages", json={"title": "Gone"})).json()

    await ann.delete(f"/api/pages/{page['id']}")

    assert [one["before"] for one in (await ann.get("/api/edits")).json()["items"]] == ["Gone"]


async def test_the_answer_is_the_row_as_the_reaction_left_it(wiki: Assembled) -> None:
    """A row that its own reaction changes once more is answered as it is afterwards, with its version."""
    ann = await wiki.client("ann")

    made = await ann.post("/api/pages", json={"title": "hello"})
    read = await ann.get(f"/api/pages/{made.json()['id']}")

    assert made.json()["edits"] == 1
    assert made.headers.get("etag") == read.headers.get("etag")


def test_a_change_that_starts_itself_is_refused(tmp_path: Path) -> None:
    """A reaction whose writes start it again is a finding."""
    document = DOCUMENT.replace("when: create, where: \"this.title == 'hello'\"", "when: update")

    with pytest.raises(RefusedAssemblyError, match="assembly/change-cycle"):
        assemble(document, tmp_path)
