"""The story of the social blogging service by HTTP, behind its foreign interface, the same on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import httpx
import pytest

from acceptance.conftest import DATABASES, Running
from acceptance.services import Service

_NUMBERS = count(1)
_PASSWORD = "seven quiet herons"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Person:
    """Somebody who has registered, and their client."""

    def __init__(self, client: httpx.Client, name: str) -> None:
        self.name = f"{name}{next(_NUMBERS)}"
        self.email = f"{self.name}@example.org"
        self.client = client
        user = {"username": self.name, "email": self.email, "password": _PASSWORD}
        answer = client.post("/api/users", json={"user": user})
        assert answer.status_code == 201, answer.text
        self.account: dict[str, Any] = answer.json()["user"]
        self.sign(self.account["token"])

    def sign(self, token: str) -> None:
        """Use a token from now on."""
        self.client.headers["Authorization"] = f"Token {token}"

    def write(self, title: str, **more: Any) -> dict[str, Any]:
        """A new article."""
        article = {"title": title, "description": "In short.", "body": "At *length*.", **more}
        answer = self.client.post("/api/articles", json={"article": article})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["article"]
        return made


class Conduit:
    """The running service, and whoever comes to it."""

    def __init__(self, service: Service, stack: ExitStack) -> None:
        self._service = service
        self._stack = stack
        self.visitor = self._client()

    def _client(self) -> httpx.Client:
        return self._stack.enter_context(httpx.Client(base_url=self._service.address, timeout=30))

    def person(self, name: str) -> Person:
        """Somebody new."""
        return Person(self._client(), name)


@pytest.fixture(params=DATABASES)
def conduit(request: pytest.FixtureRequest, running: Running) -> Iterator[Conduit]:
    """The running conduit."""
    with ExitStack() as stack:
        yield Conduit(running("conduit", request.param), stack)


def test_an_account_answers_with_the_token_that_came(conduit: Conduit) -> None:
    """Registering, signing in and reading one's account answer the same shape; the token is repeated."""
    jana = conduit.person("jana")

    signed = conduit.visitor.post("/api/users/login", json={"user": {"email": jana.email, "password": _PASSWORD}})
    again = jana.client.get("/api/user").json()["user"]

    assert again == {"email": jana.email, "username": jana.name, "bio": "", "image": "", "token": jana.account["token"]}
    assert signed.status_code == 200 and signed.json()["user"].keys() == again.keys()
    assert signed.json()["user"]["token"] != jana.account["token"]


def test_wrong_credentials_and_tokens_are_refused(conduit: Conduit) -> None:
    """A wrong password, a wrong token, another scheme and no token at all are answered with 401."""
    jana = conduit.person("jana")
    visitor = conduit.visitor
    wrong = {"user": {"email": jana.email, "password": "not this one"}}

    answers = [
        visitor.post("/api/users/login", json=wrong),
        visitor.get("/api/user", headers={"Authorization": "Token wrong"}),
        visitor.get("/api/user", headers={"Authorization": f"Bearer {jana.account['token']}"}),
        visitor.get("/api/user"),
        visitor.post("/api/articles", json={"article": {}}),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert all(list(answer.json()) == ["errors"] for answer in answers)
    assert all(isinstance(answer.json()["errors"]["body"][0], str) for answer in answers)


def test_failures_have_the_shape_of_the_contract(conduit: Conduit) -> None:
    """Everything wrong with a body is told under `errors.body` with 422; a taken name is told as well."""
    jana = conduit.person("jana")
    visitor = conduit.visitor
    wrong = visitor.post("/api/users", json={"user": {"username": "", "email": "nobody"}})
    taken = visitor.post(
        "/api/users",
        json={"user": {"username": jana.name, "email": "x" + jana.email, "password": _PASSWORD}},
    )
    broken = visitor.post("/api/users", content=b"{", headers={"Content-Type": "application/json"})

    assert (wrong.status_code, taken.status_code, broken.status_code) == (422, 422, 422)
    assert [message.split()[0] for message in wrong.json()["errors"]["body"]] == ["username", "email", "password"]
    assert taken.json()["errors"]["body"][0].startswith("username ")


def test_unknown_members_and_parameters_are_ignored(conduit: Conduit) -> None:
    """What the interface does not know is passed over, and never written."""
    jana = conduit.person("jana")

    made = jana.write("Passed over", favoritesCount=99, author="otto", slug="mine")
    listed = jana.client.get("/api/articles", params={"author": jana.name, "unheard": "of"})

    assert (made["slug"], made["favoritesCount"], made["author"]["username"]) == ("passed-over", 0, jana.name)
    assert listed.status_code == 200 and listed.json()["articlesCount"] == 1


def test_an_account_is_changed_with_its_password(conduit: Conduit) -> None:
    """What is given is written, null and absent members are not; a new password ends the old token."""
    jana = conduit.person("jana")
    before = jana.account["token"]

    first = jana.client.put("/api/user", json={"user": {"bio": "I write.", "image": None}}).json()["user"]
    second = jana.client.put("/api/user", json={"user": {"password": "nine loud herons", "username": f"x{jana.name}"}})
    old = jana.client.get("/api/user")
    jana.sign(second.json()["user"]["token"])
    now = jana.client.get("/api/user").json()["user"]

    assert (first["bio"], first["token"]) == ("I write.", before)
    assert second.status_code == 200 and old.status_code == 401
    assert (now["username"], now["bio"]) == (f"x{jana.name}", "I write.")


def test_profiles_say_whether_the_reader_follows(conduit: Conduit) -> None:
    """Following and following no more may be repeated, and each reader sees their own."""
    jana, otto = conduit.person("jana"), conduit.person("otto")
    path = f"/api/profiles/{jana.name}"

    followed = [otto.client.post(f"{path}/follow").json()["profile"] for _ in range(2)]
    seen = [one.get(path).json()["profile"]["following"] for one in (otto.client, jana.client, conduit.visitor)]
    unfollowed = [otto.client.delete(f"{path}/follow") for _ in range(2)]

    assert followed[0] == followed[1] == {"username": jana.name, "bio": "", "image": "", "following": True}
    assert seen == [True, False, False]
    assert [(one.status_code, one.json()["profile"]["following"]) for one in unfollowed] == [(200, False)] * 2
    assert conduit.visitor.get("/api/profiles/nobody-has-this-name").status_code == 404


def test_articles_with_one_title_have_addresses_of_their_own(conduit: Conduit) -> None:
    """A slug that is taken gets a number, also after an article is gone and when a title changes."""
    jana = conduit.person("jana")
    title = f"Rivers {jana.name}!"
    slug = f"rivers-{jana.name}"

    slugs = [jana.write(title)["slug"] for _ in range(3)]
    jana.client.delete(f"/api/articles/{slugs[1]}")
    slugs.append(jana.write(title)["slug"])
    other = jana.write(f"Other {jana.name}")["slug"]
    renamed = jana.client.put(f"/api/articles/{other}", json={"article": {"title": title}}).json()["article"]
    kept = jana.client.put(f"/api/articles/{slug}", json={"article": {"title": title, "body": "New."}}).json()[
        "article"
    ]

    assert slugs == [slug, f"{slug}-2", f"{slug}-3", f"{slug}-4"]
    assert renamed["slug"] == f"{slug}-5"
    assert (kept["slug"], kept["body"], kept["description"]) == (slug, "New.", "In short.")


def test_an_article_is_read_by_everybody_each_in_their_own_way(conduit: Conduit) -> None:
    """An article has all members of the contract; whether it is a favourite depends on the reader."""
    jana, otto = conduit.person("jana"), conduit.person("otto")
    article = jana.write("Per reader", tagList=["b", "a"])
    path = f"/api/articles/{article['slug']}"

    marked = [otto.client.post(f"{path}/favorite").json()["article"] for _ in range(2)]
    seen = [one.get(path).json()["article"] for one in (otto.client, jana.client, conduit.visitor)]
    unmarked = otto.client.delete(f"{path}/favorite").json()["article"]

    assert set(article) == {
        "slug", "title", "description", "body", "tagList", "createdAt", "updatedAt", "favorited", "favoritesCount",
        "author",
    }  # fmt: skip
    assert article["tagList"] == ["b", "a"] and _TIME.fullmatch(article["createdAt"])
    assert [(one["favorited"], one["favoritesCount"]) for one in (*marked, *seen)] == [
        (True, 1), (True, 1), (True, 1), (False, 1), (False, 1),
    ]  # fmt: skip
    assert (unmarked["favorited"], unmarked["favoritesCount"]) == (False, 0)


def test_lists_are_filtered_counted_and_read_by_offset(conduit: Conduit) -> None:
    """Tag, author and favourites narrow the list; `articlesCount` counts all of it; a page above the bound is cut."""
    jana, otto = conduit.person("jana"), conduit.person("otto")
    tag = f"tag-{jana.name}"
    written = [jana.write(f"{jana.name} {number}", tagList=[tag] if number else [])["slug"] for number in range(3)]
    otto.client.post(f"/api/articles/{written[1]}/favorite")
    visitor = conduit.visitor

    def listed(**parameters: Any) -> tuple[list[str], int]:
        answer = visitor.get("/api/articles", params=parameters)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert set(body) == {"articles", "articlesCount"} and all("body" not in one for one in body["articles"])
        return [one["slug"] for one in body["articles"]], body["articlesCount"]

    newest_first = written[::-1]
    assert listed(author=jana.name) == (newest_first, 3)
    assert listed(author=jana.name, limit=1, offset=1) == (newest_first[1:2], 3)
    assert listed(author=jana.name, limit=100_000, offset=3) == ([], 3)
    assert listed(tag=tag) == (newest_first[:2], 2)
    assert listed(tag=tag, author=otto.name) == ([], 0)
    assert listed(favorited=otto.name) == ([written[1]], 1)
    assert visitor.get("/api/articles", params={"limit": 0}).status_code == 422
    assert tag in visitor.get("/api/tags").json()["tags"]


def test_the_feed_holds_articles_of_those_one_follows(conduit: Conduit) -> None:
    """Only who is signed in has a feed, and it has nobody's articles but those of people followed."""
    jana, otto = conduit.person("jana"), conduit.person("otto")
    slug = jana.write(f"For followers {jana.name}")["slug"]

    before = otto.client.get("/api/articles/feed").json()
    otto.client.post(f"/api/profiles/{jana.name}/follow")
    after = otto.client.get("/api/articles/feed").json()

    assert before == {"articles": [], "articlesCount": 0}
    assert [one["slug"] for one in after["articles"]] == [slug] and after["articles"][0]["author"]["following"]
    assert conduit.visitor.get("/api/articles/feed").status_code == 401


def test_articles_and_comments_belong_to_their_authors(conduit: Conduit) -> None:
    """Nobody else changes or deletes them; a comment has a whole number and goes with its article."""
    jana, otto = conduit.person("jana"), conduit.person("otto")
    path = f"/api/articles/{jana.write('Owned')['slug']}"

    comment = otto.client.post(f"{path}/comments", json={"comment": {"body": "<b>Nice</b>"}})
    number = comment.json()["comment"]["id"]
    foreign = [
        otto.client.put(path, json={"article": {"title": "Mine"}}),
        otto.client.delete(path),
        jana.client.delete(f"{path}/comments/{number}"),
    ]
    seen = conduit.visitor.get(f"{path}/comments").json()["comments"]
    elsewhere = otto.client.delete(f"/api/articles/{jana.write('Elsewhere')['slug']}/comments/{number}")
    gone = otto.client.delete(f"{path}/comments/{number}")

    assert comment.status_code == 200 and isinstance(number, int)
    assert [answer.status_code for answer in foreign] == [403, 403, 403]
    assert [(one["id"], one["body"], one["author"]["username"]) for one in seen] == [(number, "<b>Nice</b>", otto.name)]
    assert (elsewhere.status_code, gone.status_code) == (404, 204)
    assert jana.client.delete(path).status_code == 204
    assert conduit.visitor.get(path).status_code == 404
