"""Rows are found by their words, the same on both databases, and only by what their reader may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from archwright_runtime.application.seeding import Seed
from testing_support.assembled import ACCOUNTS, Assembled, assemble, people, started

DOCUMENT = """
assembly: shelf
version: 1.0.0
owner: team-shelf
components:
  accounts: ACCOUNTS
  search: std/search@^1
roles: {keeper: {}, guest: {}}
entities:
  Book:
    traits: {search: {fields: [title, body]}}
    fields: {title: text(300)!, body: markdown(100000), open: {type: bool, default: false}}
    permissions:
      keeper: {read: true, create: true, update: true, delete: true}
      guest: {read: {fields: [title, open]}}
      signed-in: {read: {fields: [title, body], where: this.open}}
    expose: {path: /api/books, sort: [title]}
  Tale:
    traits: {search: {fields: [text], language: english}}
    fields: {text: text(300)!}
    permissions: {signed-in: {read: true, create: true}}
    expose: /api/tales
""".replace("ACCOUNTS", ACCOUNTS)
BOOKS = (
    ("Red chair", "made of oak", False),
    ("Oak table", "red legs, four chairs", True),
    ("Blue lamp", "the secret chairman", False),
    ("Ünïcode ÉCLAIR İstanbul", "ΟΔΟΣ straße 10.5 x² foo_bar ½", True),
    ("Ａ wide", "日本語 テスト हिन्दी עברית " + "a" * 80, True),
)
SEED = Seed(
    people=people(kim=["keeper"], gus=["guest"]),
    rows={"Book": [{"title": title, "body": body, "open": open_} for title, body, open_ in BOOKS]},
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(DOCUMENT, tmp_path_factory.mktemp("search"))


@pytest.fixture
async def service(dist: Path, database: str) -> AsyncIterator[Assembled]:
    async with started(dist, database, seed=SEED) as running:
        yield running


async def found(service: Assembled, person: str, q: str, **more: object) -> list[str]:
    """The first words of the titles, in their order, read page by page."""
    client, titles, more = await service.client(person), [], {"q": q, "limit": 1, **more}
    while True:
        answer = await client.get(f"/api/books?{urlencode(more)}")
        assert answer.status == 200, answer.body
        page = answer.json()
        titles += [row["title"].split()[0] for row in page["items"]]
        if page["next"] is None:
            return titles
        more["cursor"] = page["next"]


WORDS = {
    "red chair": ["Red", "Oak"],
    "oak": ["Oak", "Red"],
    "CHAIRM": ["Blue"],
    "hair": [],
    "éclair": ["Ünïcode"],
    "eclair": [],
    "istanbul": ["Ünïcode"],
    "οδοσ": ["Ünïcode"],
    "10 5": ["Ünïcode"],
    "bar foo": ["Ünïcode"],
    "e\u0301clair": ["Ünïcode"],
    "日本": ["Ａ"],
    "हिन्दी": ["Ａ"],
    "עברית": ["Ａ"],
    "a" * 70: ["Ａ"],
    "a" * 63: ["Ａ"],
}


async def test_all_words_are_found_and_the_last_one_is_a_beginning(service: Assembled) -> None:
    """Both databases agree on what a word is, in every script, and on the order."""
    assert {q: await found(service, "kim", q) for q in WORDS} == WORDS


HOSTILE = (
    *('"', "'", "NEAR(red chair)", "red*", "title:red", "red AND", "(", "*", ":", "-", "!!!", "\\", "%", "c1 : red"),
    *("& | !", "<->", "red OR", "red NOT chair", "'red':A", "''", '""', "{c1} : red", "^red", "red + chair"),
)


async def test_what_is_looked_for_is_never_an_operator(service: Assembled) -> None:
    """Signs part words and mean nothing else."""
    titles = {title for q in HOSTILE for title in await found(service, "kim", q)}

    assert titles <= {"Red", "Oak"}


async def test_a_search_without_words_finds_nothing(service: Assembled) -> None:
    """Only signs, and only marks, are no words."""
    assert [await found(service, "kim", q) for q in ("?!", "\u0301", "½")] == [[], [], []]


async def test_a_field_counts_only_where_it_may_be_read(service: Assembled) -> None:
    """The body of an open book is found by a guest, that of another one is not, and neither decides the order."""
    assert await found(service, "gus", "chairman") == []
    assert await found(service, "gus", "chair") == ["Red", "Oak"]
    assert await found(service, "gus", "oak") == ["Oak"]
    assert await found(service, "gus", "blue secret") == []


async def test_a_chosen_order_overrules_the_rank(service: Assembled) -> None:
    """Whoever says how to sort gets that order."""
    assert await found(service, "kim", "oak", sort="-title") == ["Red", "Oak"]


async def test_words_follow_the_row(service: Assembled) -> None:
    """A changed row is found by its new words alone, a deleted one no more."""
    kim = await service.client("kim")
    row = (await kim.get("/api/books?q=lamp")).json()["items"][0]

    await kim.patch(f"/api/books/{row['id']}", json={"title": "Green lantern"})
    assert (await found(service, "kim", "lamp"), await found(service, "kim", "lantern")) == ([], ["Green"])
    await kim.delete(f"/api/books/{row['id']}")
    assert await found(service, "kim", "lantern") == []


async def test_english_compares_stems(service: Assembled) -> None:
    """One form of a word finds another."""
    kim = await service.client("kim")
    await kim.post("/api/tales", json={"text": "She was running from two foxes"})

    totals = [(await kim.get(f"/api/tales?total=true&q={q}")).json()["total"] for q in ("run", "fox%20runs", "walk")]
    assert totals == [1, 1, 0]


async def test_long_texts_are_cut_and_stored(service: Assembled) -> None:
    """Many different words beyond the bound are stored and not found; those before it are."""
    kim = await service.client("kim")
    body = " ".join(f"w{number:05x}" for number in range(14_000))
    answer = await kim.post("/api/books", json={"title": "Long", "body": body})

    assert answer.status == 201, answer.body
    assert await found(service, "kim", "w00001") == ["Long"]
    assert await found(service, "kim", f"w{13_999:05x}") == []


async def test_other_fields_are_found_after_a_migration(database: str, tmp_path: Path) -> None:
    """Rows that were there before are found by the fields that are searched now."""
    first = DOCUMENT.replace("fields: [title, body]}}", "fields: [title]}}")
    async with started(assemble(first, tmp_path), database, seed=SEED) as running:
        assert await found(running, "kim", "oak") == ["Oak"]
    async with started(assemble(DOCUMENT, tmp_path), database) as running:
        assert await found(running, "kim", "oak") == ["Oak", "Red"]
    without = DOCUMENT.replace("    traits: {search: {fields: [title, body]}}\n", "").replace(
        "sort: [title]}", "search: [title]}"
    )
    async with started(assemble(without, tmp_path), database) as running:
        assert sorted(await found(running, "kim", "air")) == ["Red", "Ünïcode"]
