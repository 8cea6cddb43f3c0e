"""Requests and answers in the forms that contracts of others demand, on both databases.

One service without accounts says each of them once, and every answer is held against the emitted OpenAPI document.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archwright_runtime.testing.client import Answer, Client
from testing_support.assembled import assemble, started

_SERVICE = """
assembly: foreign
version: 1.0.0
owner: team-foreign
components:
  content: std/content@^1
errors:
  body: {failed: {code: "${code}", why: "${messages}", note: "request ${request}"}}
  failures: {invalid: 400, not-found: {status: 404, title: Nothing like that}}
wire: {times: seconds, numbers: number, unknown: ignore}
entities:
  Item:
    fields:
      number: {type: int, numbered: true}
      title: {type: text(60)!, unique: true, reveals: Titles are public.}
      price: {type: "decimal(8,2)", min: 0}
      due: datetime
      tags: {list: text(20), max: 5, default: []}
      html: html(5000)
      sheet: {file: {max: 1KB, media: [text/csv]}}
      notes: {reverse: Note.item}
    permissions:
      anyone:
        read: true
        create: {fields: [title, price, due, tags]}
        update: {fields: [html, sheet]}
  Note:
    fields: {item: {ref: Item, required: true, on_delete: cascade}, words: text(200)}
    permissions: {anyone: {read: true, create: true}}
views:
  Card:
    of: Item
    sort: [number]
    fields:
      - id: this.number
      - theTitle: this.title
      - price
      - dueAt: this.due
      - createdAt: this.created_at
      - tagList: this.tags
      - remarks: {of: notes, value: this.words, sort: [words]}
  Titles: {of: Item, value: this.title, sort: [title]}
  Prices: {of: Item, value: this.price, sort: [number]}
operations:
  Add:
    trigger: {http: POST /items}
    access: [anyone]
    public: A test.
    accepts: {envelope: item}
    input:
      title: {type: text(60)!, name: theTitle}
      price: {type: "decimal(8,2)", min: 0}
      due: {type: datetime, name: dueAt}
      tags: {list: text(20), max: 5, default: [], name: tagList}
    steps:
      - create: Item
        set: {title: "${input.title}", price: "${input.price}", due: "${input.due}", tags: "${input.tags}"}
        as: made
      - {get: Item, view: Card, where: this.id == made.id, as: one}
    idempotent: true
    returns: {status: 201, body: "${one}", envelope: item}
  Strict:
    trigger: {http: POST /strict}
    access: [anyone]
    accepts: {unknown: refuse, media: [application/json]}
    input: {price: "decimal(8,2)!"}
    returns: {body: {price: "${input.price}", at: "${now}"}}
  ByOffset:
    trigger: {http: GET /items}
    access: [anyone]
    steps: [{list: Item, view: Card, as: items}]
    returns: {body: "${items}", envelope: items, total: itemsCount}
    paging: {by: offset, size: 2, most: 3, above: clamp, names: {limit: take, offset: skip}}
    cache: {for: 60s, shared: true}
  ByPage:
    trigger: {http: GET /pages}
    access: [anyone]
    steps: [{list: Item, view: Card, as: items}]
    returns: {body: "${items}", envelope: items}
    paging: {by: page, size: 2, most: 3, names: {limit: per_page}}
  Bare:
    trigger: {http: GET /titles}
    access: [anyone]
    steps: [{list: Item, view: Titles, as: titles}]
    returns: {body: "${titles}", envelope: false}
    paging: none
  Prices:
    trigger: {http: GET /prices}
    access: [anyone]
    steps: [{list: Item, view: Prices, as: prices}]
    returns: {body: "${prices}", envelope: prices}
  Markdown:
    trigger: {http: "PUT /items/{number}/html"}
    access: [anyone]
    public: A test.
    accepts: {media: [text/markdown]}
    input: {number: int!, words: {type: markdown(200)!, from: whole-body}}
    steps:
      - {call: content.markdown, text: "${input.words}", as: made}
      - {update: Item, where: this.number == input.number, set: {html: "${made.html}"}}
    returns: {status: 204}
  Html:
    trigger: {http: "GET /items/{number}/html"}
    access: [anyone]
    input: {number: int!}
    steps: [{get: Item, where: this.number == input.number, as: one}]
    returns: {body: "${one.html}", media: text/html, headers: {X-Title: "${one.title}"}}
  Text:
    trigger: {http: "GET /items/{number}/text"}
    access: [anyone]
    input: {number: int!}
    steps: [{get: Item, where: this.number == input.number, as: one}]
    returns: {body: "${one.title}", media: text/plain, filename: "${one.title}.txt"}
  Keep:
    trigger: {http: "PUT /items/{number}/sheet"}
    access: [anyone]
    public: A test.
    input: {number: int!, sheet: {file: {max: 1KB, media: [text/csv]}, required: true, from: whole-body}}
    steps: [{update: Item, where: this.number == input.number, set: {sheet: "${input.sheet}"}}]
    returns: {status: 204}
  Sheet:
    trigger: {http: "GET /items/{number}/sheet"}
    access: [anyone]
    input: {number: int!}
    steps: [{get: Item, where: this.number == input.number, as: one}]
    returns: {file: "${one.sheet}", filename: "${one.title}.csv"}
  Many:
    trigger: {http: POST /sum}
    access: [anyone]
    input: {numbers: {list: int(0..100), max: 3, required: true, from: whole-body}}
    returns: {body: "${input.numbers}"}
  Comment:
    trigger: {http: "POST /items/{number}/notes"}
    access: [anyone]
    public: A test.
    accepts: {media: [application/x-www-form-urlencoded]}
    input: {number: int!, words: text(200)}
    steps:
      - {get: Item, where: this.number == input.number, as: one}
      - {create: Note, set: {item: "${one.id}", words: "${input.words}"}}
    returns: {status: 204}
"""


class Foreign:
    """The running service and its description."""

    def __init__(self, client: Client, document: dict[str, Any]) -> None:
        self.client = client
        self._document = document

    async def ask(self, method: str, target: str, **more: Any) -> Answer:
        """An answer that holds what the description promises."""
        answer = await self.client.request(method, target, **more)
        path = target.partition("?")[0]
        for template, operations in self._document["paths"].items():
            if _matches(template, path) and method.lower() in operations:
                self._check(operations[method.lower()]["responses"], answer)
        return answer

    def _check(self, responses: dict[str, Any], answer: Answer) -> None:
        said = responses[str(answer.status)]
        if "$ref" in said:
            said = self._document["components"]["responses"][said["$ref"].rpartition("/")[2]]
        if "json" in answer.headers.get("content-type", ""):
            schema = said["content"][answer.headers["content-type"]]["schema"]
            jsonschema.validate(answer.json(), {**schema, "components": self._document["components"]})

    async def add(self, title: str, **more: Any) -> dict[str, Any]:
        """A new item."""
        answer = await self.ask("POST", "/items", json={"item": {"theTitle": title, **more}})
        assert answer.status == 201, answer.body
        item: dict[str, Any] = answer.json()["item"]
        return item


def _matches(template: str, path: str) -> bool:
    pairs = zip(template.split("/"), path.split("/"), strict=False)
    return template.count("/") == path.count("/") and all(one.startswith("{") or one == two for one, two in pairs)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service, built once."""
    return assemble(_SERVICE, tmp_path_factory.mktemp("foreign"))


@pytest.fixture
async def foreign(dist: Path, database: str) -> AsyncIterator[Foreign]:
    """The service on an empty database."""
    async with started(dist, database) as service:
        yield Foreign(service.visitor(), json.loads((dist / "openapi.json").read_bytes()))


async def test_values_have_the_names_and_forms_of_the_contract(foreign: Foreign) -> None:
    """Names, whole numbers as ids, exact decimals as numbers and times without fractions, in both directions."""
    item = await foreign.add("Rope", price=12.3, dueAt="2027-01-31T09:30:00+01:00", tagList=["a"], unheard="of")
    raw = (await foreign.client.get("/items")).body

    created = item.pop("createdAt")
    assert item == {
        "id": 1, "theTitle": "Rope", "price": 12.3, "dueAt": "2027-01-31T08:30:00Z", "tagList": ["a"], "remarks": [],
    }  # fmt: skip
    assert len(created) == len("2027-01-31T08:30:00Z") and b'"price":12.30,' in raw


async def test_decimals_are_numbers_and_stay_exact(foreign: Foreign) -> None:
    """What a float cannot hold comes back digit by digit; text, fractions too many and infinity are refused."""
    answers = [
        await foreign.client.request(
            "POST", "/strict", body=f'{{"price": {price}}}'.encode(), headers={"content-type": "application/json"}
        )
        for price in ("999999.99", "0.1", "1e2", "5", '"x"', "0.123", "1e999", "true")
    ]

    assert [answer.status for answer in answers] == [200, 200, 200, 200, 400, 400, 400, 400]
    assert [answer.body.split(b'"price":')[1].rstrip(b"}").split(b",")[0] for answer in answers[:4]] == [
        b"999999.99", b"0.10", b"100.00", b"5.00",
    ]  # fmt: skip


async def test_a_recorded_answer_repeats_its_numbers(foreign: Foreign) -> None:
    """The same idempotency key gives the same bytes."""
    headers = {"idempotency-key": "once"}

    first, second = [
        await foreign.ask("POST", "/items", json={"item": {"theTitle": "Rope", "price": 1.1}}, headers=headers)
        for _ in range(2)
    ]

    assert first.status == second.status == 201 and first.json() == second.json()
    assert b'"price":1.10,' in first.body and b'"price":1.10,' in second.body


async def test_lists_are_read_by_offset_by_page_or_whole(foreign: Foreign) -> None:
    """Each list has the parameters of its contract, counts where it says so, and cuts or refuses a page too large."""
    for title in "ABCDE":
        await foreign.add(title)

    async def ids(target: str) -> list[int]:
        return [item["id"] for item in (await foreign.ask("GET", target)).json()["items"]]

    whole = (await foreign.ask("GET", "/items")).json()
    assert set(whole) == {"items", "itemsCount"} and whole["itemsCount"] == 5
    assert [item["id"] for item in whole["items"]] == [1, 2]
    assert await ids("/items?take=100&skip=1") == [2, 3, 4]
    assert (await foreign.ask("GET", "/items?skip=9")).json() == {"items": [], "itemsCount": 5}
    assert (await foreign.ask("GET", "/pages")).json().keys() == {"items"}
    assert await ids("/pages?page=2") == [3, 4]
    assert await ids("/pages?page=2&per_page=3") == [4, 5]
    assert (await foreign.ask("GET", "/pages?per_page=4")).status == 400
    assert (await foreign.ask("GET", "/titles")).json() == ["A", "B", "C", "D", "E"]


async def test_rows_may_be_plain_values(foreign: Foreign) -> None:
    """A view of one value gives values, nested and on its own; absent ones are no rows."""
    item = await foreign.add("Rope", price=2)
    await foreign.add("Saw")
    for words in ("thin", "strong", ""):
        form = {"words": words} if words else {}
        await foreign.client.submit(f"/items/{item['id']}/notes", form)

    assert (await foreign.ask("GET", "/items")).json()["items"][0]["remarks"] == ["strong", "thin"]
    prices = (await foreign.ask("GET", "/prices")).json()
    assert prices["prices"] == [2.0] and prices["next"] is None


async def test_bodies_may_be_one_value(foreign: Foreign) -> None:
    """Text, a file and a list are taken whole, in their media type and within their bounds only."""
    item = await foreign.add("Rope")
    path = f"/items/{item['id']}"

    async def put(where: str, body: bytes, media: str) -> int:
        return (await foreign.ask("PUT", path + where, body=body, headers={"content-type": media})).status

    assert await put("/html", b"Very *thin*.", "text/markdown; charset=utf-8") == 204
    assert await put("/html", b"Very *thin*.", "text/plain") == 415
    assert await put("/html", b"\xff", "text/markdown") == 400
    assert await put("/html", b"x" * 201, "text/markdown") == 400
    assert await put("/sheet", b"a,b\n1,2\n", "text/csv") == 204
    assert await put("/sheet", b"a" * 2000, "text/csv") in (400, 413)
    assert (await foreign.ask("POST", "/sum", json=[1, 2])).json() == [1, 2]
    assert (await foreign.ask("POST", "/sum", json=[1, 2, 3, 4])).status == 400
    assert (await foreign.ask("POST", "/sum", json=[101])).status == 400


async def test_answers_may_be_text_html_and_named_files(foreign: Foreign) -> None:
    """HTML goes out sanitised under a policy that runs nothing; names of files cannot leave their header."""
    item = await foreign.add('../ro"pe\u202e\r\nSet-Cookie: a=b')
    path = f"/items/{item['id']}"
    markdown = b"*Thin* <script>alert(1)</script>"
    await foreign.ask("PUT", path + "/html", body=markdown, headers={"content-type": "text/markdown"})
    await foreign.ask("PUT", path + "/sheet", body=b"a,b\n", headers={"content-type": "text/csv"})

    html, text, sheet = [await foreign.ask("GET", path + where) for where in ("/html", "/text", "/sheet")]

    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert b"<em>Thin</em>" in html.body and b"<script" not in html.body
    assert "default-src 'none'" in html.headers["content-security-policy"]
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    for answer, ending in ((text, ".txt"), (sheet, ".csv")):
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment; ") and ending in disposition and ".." not in disposition
        assert "\r" not in disposition and "set-cookie" not in answer.headers
    assert sheet.body == b"a,b\n" and html.headers["x-title"].isprintable()


async def test_failures_look_as_the_assembly_says(foreign: Foreign) -> None:
    """The shape, the statuses by kind, and the assembly's own titles hold for operations and for paths alike."""
    wrong = await foreign.ask("POST", "/items", json={"item": {"price": -1}})
    missing = await foreign.ask("GET", "/items/99/text")
    nowhere = await foreign.client.get("/nowhere")
    broken = await foreign.client.request("POST", "/items", body=b"{", headers={"content-type": "application/json"})

    assert (wrong.status, missing.status, nowhere.status, broken.status) == (400, 404, 404, 400)
    assert wrong.json()["failed"]["code"] == "invalid" and len(wrong.json()["failed"]["why"]) == 2
    assert missing.json()["failed"]["why"] == ["Nothing like that"]
    assert missing.json()["failed"]["note"] == f"request {missing.headers['x-request-id']}"
    assert nowhere.json()["failed"]["code"] == "not-found"


async def test_who_ignores_unknown_members_may_still_refuse_them_somewhere(foreign: Foreign) -> None:
    """`accepts: {unknown: refuse}` holds for its operation, whatever the assembly says."""
    lenient = await foreign.ask("POST", "/items?unheard=of", json={"item": {"theTitle": "A", "x": 1}, "y": 2})
    strict = await foreign.ask("POST", "/strict", json={"price": 1, "x": 1})

    assert (lenient.status, strict.status) == (201, 400)


async def test_answers_may_be_kept_by_those_who_got_them(foreign: Foreign) -> None:
    """Strangers' answers may be shared; everything else of the service is never stored."""
    kept = await foreign.ask("GET", "/items")
    failed = await foreign.ask("GET", "/items?take=0")
    other = await foreign.ask("GET", "/titles")

    assert kept.headers["cache-control"] == "public, max-age=60"
    assert "authorization" in kept.headers["vary"]
    assert failed.headers["cache-control"] == other.headers["cache-control"] == "no-store"


async def test_a_number_is_never_given_twice(foreign: Foreign) -> None:
    """Numbers count upwards; a refused write may leave a gap, never a double."""
    first = await foreign.add("A")
    refused = await foreign.ask("POST", "/items", json={"item": {"theTitle": "A"}})
    second = await foreign.add("B")

    assert refused.status == 409 and second["id"] > first["id"]


_HIDDEN = """
assembly: hidden
version: 1.0.0
owner: team-hidden
wire: {unreadable: "null"}
entities:
  Item:
    fields:
      title: text(60)!
      shown: {type: bool, default: false}
      secret: text(20)!
      notes: {reverse: Note.item}
    permissions:
      anyone: {read: {fields: [id, title, shown]}}
      Add: {read: true, create: true}
    expose: {path: /items}
  Note:
    fields: {item: {ref: Item, required: true}, words: text(20)!}
operations:
  Add:
    trigger: {http: POST /items}
    access: [anyone]
    public: A test.
    input: {title: text(60)!, secret: text(20)!}
    steps: [{create: Item, set: {title: "${input.title}", secret: "${input.secret}"}, as: made}]
    returns: {status: 201, body: {id: "${made.id}"}}
views:
  Card:
    of: Item
    fields: [title, secret, {notes: {of: notes, value: this.words}}]
    access: [anyone]
    expose: /cards
"""


async def test_what_a_reader_may_not_see_may_be_null(database: str, tmp_path: Path) -> None:
    """Where a contract demands each member, an unreadable one is null, in rows and in views, and is described so."""
    dist = assemble(_HIDDEN, tmp_path)
    async with started(dist, database) as service:
        foreign = Foreign(service.visitor(), json.loads((dist / "openapi.json").read_bytes()))

        made = await foreign.ask("POST", "/items", json={"title": "A", "secret": "x"})
        row = (await foreign.ask("GET", f"/items/{made.json()['id']}")).json()
        card = (await foreign.ask("GET", "/cards")).json()["items"][0]

    assert row["secret"] is None and "updated_at" in row and row["updated_at"] is None
    assert card == {"title": "A", "secret": None, "notes": None}


_UNCOUNTED = """
assembly: counted
version: 1.0.0
owner: team-counted
entities:
  Item:
    fields: {title: text(60)!, notes: {reverse: Note.item}}
    permissions: {anyone: {read: true}, Add: {create: true}}
    expose: {path: /items, sort: [title]}
  Note:
    fields: {item: {ref: Item, required: true, on_delete: cascade}}
operations:
  Add:
    trigger: {http: POST /add}
    access: [anyone]
    public: A test.
    input: {title: text(60)!}
    steps: [{create: Item, set: {title: "${input.title}"}, as: made}]
    returns: {status: 201, body: "${made}"}
"""


async def test_rows_that_are_there_are_counted_later(database: str, tmp_path: Path) -> None:
    """A numbered field may be added to an entity with rows; each of them gets its number, and counting goes on."""
    dist = assemble(_UNCOUNTED, tmp_path)
    async with started(dist, database) as service:
        for title in "AB":
            await service.visitor().post("/add", json={"title": title})

    dist = assemble(_UNCOUNTED.replace("{title:", "{number: {type: int, numbered: true}, title:", 1), tmp_path)
    async with started(dist, database) as service:
        added = await service.visitor().post("/add", json={"title": "C"})
        rows = (await service.visitor().get("/items?sort=title")).json()["items"]

    assert added.json()["number"] == 3
    assert sorted(row["number"] for row in rows) == [1, 2, 3] and rows[2]["number"] == 3
