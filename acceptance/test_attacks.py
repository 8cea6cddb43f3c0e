"""What attackers try on rows, columns, pages and files with low-privileged accounts; each attempt comes to nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from acceptance.attacked import NOBODY, NUMBER, create_report, shape
from acceptance.services import Service

# -- reading without permission ------------------------------------------------------------------------------------


def test_a_hidden_column_chooses_no_row(eve: httpx.Client, report: dict[str, Any]) -> None:
    """Equality, ranges, search and totals over columns that are hidden find nothing."""
    salary, body = report["salary"], report["body"]
    queries = (f"salary={salary}", "salary.gte=0", "salary.lt=1000000", f"q={body}")
    found = [eve.get(f"/api/reports?total=true&{query}").json() for query in queries]

    assert [(page["items"], page["total"]) for page in found] == [([], 0)] * len(queries)


def test_a_hidden_column_gives_no_order(eve: httpx.Client, ada: httpx.Client) -> None:
    """Rows sorted by a hidden column come in the same order as without it, and cursors hold no value of it."""
    for salary in (30, 10, 20):
        create_report(ada, title="to be sorted", salary=salary)
    orders = [
        [item["id"] for item in eve.get(f"/api/reports?title=to%20be%20sorted&sort={sort}&limit=50").json()["items"]]
        for sort in ("salary", "-salary")
    ]

    assert orders[0] == sorted(orders[0])
    assert orders[1] == orders[0][::-1]


def test_groups_and_sums_are_made_of_what_may_be_read(eve: httpx.Client, bob: httpx.Client, report: Any) -> None:
    """Neither a sum, a maximum, a condition on groups nor a group itself tells a hidden salary."""
    sums, groups = eve.get("/api/sums").json()["items"], eve.get("/api/by-salary").json()["items"]

    assert sums == []
    assert {group["salary"] for group in groups} <= {None, 0}
    assert report["salary"] not in {group["salary"] for group in bob.get("/api/by-salary").json()["items"]}


def test_a_nested_view_shows_no_more_than_a_list(
    ada: httpx.Client, eve: httpx.Client, bob: httpx.Client, report: Any
) -> None:
    """Rows within rows, counts and existence over them, and followed references keep to the reader's rules."""
    topic = ada.post("/api/topics", json={"name": "Ada's topic"}).json()["id"]
    assert ada.patch(f"/api/reports/{report['id']}", json={"topic": topic}).status_code == 200
    mine = create_report(eve, title="eve's", related=[report["id"]])
    related = next(item for item in eve.get("/api/related?limit=50").json()["items"] if item["id"] == mine["id"])

    assert related["related"] == [{"id": report["id"], "title": report["title"]}]
    assert (eve.get("/api/tree").json()["items"], bob.get("/api/tree").json()["items"]) == ([], [])


@pytest.mark.parametrize("condition", [None, '"1"', '"99"', "*"])
def test_an_invisible_row_is_like_none(bob: httpx.Client, report: Any, condition: str | None) -> None:
    """Reading, changing, deleting and operating on an invisible row answer as for an id that nobody has."""
    headers = {} if condition is None else {"If-Match": condition, "If-None-Match": condition}
    attempts = (("GET", "", None), ("PATCH", "", {"title": "x"}), ("PATCH", "", {"topic": NOBODY}),
                ("DELETE", "", None),
                ("GET", "/paper", None), ("POST", "/send", None))  # fmt: skip
    answers = [
        [shape(bob.request(method, f"/api/reports/{id}{rest}", json=body, headers=headers)) for id in ids]
        for method, rest, body in attempts
        for ids in [(report["id"], NOBODY)]
    ]

    assert [one for one, _ in answers] == [other for _, other in answers]
    assert {one[0] for one, _ in answers} <= {404, 409}


def test_a_reference_to_an_invisible_row_is_like_one_to_none(ada: httpx.Client, bob: httpx.Client, report: Any) -> None:
    """References and links, written or filtered by, do not tell whether a row exists."""
    topic = ada.post("/api/topics", json={"name": "hidden"}).json()["id"]
    pairs = [
        [bob.post("/api/reports", json={"title": "x", "topic": id}) for id in (topic, NOBODY)],
        [bob.post("/api/reports", json={"title": "x", "related": [id]}) for id in (report["id"], NOBODY)],
        [bob.post("/api/notes", json={"report": id, "text": "x"}) for id in (report["id"], NOBODY)],
        [bob.get(f"/api/reports?topic={id}") for id in (topic, NOBODY)],
        [bob.get(f"/api/notes?report={id}") for id in (report["id"], NOBODY)],
    ]

    assert [shape(one) for one, _ in pairs] == [shape(other) for _, other in pairs]
    assert [one.status_code for one, _ in pairs] == [422, 422, 403, 200, 200]


def test_a_visible_row_tells_no_version_to_who_may_not_write(eve: httpx.Client, report: Any) -> None:
    """Forbidden comes before stale."""
    tries = [eve.patch(f"/api/reports/{report['id']}", json={"title": "x"}, headers={"If-Match": f'"{version}"'})
             for version in (1, 99)]  # fmt: skip

    assert [answer.status_code for answer in tries] == [403, 403]


def test_a_cursor_works_for_its_caller_and_list_only(ada: httpx.Client, bob: httpx.Client, eve: httpx.Client) -> None:
    """A cursor of somebody else, of another order or filter, or a changed one is refused."""
    for _ in range(3):
        create_report(ada, title="paged")
    cursor = ada.get("/api/reports?sort=title&limit=2").json()["next"]
    path = f"/api/reports?limit=2&cursor={cursor}"
    refused = (
        bob.get(f"{path}&sort=title"),
        eve.get(f"{path}&sort=title"),
        ada.get(f"{path}&sort=-title"),
        ada.get(f"{path}&sort=salary"),
        ada.get(f"{path}&sort=title&state=draft"),
        ada.get(f"/api/reports?sort=title&limit=2&cursor=A{cursor[1:]}A"),
        ada.get("/api/related?limit=2&cursor=" + cursor),
    )

    assert ada.get(f"{path}&sort=title").status_code == 200
    assert [answer.status_code for answer in refused] == [422] * len(refused)


def test_an_idempotency_key_belongs_to_its_caller(ada: httpx.Client, bob: httpx.Client) -> None:
    """The same key gives another person their own row, and another body of the same person nothing."""
    key = {"Idempotency-Key": f"key-{next(NUMBER)}"}
    first, again = (ada.post("/api/topics", json={"name": "mine"}, headers=key) for _ in range(2))
    foreign = bob.post("/api/topics", json={"name": "mine"}, headers=key)
    other = ada.post("/api/topics", json={"name": "another"}, headers=key)

    assert first.json()["id"] == again.json()["id"] != foreign.json()["id"]
    assert other.status_code == 422


def test_a_stranger_learns_nothing_but_that_they_are_one(attacked: Service, report: Any) -> None:
    """Without a session every address and every malformed body answers 401 alike."""
    with attacked.visitor() as visitor:
        answers = [
            visitor.get("/api/reports"),
            visitor.get(f"/api/reports/{report['id']}"),
            visitor.get(f"/api/reports/{NOBODY}/paper"),
            visitor.get("/api/tree"),
            visitor.post("/api/reports", json={"title": 1}),
            visitor.post("/api/reports", content="{"),
        ]

    assert {answer.status_code for answer in answers} == {401}


# -- writing what is not granted -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [{"approved": True}, {"owner": NOBODY}, {"id": "B" * 22}, {"version": 9}, {"state": "closed"}, {"notes": []},
     {"created_at": "2020-01-01T00:00:00Z"}, {"owner": None}, {"salary": None}, {"title": None}, {"approved": None},
     {"topic": {"id": NOBODY}}, {"paper": {"id": NOBODY, "name": "a", "media": "text/html", "size": 1}}],
    ids=lambda members: next(iter(members)),
)  # fmt: skip
def test_no_member_is_assigned_that_is_not_granted(ada: httpx.Client, report: Any, members: dict[str, Any]) -> None:
    """Presets, generated, immutable and nested members, ids of files, and null for what is always there are refused."""
    refused = (
        ada.post("/api/reports", json={"title": "x", **members}),
        ada.patch(f"/api/reports/{report['id']}", json=members),
    )

    assert [answer.status_code for answer in refused] == [422, 422]


def test_an_author_may_not_be_chosen_without_the_grant(ada: httpx.Client, attacked: Service) -> None:
    """A column that only another role may give is forbidden."""
    assert ada.post("/api/reports", json={"title": "x", "author": attacked.id("ada")}).status_code == 403


def test_a_preset_comes_only_with_its_own_grant(attacked: Service) -> None:
    """Who writes by a grant of one role does not get what another role's grant would have preset."""
    with attacked.client("kim") as kim:
        made = create_report(kim, title="kim's own")
        changed = kim.patch(f"/api/reports/{made['id']}", json={"title": "kim's changed"})

    assert (made["approved"], changed.status_code, changed.json()["approved"]) == (False, 200, False)


def test_each_grant_brings_its_own_preset(attacked: Service, bob: httpx.Client) -> None:
    """Rows of one grant get its presets, rows of another do not, and fields of both are not mixed."""
    with attacked.client("kim") as kim:
        assert bob.post("/api/following", json={"boss": attacked.id("kim")}).status_code == 200
        theirs = create_report(kim, title="a report's", author=attacked.id("bob"))
        others = kim.post("/api/reports", json={"title": "x", "author": attacked.id("ada")})
        mixed = kim.post("/api/reports", json={"title": "x", "author": attacked.id("bob"), "salary": 5})

    assert (theirs["approved"], others.status_code, mixed.status_code) == (True, 403, 403)


def test_rights_of_an_operation_stay_within_it(attacked: Service, bob: httpx.Client, report: Any) -> None:
    """What an operation may write is reached neither for other rows nor through other operations."""
    path = f"/api/reports/{report['id']}"
    with attacked.client("kim") as kim:
        own = create_report(kim, title="kim's salary")
        raised = (
            kim.post(f"{path}/raise", json={"salary": 1}),
            kim.post(f"/api/reports/{own['id']}/raise", json={"salary": 7}),
        )
    sent = bob.patch(f"/api/reports/{create_report(bob)['id']}", json={"state": "sent"})

    assert [answer.status_code for answer in raised] == [404, 200]
    assert (bob.post(f"{path}/raise", json={"salary": 1}).status_code, sent.status_code) == (403, 422)


@pytest.mark.parametrize(
    "body",
    ['{"title":"a","title":"b"}', '{"title":"a","t\\u0069tle":"b"}', '{"title":"a"} {}', '\ufeff{"title":"a"}',
     '{"title":NaN}', '{"title":"\\ud800"}', '{"title":"x","salary":1e400}', "[" * 100_000],
)  # fmt: skip
def test_a_body_that_readers_could_read_differently_is_malformed(ada: httpx.Client, body: str) -> None:
    """Members given twice, lone surrogates, marks, trailing and endless nesting are refused as a whole."""
    answer = ada.post("/api/reports", content=body.encode(), headers={"Content-Type": "application/json"})

    assert answer.status_code == 400


def test_a_form_gives_no_more_than_json(ada: httpx.Client) -> None:
    """Where forms are taken, they are bound by the same grants."""
    refused = (
        ada.post("/api/reports", data={"title": "x", "approved": "true"}),
        ada.post("/api/reports", data={"title": ["x", "y"]}),
        ada.post("/api/reports", content="title=x", headers={"Content-Type": "text/plain"}),
    )

    assert [answer.status_code for answer in refused] == [422, 422, 415]


def test_a_method_is_what_the_request_line_says(ada: httpx.Client, report: Any) -> None:
    """No header and no parameter turns one method into another."""
    path = f"/api/reports/{report['id']}"
    ada.post(path, headers={"X-HTTP-Method-Override": "DELETE"})
    ada.post(f"{path}?_method=DELETE")
    ada.get(path, headers={"X-Method-Override": "DELETE"})

    assert ada.get(path).status_code == 200


def test_a_pattern_binds_the_whole_text(ada: httpx.Client) -> None:
    """A value that merely contains what the pattern describes is refused, as is one with a line end."""
    statuses = [ada.post("/api/reports", json={"title": "x", "serial": text}).status_code
                for text in ("lower A", "<A>", "A-1\n", "\nA-1", "")]  # fmt: skip

    assert statuses == [422] * 5
    assert '"pattern": "^(?:[A-Z0-9-]+)$"' in json.dumps(ada.get("/openapi.json").json())


# -- pages ---------------------------------------------------------------------------------------------------------


def _token(client: httpx.Client) -> str:
    match = re.search(r'name="_token" value="([^"]+)"', client.get("/").text)
    assert match is not None
    return match[1]


def test_a_form_of_a_page_takes_only_what_it_shows(bob: httpx.Client) -> None:
    """Posted members that the form does not have are not written."""
    title = f"posted {next(NUMBER)}"
    extra = {"approved": "true", "salary": "99", "state": "closed", "owner": NOBODY}
    answer = bob.post("/", data={"_token": _token(bob), "_part": "0", "title": title, **extra})
    made = bob.get("/api/reports", params={"title": title}).json()["items"][0]

    assert answer.status_code == 303
    assert (made["approved"], made["salary"], made["state"]) == (False, 0, "draft")


def test_a_page_gives_its_row_itself(ada: httpx.Client, bob: httpx.Client, report: Any) -> None:
    """A posted reference does not replace the row of the page, and another's page takes nothing."""
    own = create_report(bob, title="bob's")["id"]
    form = {"_token": _token(bob), "_part": "1", "text": "injected", "report": report["id"]}
    taken, refused = bob.post(f"/reports/{own}", data=form), bob.post(f"/reports/{report['id']}", data=form)

    assert taken.status_code == 303
    assert refused.status_code in (403, 404)
    assert ada.get(f"/api/notes?report={report['id']}").json()["items"] == []
    assert [note["text"] for note in bob.get(f"/api/notes?report={own}").json()["items"]] == ["injected"]


def test_buttons_of_a_page_reach_only_rows_that_it_shows(ada: httpx.Client, bob: httpx.Client, report: Any) -> None:
    """Part, action and row of a posted button are held against what the person sees."""
    token = _token(bob)
    own, none = report["id"], NOBODY
    buttons = (f"1.0.{own}", f"1.1.{own}", f"1.0.{none}", f"1.9.{own}", "9.0.x", "-1.0.x", "1.0.' OR 1=1")
    statuses = [bob.post("/", data={"_token": token, "_do": one, "_confirmed": "yes"}).status_code for one in buttons]

    assert statuses == [404] * len(buttons)
    assert ada.get(f"/api/reports/{report['id']}").json()["state"] == "draft"


def test_a_form_token_belongs_to_its_session(ada: httpx.Client, bob: httpx.Client) -> None:
    """A form without a token, or with somebody else's, is refused."""
    answers = [bob.post("/", data={"_part": "0", "title": "x", **more}) for more in ({}, {"_token": _token(ada)})]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_no_value_becomes_markup(ada: httpx.Client, bob: httpx.Client) -> None:
    """Titles, file names, templates in values and query parameters stay text; HTML is cleaned as it is written."""
    evil = '<img src=x onerror="alert(1)">{{ 7 * 191 }}${7*191}'
    body = '<script>1</script><a href="javascript:1" onclick="1">x</a><p style="x">y</p><svg onload="1">'
    made = create_report(ada, title=evil, body=body)
    pages = [
        ada.get("/").text,
        ada.get(f"/reports/{made['id']}").text,
        ada.get("/?state=<script>alert(1)</script>&q=%22><x>").text,
    ]

    assert not any("<img src=x" in page or "1337" in page or "<script>alert" in page for page in pages)
    assert not re.search("script|onclick|style|onload|svg", made["body"])
    assert "script-src 'self'" in ada.get("/").headers["content-security-policy"]


@pytest.mark.parametrize(
    "target", ["//evil.test", "/\\evil.test", "https://evil.test", "/\t/evil.test", "javascript:1"]
)
def test_no_redirect_leaves_the_service(ada: httpx.Client, target: str) -> None:
    """Wherever an address can be given, a foreign one becomes the start."""
    answers = (
        ada.get("/sign-in", params={"next": target}),
        ada.post("/-/appearance", data={"scheme": "dark", "next": target}),
    )

    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/")] * 2


def test_the_host_header_reaches_no_answer(attacked: Service) -> None:
    """Addresses in answers are relative, so a forged host is told to nobody."""
    with attacked.visitor() as visitor:
        answer = visitor.get("/", headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test", "Accept": "text/html"})

    assert "evil.test" not in answer.text + str(answer.headers)


# -- files ---------------------------------------------------------------------------------------------------------


def test_a_file_is_nobodys_but_its_rows(ada: httpx.Client, bob: httpx.Client, eve: httpx.Client) -> None:
    """Others neither load it, nor learn of it by its tag, nor put its id into a row of their own."""
    made = ada.post("/api/reports", data={"title": "filed"}, files={"paper": ("a.txt", b"mine", "text/plain")}).json()
    path, file = f"/api/reports/{made['id']}/paper", made["paper"]
    own = create_report(bob, title="bob's file")["id"]
    swapped = [bob.patch(f"/api/reports/{own}", json={"paper": value}) for value in (file, file["id"], [file])]
    by_form = bob.post("/api/reports", data={"title": "x", "paper": json.dumps(file)})
    denied = [
        client.get(path, headers=headers)
        for client in (bob, eve)
        for headers in ({}, {"If-None-Match": f'"{file["id"]}"'})
    ]
    pages = [
        bob.get(f"/reports/{own}?_file=0.{made['id']}.paper"),
        bob.get(f"/reports/{made['id']}?_file=0.{made['id']}.paper"),
    ]

    assert ada.get(path).content == b"mine"
    assert [answer.status_code for answer in swapped] == [422] * 3
    assert by_form.status_code == 422 or by_form.json()["paper"] is None
    assert [answer.status_code for answer in (*denied, *pages)] == [404] * 6


def test_an_uploaded_page_cannot_act(ada: httpx.Client) -> None:
    """HTML and SVG come as attachments in a sandbox, and no file name ends a header."""
    for media, name in (
        ("text/html", "../../x.html"),
        ("image/svg+xml", 'a"; filename="b.svg\u202e\r\nSet-Cookie: a=b'),
    ):
        upload = {"paper": (name, b"<svg onload='alert(1)'></svg>", media)}
        made = ada.post("/api/reports", data={"title": "upload"}, files=upload).json()
        answer = ada.get(f"/api/reports/{made['id']}/paper")

        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers and "/" not in made["paper"]["name"]
