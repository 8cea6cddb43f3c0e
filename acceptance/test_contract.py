"""The blogging service keeps its contracts: its own, and that of others where it lies beside the checkout."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from acceptance.conftest import DATABASES, Running
from archwright.bootstrap import Outcome, check

_ROOT = Path(__file__).parent.parent
_CONDUIT = _ROOT / "examples/conduit"
_OWN = _CONDUIT / "openapi.yaml"
_FOREIGN = _ROOT.parent / "shared/data/conduit-openapi.yml"
_NUMBERS = count(1)

Json = dict[str, Any]

beside = pytest.mark.skipif(not _FOREIGN.is_file(), reason="somebody else's document does not lie beside the checkout")


def _checked(contract: Path) -> Outcome:
    return check(_CONDUIT, catalog=_ROOT / "catalog", contract=contract)


def _assert_kept(checked: Outcome) -> None:
    assert [f"{one.code} {one.message}" for one in checked.findings if one.area == "contract"] == []
    assert checked.plan is not None and checked.contract is not None
    assert [one.title for one in checked.contract.kept if not one.holds] == []


def test_the_own_contract() -> None:
    """Every operation of the example's own contract is proven to be served, with nothing left to look at."""
    checked = _checked(_OWN)

    _assert_kept(checked)


@beside
def test_a_foreign_contract() -> None:
    """So is every operation of the document that others wrote for such services."""
    checked = _checked(_FOREIGN)

    _assert_kept(checked)
    assert checked.contract is not None and len(checked.contract.kept) == 19


@beside
@pytest.mark.parametrize("member", ["favoritesCount", "username", "token", "slug", "tagList", "articlesCount"])
def test_a_foreign_contract_with_another_member(member: str, tmp_path: Path) -> None:
    """Were any member of the foreign document called otherwise, the proof would tell."""
    contract = tmp_path / "openapi.yaml"
    contract.write_text(_FOREIGN.read_text("utf-8").replace(f" {member}", f" {member}Of"), "utf-8")

    checked = _checked(contract)

    assert checked.plan is None and "contract/response-schema" in {one.code for one in checked.findings}


# -- what is proven is what happens ----------------------------------------------------------------------------------


class Judge:
    """Compares real answers with a contract's schemas, by a referee that is not ours."""

    def __init__(self, contract: Path) -> None:
        self._document: Json = yaml.safe_load(contract.read_text("utf-8"))
        self.seen: set[str] = set()

    def judge(self, operation: str, answer: httpx.Response) -> Json:
        """The body of an answer, once it is what the contract says of that operation."""
        described = self._operation(operation)["responses"]
        assert str(answer.status_code) in described, f"{operation}: {answer.status_code} {answer.text}"
        self.seen.add(operation)
        content = self._followed(described[str(answer.status_code)]).get("content") or {}
        if not content:
            return {}
        media = answer.headers["content-type"].partition(";")[0]
        body: Json = answer.json()
        schema = {**copy.deepcopy(content[media]["schema"]), "components": self._document["components"]}
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(body)
        return body

    @property
    def operations(self) -> set[str]:
        """Every operation, as `GET /articles`."""
        return {f"{method.upper()} {path}" for path, item in self._document["paths"].items() for method in item}

    def _operation(self, operation: str) -> Json:
        method, path = operation.split()
        found: Json = self._document["paths"][path][method.lower()]
        return found

    def _followed(self, described: Json) -> Json:
        if "$ref" not in described:
            return described
        found: Any = self._document
        for part in described["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return self._followed(found)


@pytest.fixture(params=DATABASES)
def client(request: pytest.FixtureRequest, running: Running) -> Iterator[httpx.Client]:
    """Somebody who comes to the running service."""
    with ExitStack() as stack:
        address = running("conduit", request.param).address
        yield stack.enter_context(httpx.Client(base_url=f"{address}/api", timeout=30))


@pytest.mark.parametrize("contract", [_OWN, pytest.param(_FOREIGN, marks=beside)], ids=["own", "foreign"])
def test_answers(contract: Path, client: httpx.Client) -> None:
    """Every operation that the contract describes, really called, answers what the contract says."""
    judge = Judge(contract)

    _story(judge, client)

    assert judge.seen == judge.operations


def _story(judge: Judge, client: httpx.Client) -> None:
    name = f"judged{next(_NUMBERS)}"
    user = {"username": name, "email": f"{name}@example.org", "password": "seven quiet herons"}
    judge.judge("POST /users", client.post("/users", json={"user": {**user, "email": "no address"}}))
    judge.judge("POST /users", client.post("/users", json={"user": user}))
    judge.judge("GET /user", client.get("/user"))
    signed = judge.judge("POST /users/login", client.post("/users/login", json={"user": user}))
    client.headers["Authorization"] = f"Token {signed['user']['token']}"
    judge.judge("GET /user", client.get("/user"))
    judge.judge("PUT /user", client.put("/user", json={"user": {"bio": "Birds."}}))
    _profiles(judge, client, name)
    slug = _articles(judge, client)
    _comments(judge, client, slug)
    judge.judge("DELETE /articles/{slug}", client.delete(f"/articles/{slug}"))


def _profiles(judge: Judge, client: httpx.Client, name: str) -> None:
    judge.judge("GET /profiles/{username}", client.get(f"/profiles/{name}"))
    judge.judge("POST /profiles/{username}/follow", client.post(f"/profiles/{name}/follow"))
    judge.judge("DELETE /profiles/{username}/follow", client.delete(f"/profiles/{name}/follow"))


def _articles(judge: Judge, client: httpx.Client) -> str:
    article = {"title": f"Herons {next(_NUMBERS)}", "description": "Tall.", "body": "Grey.", "tagList": ["birds"]}
    judge.judge("POST /articles", client.post("/articles", json={"article": {"title": ""}}))
    made = judge.judge("POST /articles", client.post("/articles", json={"article": article}))
    slug = made["article"]["slug"]
    judge.judge("GET /articles", client.get("/articles", params={"tag": "birds", "limit": 1}))
    judge.judge("GET /articles/feed", client.get("/articles/feed"))
    judge.judge("GET /articles/{slug}", client.get(f"/articles/{slug}"))
    changed = client.put(f"/articles/{slug}", json={"article": {"description": "Very tall."}})
    judge.judge("PUT /articles/{slug}", changed)
    judge.judge("POST /articles/{slug}/favorite", client.post(f"/articles/{slug}/favorite"))
    judge.judge("DELETE /articles/{slug}/favorite", client.delete(f"/articles/{slug}/favorite"))
    judge.judge("GET /tags", client.get("/tags"))
    return str(slug)


def _comments(judge: Judge, client: httpx.Client, slug: str) -> None:
    made = client.post(f"/articles/{slug}/comments", json={"comment": {"body": "Seen one."}})
    comment = judge.judge("POST /articles/{slug}/comments", made)["comment"]
    judge.judge("GET /articles/{slug}/comments", client.get(f"/articles/{slug}/comments"))
    gone = client.delete(f"/articles/{slug}/comments/{json.dumps(comment['id'])}")
    judge.judge("DELETE /articles/{slug}/comments/{id}", gone)
