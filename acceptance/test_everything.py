"""One of everything that the language can say, on both databases: every type, step, trigger and kind of permission."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES
from acceptance.services import ROOT, Built, Service, build_assembly, read_demo, serving

_ASSEMBLIES = ROOT / "acceptance" / "assemblies"
_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_FULL = {
    "title": "Ünïcode 🎈",
    "code": "first-one",
    "notes": "*hi* <script>x</script>",
    "page": "<p onclick=x>ok<script>alert(1)</script></p>",
    "contact": "Ada@EXAMPLE.org",
    "link": "https://example.org/a?b=c",
    "phone": "+4930123456",
    "count": 7,
    "ratio": "1.250",
    "price": "12.30",
    "yen": "500",
    "active": False,
    "born": "2020-02-29",
    "at": "2021-01-01T12:00:00.123456+02:00",
    "lasts": "PT36H",
    "external": "6F9619FF-8B86-D011-B42D-00C04FC964FF",
    "settings": {"a": [1, 2, {"b": None}]},
    "words": ["a", "b"],
    "numbers": [1, 2],
    "secret_note": "psst",
}
_STORED = {
    **_FULL,
    "page": "<p>ok</p>",
    "contact": "Ada@example.org",
    "at": "2021-01-01T10:00:00.123456Z",
    "external": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "stage": "new",
    "doubled": 14,
    "overdue": True,
    "picture": None,
    "paper": None,
    "parent": None,
    "labels": [],
}


@pytest.fixture(scope="module", params=DATABASES)
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The running service of `assemblies/everything`."""
    yield from _run("everything", request, tmp_path_factory)


@pytest.fixture(scope="module", params=DATABASES)
def tenants(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The running service of `assemblies/tenants`."""
    yield from _run("tenants", request, tmp_path_factory)


def _run(name: str, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = factory.mktemp(f"{name}-{request.param}")
    made = build_assembly(_ASSEMBLIES / name, folder)
    data = read_demo(_ASSEMBLIES / name / "demo.yaml")
    demo = folder / "demo.json"
    demo.write_text(json.dumps(data))
    built = Built(name, made.dist, made.components, {one["email"]: one["password"] for one in data["people"]}, demo)
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder / 'data.sqlite'}" if sqlite else request.getfixturevalue("postgres_cluster").create()
    for arguments in (("migrate",), ("seed", "--file", str(demo))):
        done = built.run(arguments[0], "--database", url, *arguments[1:])
        assert done.returncode == 0, done.stderr
    with serving(built, url, folder) as service:
        yield service


def _create(client: httpx.Client, **values: Any) -> dict[str, Any]:
    answer = client.post("/api/records", json=values)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


def _titles(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_every_type_comes_back_in_its_one_form(everything: Service) -> None:
    """What is stored is canonical: UTC times, lower-case ids, sanitised HTML, and decimals as they were written."""
    with everything.client("ada") as ada:
        record = _create(ada, **_FULL)
        found = ada.get(f"/api/records/{record['id']}").json()
        ada.delete(f"/api/records/{record['id']}")

    assert {name: found[name] for name in _STORED} == _STORED


def test_an_encrypted_field_is_not_readable_in_the_database(everything: Service) -> None:
    """The bytes of a secret note are nowhere in the database's files."""
    if everything.dialect != "sqlite":
        pytest.skip("looking into the files of PostgreSQL would prove nothing")
    with everything.client("bob") as bob:
        _create(bob, title="sealed", secret_note="a-very-recognisable-note")
    folder = Path(everything.database.removeprefix("sqlite:///")).parent

    assert not any(b"a-very-recognisable-note" in path.read_bytes() for path in folder.glob("data.sqlite*"))


def test_all_problems_of_a_body_are_told_at_once(everything: Service) -> None:
    """Every member that does not fit has its own pointer."""
    wrong = {"title": "", "count": 5000, "price": "-1", "ratio": "1.2345", "born": "2021-02-30", "code": "Bad Code"}
    more = {"contact": "x", "link": "javascript:alert(1)", "words": ["a" * 30], "nope": 1}
    with everything.client("ada") as ada:
        answer = ada.post("/api/records", json={**wrong, **more})

    assert answer.status_code == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {f"/{name}" for name in (*wrong, "contact", "link", "words/0", "nope")}


def test_absent_null_and_value_are_three_things(everything: Service) -> None:
    """A patch leaves what it does not mention, clears what it sends as null, and sets the rest."""
    with everything.client("ada") as ada:
        record = _create(ada, title="patched", price="5.00", ratio="1.500", count=1)
        changed = ada.patch(f"/api/records/{record['id']}", json={"price": None, "count": 9}).json()

    assert (changed["price"], changed["ratio"], changed["count"]) == (None, "1.500", 9)


def test_a_check_refuses_with_its_message(everything: Service) -> None:
    """What every row must meet is told by name and message."""
    with everything.client("ada") as ada:
        answer = ada.post("/api/records", json={"title": "x", "born": "2022-01-01", "at": "2021-01-01T00:00:00Z"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "", "code": "born-before-at", "message": "It is born before"}]


def test_filters_narrow_by_every_kind_of_value(everything: Service) -> None:
    """Equality, ranges, several values, computed fields, references and search each find the row."""
    with everything.client("bob") as bob:
        parent = _create(bob, title="the parent", count=3)
        _create(bob, **{**_FULL, "title": "the one", "code": "the-one", "parent": parent["id"]})
        queries = (
            "count.gte=5", "born.lt=2021-01-01", "at.gt=2020-01-01T00:00:00Z", "price=12.30", "ratio=1.25",
            "doubled=14", "q=THE%20ONE", "code=the-one", f"parent={parent['id']}", "active=false",
            "stage.in=new,done&count=7",
        )  # fmt: skip
        found = {query: _titles(bob.get(f"/api/records?{query}")) for query in queries}

    assert found == {query: ["the one"] for query in queries}


def test_a_reader_cannot_choose_rows_by_a_column_that_is_hidden(everything: Service) -> None:
    """A filter on an unreadable column matches nothing, and the column is absent from what is read."""
    with everything.client("ada") as ada, everything.client("eve") as eve:
        record = _create(ada, title="priced", price="77.00")
        seen = eve.get(f"/api/records/{record['id']}").json()
        chosen = _titles(eve.get("/api/records?price=77.00"))

    assert set(seen) == {"id", "title", "stage", "count"}
    assert chosen == []


def test_invisible_is_404_and_visible_but_forbidden_is_403(everything: Service) -> None:
    """Nobody learns from an answer that a row exists which they may not see."""
    with everything.client("ada") as ada, everything.client("bob") as bob, everything.client("eve") as eve:
        record = _create(ada, title="mine")
        path = f"/api/records/{record['id']}"
        statuses = (
            bob.get(path),
            bob.patch(path, json={"count": 1}),
            eve.get(path),
            eve.patch(path, json={"count": 1}),
        )

    assert [answer.status_code for answer in statuses] == [404, 404, 200, 403]


def test_many_to_many_links_are_written_and_read(everything: Service) -> None:
    """A list of ids becomes links; the answer names what they lead to; a patch replaces them."""
    with everything.client("ada") as ada:
        ids = [ada.post("/api/labels", json={"name": name}).json()["id"] for name in ("red", "blue")]
        record = _create(ada, title="labelled", labels=ids)
        changed = ada.patch(f"/api/records/{record['id']}", json={"labels": ids[:1]}).json()

    assert sorted(label["name"] for label in record["labels"]) == ["blue", "red"]
    assert [label["name"] for label in changed["labels"]] == ["red"]


def test_steps_run_for_each_item_and_upsert_by_their_key(everything: Service) -> None:
    """A second run changes the rows with the same key and adds the others."""
    with everything.client("ada") as ada:
        record = _create(ada, title="with lines")
        path = f"/api/records/{record['id']}/lines"
        ada.put(path, json={"names": ["a", "b"], "amount": 5})
        ada.put(path, json={"names": ["b", "c"], "amount": 500})
        lines = ada.get(f"/api/lines?record={record['id']}&sort=name").json()["items"]

    assert [(line["name"], line["amount"]) for line in lines] == [("a", 5), ("b", 500), ("c", 500)]


def test_a_view_nests_counts_and_asks_in_one_answer(everything: Service) -> None:
    """Children with their lines, labels, a size and an existence come as one tree."""
    with everything.client("bob") as bob:
        root = _create(bob, title="a root")
        child = _create(bob, title="a child", parent=root["id"])
        bob.put(f"/api/records/{child['id']}/lines", json={"names": ["x"], "amount": 200})
        bob.put(f"/api/records/{root['id']}/lines", json={"names": ["y", "z"], "amount": 101})
        tree = {item["title"]: item for item in bob.get("/api/tree?limit=50").json()["items"]}

    assert tree["a root"] == {
        "id": root["id"],
        "title": "a root",
        "children": [{"id": child["id"], "title": "a child", "lines": [{"name": "x", "amount": 200}]}],
        "labels": [],
        "parts": 2,
        "big": True,
    }


def test_a_require_and_a_guard_end_with_their_failures(everything: Service) -> None:
    """Each named failure has the status that the operation gives it; settings are filled in."""
    with everything.client("ada") as ada:
        stuck, fresh = _create(ada, title="stuck"), _create(ada, title="fresh")
        answers = [ada.post(f"/api/records/{one['id']}/start") for one in (stuck, fresh, fresh)]

    assert [answer.status_code for answer in answers] == [422, 200, 409]
    assert answers[1].json() == {"greeting": "Hello, fresh!", "stage": "running", "limit": 3}


def test_a_change_and_the_clock_start_operations(everything: Service) -> None:
    """Starting a record is noted after its commit; a job closes what the clock finds."""
    with everything.client("ada") as ada:
        record = _create(ada, title="watched", count=999)
        ada.post(f"/api/records/{record['id']}/start")
        wanted = {"started", f"closed {record['id']}"}
        until = time.monotonic() + 20
        seen: set[str] = set()
        while not wanted <= seen and time.monotonic() < until:
            seen = {event["what"] for event in ada.get("/api/events?limit=50").json()["items"]}
            time.sleep(0.1)

    assert wanted <= seen


def test_files_are_stored_by_what_they_are(everything: Service) -> None:
    """A picture is told by its bytes, whatever it is called."""
    with everything.client("ada") as ada:
        files = {"picture": ("p.png", _PNG, "image/png"), "paper": ("n.txt", b"hello", "text/plain")}
        kept = ada.post("/api/records", data={"title": "with files"}, files=files)
        refused = ada.post("/api/records", data={"title": "bad"}, files={"picture": ("p.png", b"no", "image/png")})

    assert (kept.status_code, kept.json()["paper"]["size"], kept.json()["picture"]["media"]) == (201, 5, "image/png")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/picture")


def test_pages_of_a_list_neither_repeat_nor_miss_a_row(everything: Service) -> None:
    """Following the cursor through an order with equal and absent keys meets every row once."""
    with everything.client("eve") as eve:
        made = [_create(eve, title=f"row {number:02}", count=number % 3)["id"] for number in range(25)]
        met: list[str] = []
        cursor = ""
        while True:
            page = eve.get(f"/api/records?q=row&sort=-count,title&limit=4{cursor}").json()
            met += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"

    assert sorted(met) == sorted(made)


@pytest.fixture
def ada(tenants: Service) -> Iterator[httpx.Client]:
    """Somebody of the first organisation."""
    with _member(tenants, "ada", "Ada's") as client:
        yield client


@pytest.fixture
def bob(tenants: Service) -> Iterator[httpx.Client]:
    """Somebody of the second organisation."""
    with _member(tenants, "bob", "Bob's") as client:
        yield client


def test_a_person_of_no_tenant_creates_nothing(tenants: Service) -> None:
    """Who belongs to no organisation sees no rows and is refused with the field that is missing."""
    with _bearer(tenants, "eve") as eve:
        listed = eve.get("/api/projects")
        created = eve.post("/api/projects", json={"name": "x"})

    assert (listed.status_code, listed.json()["items"]) == (200, [])
    assert (created.status_code, created.json()["errors"][0]["code"]) == (422, "required")


def test_tenants_never_meet(ada: httpx.Client, bob: httpx.Client) -> None:
    """Rows, counts and unique keys of one organisation do not exist for another."""
    project = ada.post("/api/projects", json={"name": "Same name"}).json()
    same = bob.post("/api/projects", json={"name": "Same name"})
    path = f"/api/projects/{project['id']}"
    denied = [bob.get(path), bob.patch(path, json={"name": "x"}), bob.delete(path)]
    listed = [item["id"] for item in bob.get("/api/projects").json()["items"]]

    assert same.status_code == 201
    assert [answer.status_code for answer in denied] == [404, 404, 404]
    assert project["id"] not in listed


def test_no_reference_leaves_its_tenant(ada: httpx.Client, bob: httpx.Client) -> None:
    """A task cannot be put into another organisation's project."""
    project = ada.post("/api/projects", json={"name": "Ada's only"}).json()
    across = bob.post("/api/tasks", json={"project": project["id"], "title": "x"})
    within = ada.post("/api/tasks", json={"project": project["id"], "title": "x"})

    assert (across.status_code, within.status_code) == (422, 201)
    assert ada.get("/api/per-project").json()["items"] == [{"project": project["id"], "tasks": 1}]
    assert bob.get("/api/per-project").json()["items"] == []


@contextmanager
def _member(service: Service, person: str, organisation: str) -> Iterator[httpx.Client]:
    with _bearer(service, person) as client:
        assert client.post("/api/organisations", json={"name": organisation}).status_code in (201, 409)
        yield client


@contextmanager
def _bearer(service: Service, person: str) -> Iterator[httpx.Client]:
    email, password = service.credentials(person)
    with service.visitor() as client:
        answer = client.post("/api/accounts/tokens", json={"email": email, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        yield client
