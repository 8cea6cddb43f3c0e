"""Contracts that attack: each gets its findings in bounded time and space, and nothing is fetched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archwright.assembler.promise.difference import Side
from archwright.assembler.promise.draft import draft
from archwright.assembler.promise.fitting import Fitting
from archwright.assembler.promise.interface import Interface
from archwright.assembler.promise.promise import read_promise
from archwright.bootstrap import check, drafted
from archwright.language.assembly import read_assembly
from toolchain.tests.assemblies import CORPUS, ROOT

Json = dict[str, Any]

_CASE = CORPUS / "contract/fulfilled/inherited.assembly.yaml"


def _contract(schema: Any, **components: Any) -> Json:
    answer = {"description": "x", "content": {"application/json": {"schema": schema}}}
    body = {"content": {"application/json": {"schema": schema}}}
    posts = {
        "get": {"operationId": "listPosts", "responses": {"200": answer}},
        "post": {"operationId": "createPost", "requestBody": body, "responses": {"200": answer}},
    }
    return {"openapi": "3.1.0", "paths": {"/posts": posts}, "components": {"schemas": components}}


def _deep(levels: int) -> Json:
    schema: Json = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _chain(length: int) -> Json:
    chain: Json = {
        f"S{number}": {"type": "object", "properties": {"a": {"$ref": f"#/components/schemas/S{number + 1}"}}}
        for number in range(length)
    }
    return _contract({"$ref": "#/components/schemas/S0"}, **chain, **{f"S{length}": {"type": "string"}})


def _wide(number: int) -> Json:
    """Two to the power of so many alternatives."""
    either = {"anyOf": [{"minLength": 1}, {"maxLength": 5}]}
    return _contract({"allOf": [either] * number})


def _hops(length: int) -> Json:
    chain: Json = {f"S{number}": {"$ref": f"#/components/schemas/S{number + 1}"} for number in range(length)}
    return _contract({"$ref": "#/components/schemas/S0"}, **chain, **{f"S{length}": {"type": "string"}})


_ATTACKS: dict[str, Any] = {
    "alternatives": _wide(40),
    "alternatives-within": _contract({"oneOf": [{"anyOf": [{"oneOf": [{}] * 15}] * 15}] * 15}),
    "both-ways": _contract({"$ref": "#/components/schemas/A"}, A={"allOf": [{"$ref": "#/components/schemas/B"}]},
                           B={"anyOf": [{"$ref": "#/components/schemas/A"}]}),
    "chain": _chain(3000),
    "deep": _contract(_deep(20)),
    "hops": _hops(100),
    "loop": _contract({"$ref": "#/components/schemas/A"}, A={"$ref": "#/components/schemas/A"}),
    "itself": _contract({"$ref": "#/components/schemas/A"}, A={"allOf": [{"$ref": "#/components/schemas/A"}]}),
    "own-alternative": _contract({"$ref": "#/components/schemas/A"}, A={"anyOf": [{"$ref": "#/components/schemas/A"}]}),
    "file": _contract({"$ref": "file:///etc/passwd"}),
    "remote": _contract({"$ref": "http://169.254.169.254/latest/meta-data"}),
    "neighbour": _contract({"$ref": "../../secret.yaml#/x"}),
    "pointer": _contract({"$ref": "#/" + "a/" * 5000}),
    "many-members": _contract({"type": "object", "required": [f"m{n}" for n in range(3000)],
                               "properties": {f"m{n}": {"type": "string"} for n in range(3000)}}),
    "many-values": _contract({"allOf": [{"enum": list(range(9000))}, {"enum": list(range(9000))}]}),
    "pattern": _contract({"type": "string", "pattern": "(" * 2000 + "a" + ")*" * 2000}),
    "numbers": _contract({"type": "integer", "minimum": "x", "maximum": [], "multipleOf": 0, "minLength": -5}),
    "types": _contract({"type": [[], {}, None, "string", 5], "enum": "no list", "required": [1, None, {}]}),
    "no-schemas": _contract(["a list"]),
    "names": {"openapi": "3.1.0", "paths": {
        "/" + "x" * 5000: {"get": {"operationId": "y" * 5000, "responses": {"200": {}}}},
        "/{a}{b}/{": {"post": {"responses": {"200": {}}}}}},
    "parts": {"openapi": "3.1.0", "paths": {"/posts": {"get": {
        "operationId": 5, "parameters": [5, None, {"name": [], "in": {}}], "requestBody": [], "responses": {"200": []},
        "security": "x", "callbacks": 5}, "put": 7, "parameters": "x", "servers": [5, {"url": 7}]}},
        "servers": {"a": 1}, "components": 5, "security": [[], 5, {"a": 1}]},
    "paths": {"openapi": "3.1.0", "paths": []},
    "version": {"openapi": 3.1, "paths": {}},
    "long-version": {"openapi": "3.1." + "0" * 100000, "paths": {}},
}  # fmt: skip


@pytest.mark.parametrize("attack", _ATTACKS)
def test_attacks(attack: str, tmp_path: Path) -> None:
    """Whatever the document says, checking ends, with findings or without, and so does drafting."""
    (tmp_path / "architecture.yaml").write_bytes((_CASE.parent.parent / "architecture.yaml").read_bytes())
    (tmp_path / "assembly.yaml").write_bytes(_CASE.read_bytes())
    contract = tmp_path / "inherited.openapi.yaml"
    contract.write_text(json.dumps(_ATTACKS[attack]))

    checked = check(tmp_path, catalog=ROOT / "catalog")
    made = drafted(contract, "attacked")

    assert checked.findings and all("\x00" not in finding.message for finding in checked.findings)
    assert bool(made.files) or bool(made.findings)


_TEXTS = (
    *("", "[]", "5", "{", "a: &a [*a]", "a: *b", "\x00", "<<: {a: 1}", "a: 1\na: 2", "\ufeff{}", "- " * 200 + "a"),
    *("%YAML 1.1\n---\na: 1", "a: !!python/object:x {}", '{"a": "\\ud800"}'),
)


@pytest.mark.parametrize("text", _TEXTS)
def test_texts(text: str) -> None:
    """A text that is no document at all is a finding."""
    promise, findings = read_promise(text.encode(), "openapi.yaml", name="openapi.yaml")

    assert promise is None and findings


def test_aliases_that_explode() -> None:
    """Aliases that stand for a billion values are refused when the bound is reached."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]" for number in range(1, 10)]

    promise, findings = read_promise("\n".join(lines).encode(), "openapi.yaml", name="openapi.yaml")

    assert promise is None and [finding.code for finding in findings] == ["yaml/too-many-nodes"]


def test_a_contract_elsewhere(tmp_path: Path) -> None:
    """A contract behind a link that leads out of the folder is not read."""
    (tmp_path / "secret.yaml").write_text("password: abc")
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "assembly.yaml").write_bytes(_CASE.read_bytes())
    (folder / "inherited.openapi.yaml").symlink_to(tmp_path / "secret.yaml")

    checked = check(folder, catalog=ROOT / "catalog")

    assert [finding.code for finding in checked.findings] == ["contract/outside"]
    assert not any("abc" in text for text in checked.sources.values())


def test_names_in_drafts() -> None:
    """Names of a contract that the language cannot write are left out of a draft."""
    members = {"a\nb: {x}": {"type": "string"}, "${caller}": {"type": "string"}, "": {}, "title": {"type": "string"}}
    contract = _contract({"type": "object", "properties": members})
    contract["paths"]["/posts"]["get"]["summary"] = "x\ny: z"
    promise, _ = read_promise(json.dumps(contract).encode(), "openapi.json", name="openapi.json")
    assert promise is not None

    document, findings = read_assembly(draft(promise, "blog")["assembly.yaml"])

    assert document is not None and findings == ()
    assert [column.name for column in document.model.views["PostView"].fields] == ["title"]


def test_recursive_schemas() -> None:
    """Schemas that hold themselves on both sides are compared once."""
    tree: Json = {"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#/s"}}}}
    one, other = Interface({"openapi": "3.1.0", "s": tree}), Interface({"openapi": "3.1.0", "s": tree})

    found = Fitting(Side.ANSWER).compare((one.root.at("s"),), (other.root.at("s"),))

    assert found == []
