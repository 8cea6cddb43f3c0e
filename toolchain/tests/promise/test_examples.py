"""A contract made from what a service serves is kept by it, and every change of that contract is found."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from archwright.assembler.contract.document import document
from archwright.assembler.plan import Plan, canonical
from archwright.assembler.promise.binding import Bound
from archwright.assembler.promise.promise import read_promise
from archwright.assembler.promise.proof import prove
from archwright.bootstrap import check
from archwright.diagnostics import Diagnostic, Severity
from archwright.language.assembly import read_assembly
from toolchain.tests.assemblies import ROOT

_EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/assembly.yaml"))
_MUTATED = ("helpdesk", "leave-requests")
_SEED = 20261121
_EACH = 6
"""Mutations of each kind and example."""

Json = dict[str, Any]


@cache
def _plan(example: str) -> Plan:
    plan = check(ROOT / "examples" / example, catalog=ROOT / "catalog").plan
    assert plan is not None
    return plan


@cache
def _bound(example: str) -> Bound:
    path = ROOT / "examples" / example / "assembly.yaml"
    assembly, _ = read_assembly(path.read_bytes(), str(path))
    assert assembly is not None
    return Bound(assembly)


def _compared(example: str, contract: Json) -> tuple[Diagnostic, ...]:
    promise, findings = read_promise(json.dumps(contract).encode(), "openapi.json", name="openapi.json")
    assert promise is not None, findings
    return prove(promise, _bound(example), _plan(example), {}).findings


@pytest.mark.parametrize("example", _EXAMPLES)
def test_kept_by_itself(example: str, tmp_path: Path) -> None:
    """What a service serves is a contract that it keeps, with nothing to report."""
    contract = tmp_path / "openapi.json"
    contract.write_bytes(canonical(document(_plan(example))))

    checked = check(ROOT / "examples" / example, catalog=ROOT / "catalog", contract=contract)

    assert [finding for finding in checked.findings if finding.area == "contract"] == []
    assert checked.contract is not None and checked.contract.kept and checked.contract.beyond == ()


def _operations(contract: Json) -> Iterator[Json]:
    for item in contract["paths"].values():
        yield from item.values()


def _answers(contract: Json) -> Iterator[Json]:
    """Schemas of JSON answers with members of their own."""
    for operation in _operations(contract):
        for status, answer in operation["responses"].items():
            for described in answer.get("content", {}).values():
                if status.startswith("2"):
                    yield from _objects(described.get("schema", {}))


def _objects(schema: Json) -> Iterator[Json]:
    if schema.get("type") == "object" and schema.get("properties"):
        yield schema
        for below in schema["properties"].values():
            yield from _objects(below)
    elif "items" in schema:
        yield from _objects(schema["items"])


def _bodies(contract: Json) -> Iterator[Json]:
    for operation in _operations(contract):
        for media, described in operation.get("requestBody", {}).get("content", {}).items():
            if media == "application/json" and described["schema"].get("properties"):
                yield described["schema"]


def _new_operation(contract: Json, choose: random.Random) -> None:
    path = choose.choice(sorted(contract["paths"]))
    contract["paths"][f"{path}/further"] = {"get": {"responses": {"200": {"description": "More"}}}}


def _new_parameter(contract: Json, choose: random.Random) -> None:
    operation = choose.choice(list(_operations(contract)))
    new = {"name": "further", "in": choose.choice(["query", "header"]), "schema": {"type": "string"}}
    operation["parameters"] = [*operation.get("parameters", []), new]


def _new_status(contract: Json, choose: random.Random) -> None:
    operation = choose.choice(list(_operations(contract)))
    success = next(status for status in operation["responses"] if status.startswith("2"))
    operation["responses"]["226"] = operation["responses"].pop(success)


def _new_media(contract: Json, choose: random.Random) -> None:
    answers = [answer for operation in _operations(contract) for answer in operation["responses"].values()]
    contents = [answer.get("content", {}) for answer in answers]
    content = choose.choice([one for one in contents if "application/json" in one])
    content["application/vnd.other+json"] = content.pop("application/json")


def _required_member(contract: Json, choose: random.Random) -> None:
    schema = choose.choice(list(_answers(contract)))
    schema["properties"]["further"] = {"type": "string"}
    schema["required"] = [*schema.get("required", []), "further"]


def _unknown_member(contract: Json, choose: random.Random) -> None:
    schema = choose.choice(list(_answers(contract)))
    name = choose.choice(sorted(schema["properties"]))
    del schema["properties"][name]
    schema["required"] = [one for one in schema.get("required", []) if one != name]


def _other_type(contract: Json, choose: random.Random) -> None:
    schema = choose.choice(list(_answers(contract)))
    name = choose.choice(sorted(schema["properties"]))
    schema["properties"][name] = {"type": "object", "required": ["never"]}


def _narrower_answer(contract: Json, choose: random.Random) -> None:
    members = [
        one for schema in _answers(contract) for one in schema["properties"].values() if one.get("type") == "integer"
    ]
    choose.choice(members)["maximum"] = -(10**6) - choose.randrange(1000)


def _sent_member(contract: Json, choose: random.Random) -> None:
    choose.choice(list(_bodies(contract)))["properties"]["further"] = {"type": "string"}


def _wider_member(contract: Json, choose: random.Random) -> None:
    members = [member for schema in _bodies(contract) for member in schema["properties"].values()]
    # Formats such as `email` have a greatest length of their own.
    choose.choice([one for one in members if "maxLength" in one and "format" not in one])["maxLength"] += 1


def _optional_member(contract: Json, choose: random.Random) -> None:
    schema = choose.choice([one for one in _bodies(contract) if one.get("required")])
    schema["required"] = schema["required"][1:]


def _lenient_body(contract: Json, choose: random.Random) -> None:
    choose.choice(list(_bodies(contract)))["additionalProperties"] = True


def _nobody_signs_in(contract: Json, choose: random.Random) -> None:
    choose.choice([one for one in _operations(contract) if {} not in one["security"]])["security"] = []


def _another_key(contract: Json, choose: random.Random) -> None:
    contract["components"]["securitySchemes"]["key"] = {"type": "apiKey", "in": "header", "name": "X-Key"}
    choose.choice([one for one in _operations(contract) if {} not in one["security"]])["security"] = [{"key": []}]


def _a_header(contract: Json, choose: random.Random) -> None:
    answers = [answer for operation in _operations(contract) for answer in operation["responses"].values()]
    answer = choose.choice([one for one in answers if "$ref" not in one])
    answer["headers"] = {"X-Further": {"required": True, "schema": {"type": "string"}}}


_MUTATIONS: tuple[Callable[[Json, random.Random], None], ...] = (
    _new_operation,
    _new_parameter,
    _new_status,
    _new_media,
    _required_member,
    _unknown_member,
    _other_type,
    _narrower_answer,
    _sent_member,
    _wider_member,
    _optional_member,
    _lenient_body,
    _nobody_signs_in,
    _another_key,
    _a_header,
)


@pytest.mark.parametrize("example", _MUTATED)
@pytest.mark.parametrize("mutate", _MUTATIONS, ids=lambda mutate: mutate.__name__.strip("_"))
def test_changes_are_found(mutate: Callable[[Json, random.Random], None], example: str) -> None:
    """Whatever a contract demands further, or allows no longer, is an error."""
    own = json.loads(canonical(document(_plan(example))))
    missed = []
    for number in range(_EACH):
        contract = copy.deepcopy(own)
        mutate(contract, random.Random(_SEED + number))
        changed = contract != own
        if changed and not any(one.severity is Severity.ERROR for one in _compared(example, contract)):
            missed.append(number)

    assert missed == []
