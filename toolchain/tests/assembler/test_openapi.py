"""The interface that programs see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from archwright.assembler.contract.document import document
from archwright.assembler.contract.types import answered, nullable, taken
from archwright.assembler.plan import (
    Access,
    Column,
    Errors,
    Failure,
    Filter,
    Input,
    Operation,
    Plan,
    Returns,
    Select,
    Sort,
    Step,
    Trigger,
    Type,
)
from toolchain.tests import plans

PLANS = {"leave-requests": plans.leave_requests, "helpdesk": plans.helpdesk}


def operation(plan: Plan, name: str) -> dict[str, Any]:
    """One operation of the document."""
    paths: dict[str, dict[str, Any]] = document(plan)["paths"]
    return next(found for path in paths.values() for found in path.values() if found["operationId"] == name)


def with_operation(made: Operation, plan: Plan | None = None) -> Plan:
    """A plan with one more operation."""
    before = plan or plans.helpdesk()
    return replace(before, operations={**before.operations, "Extra": made})


def http(**members: Any) -> Operation:
    """An operation for everybody."""
    defaults: dict[str, Any] = {
        "trigger": Trigger(kind="http", method="POST", path="/api/extra"),
        "access": (Access(role="anyone"),),
        "returns": Returns(status=204),
    }
    return Operation(**{**defaults, **members})


@pytest.mark.parametrize("name", PLANS)
def test_the_document_is_valid(name: str) -> None:
    """An independent validator accepts the document as OpenAPI 3.1."""
    validate(json.loads(json.dumps(document(PLANS[name]()))))


@pytest.mark.parametrize("name", PLANS)
def test_every_http_operation_is_there(name: str) -> None:
    """Each operation with a route appears once, under its own name."""
    plan = PLANS[name]()

    found = [each["operationId"] for path in document(plan)["paths"].values() for each in path.values()]

    assert sorted(found) == sorted(key for key, each in plan.operations.items() if each.trigger.kind == "http")


def test_an_operation_without_a_route_is_left_out() -> None:
    """What runs on a schedule is no part of the interface."""
    plan = with_operation(http(trigger=Trigger(kind="schedule", every=60)))

    assert "Extra" not in json.dumps(document(plan)["paths"])


def test_only_what_every_reader_may_read_is_required() -> None:
    """A field that some role may not read is described, but not required."""
    schema = document(plans.leave_requests())["components"]["schemas"]["LeaveRequest"]

    assert "reason" in schema["properties"]
    assert schema["required"] == ["id", "owner", "starts", "ends", "status"]


def test_what_nobody_may_read_is_not_described() -> None:
    """A secret column and the hidden version appear nowhere."""
    schemas = document(plans.leave_requests())["components"]["schemas"]

    assert set(schemas["accounts.User"]["properties"]) == {"id", "name"}
    assert all("version" not in schema["properties"] for schema in schemas.values())


def test_create_names_what_it_needs() -> None:
    """Required inputs are required, others are not, and nothing else is taken."""
    schema = operation(plans.leave_requests(), "LeaveRequest.create")["requestBody"]["content"]["application/json"][
        "schema"
    ]

    assert schema["required"] == ["starts", "ends"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["reason"]["type"] == ["string", "null"]


def statuses(plan: Plan, name: str) -> set[str]:
    """The statuses of one operation."""
    return set(operation(plan, name)["responses"])


EVERYWHERE = {"400", "401", "414", "422", "431", "503", "504"}
STATUSES = {
    "LeaveRequest.list": EVERYWHERE | {"200", "403"},
    "LeaveRequest.get": EVERYWHERE | {"200", "304", "403", "404"},
    "LeaveRequest.create": EVERYWHERE | {"201", "403", "409", "413", "415"},
    "LeaveRequest.delete": EVERYWHERE | {"204", "403", "404", "409", "412", "413"},
    "DecideLeave": EVERYWHERE | {"200", "403", "404", "409", "412", "413", "415"},
    "accounts.sign-in": EVERYWHERE | {"204", "403", "409", "413", "415", "429"},
}


@pytest.mark.parametrize("name", STATUSES)
def test_every_status_is_described(name: str) -> None:
    """Each operation lists the statuses that it can answer, and no others."""
    assert statuses(plans.leave_requests(), name) == STATUSES[name]


def test_a_declared_failure_has_its_status() -> None:
    """A failure that the assembly maps to a status is described under it."""
    failing = http(
        steps=(Step(kind="require", refusal="closed"), Step(kind="require", refusal="strange")),
        failures={"closed": Failure(status=423)},
    )

    assert {"423", "409"} <= statuses(with_operation(failing), "Extra")


def test_a_list_can_be_turned_over_narrowed_and_sorted() -> None:
    """Page, order, search and filters are query parameters with their bounds."""
    select = Select(
        entity="Ticket",
        columns=(Column(name="id", value=plans.this("Ticket", "id"), type=plans.ref("Ticket")),),
        filters=(
            Filter(name="due.gte", operator="ge", value=plans.this("Ticket", "due"), type=plans.MOMENT),
            Filter(
                name="priority.in",
                operator="in",
                value=plans.this("Ticket", "priority"),
                type=Type(kind="list", item=plans.choice("low", "high")),
            ),
        ),
        search=("title",),
        sorts=(Sort(name="due", value=plans.this("Ticket", "due")),),
        most=50,
    )
    rows = plans.name("rows", {"kind": "rows", "entity": "Ticket"})
    listing = http(
        trigger=Trigger(kind="http", method="GET", path="/api/extra"),
        steps=(Step(kind="list", select=select, bind="rows"),),
        returns=Returns(body=rows),
    )

    found = operation(with_operation(listing), "Extra")

    parameters = {one["name"]: one["schema"] for one in found["parameters"]}
    assert set(parameters) == {"limit", "total", "cursor", "offset", "sort", "q", "due.gte", "priority.in"}
    assert parameters["limit"]["maximum"] == 50
    assert parameters["sort"]["items"]["enum"] == ["due", "-due"]
    page = found["responses"]["200"]["content"]["application/json"]["schema"]
    assert page["required"] == ["items", "next"]
    assert set(page["properties"]["items"]["items"]["properties"]) == {"id"}


def test_a_grouped_list_has_no_cursor() -> None:
    """Groups are not turned over page by page."""
    select = Select(
        entity="Ticket",
        columns=(Column(name="tickets", value={"op": "aggregate", "type": "int", "function": "count"}),),
        grouped=True,
    )
    listing = http(
        trigger=Trigger(kind="http", method="GET", path="/api/extra"),
        steps=(Step(kind="list", select=select, bind="rows"),),
        returns=Returns(body=plans.name("rows", {"kind": "rows", "entity": "Ticket"})),
    )

    names = {one["name"] for one in operation(with_operation(listing), "Extra")["parameters"]}

    assert names == {"limit", "total"}


def test_nested_rows_are_described() -> None:
    """Rows within rows have their own shape; a followed reference may be null."""
    title = Column(name="title", value=plans.this("Ticket", "title"), type=plans.TEXT)
    body = Column(name="body", value=plans.this("Comment", "body"), type=Type(kind="markdown", max=5000))
    author = Column(name="name", value=plans.this("accounts.User", "name"), type=plans.TEXT)
    comments = Column(name="comments", rows=Select(entity="Comment", columns=(body,), via="comments", limit=5))
    assignee = Column(
        name="assignee", rows=Select(entity="accounts.User", columns=(author,), via="assignee", single=True)
    )
    select = Select(entity="Ticket", columns=(title, comments, assignee))
    reading = http(
        trigger=Trigger(kind="http", method="GET", path="/api/extra"),
        steps=(Step(kind="get", select=select, bind="ticket"),),
        returns=Returns(body=plans.name("ticket", {"kind": "row", "entity": "Ticket"})),
    )

    schema = operation(with_operation(reading), "Extra")["responses"]["200"]["content"]["application/json"]["schema"]

    shown: dict[str, Any] = {"title": "a", "comments": [{"body": "b"}], "assignee": None}
    jsonschema.validate(shown, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**shown, "secret": 1}, schema)
    assert schema["properties"]["comments"]["maxItems"] == 5


def test_a_body_of_several_values_is_a_record() -> None:
    """What an operation puts together is described member by member."""
    body = {
        "op": "record",
        "type": "record",
        "fields": {
            "token": plans.member(plans.name("session", "record"), "", "token"),
            "ticket": plans.name("t", {"kind": "row", "entity": "Ticket"}),
        },
    }
    made = http(steps=(Step(kind="create", entity="Ticket", bind="t"),), returns=Returns(status=201, body=body))

    schema = operation(with_operation(made), "Extra")["responses"]["201"]["content"]["application/json"]["schema"]

    assert schema["properties"]["ticket"] == {"$ref": "#/components/schemas/Ticket"}
    assert schema["required"] == ["token", "ticket"]


def test_files_come_as_a_form() -> None:
    """A file that must be there cannot come as JSON."""
    made = http(
        input=(
            Input(name="picture", type=Type(kind="image", max=100), required=True),
            Input(name="title", type=plans.TEXT),
        ),
        media=("application/json", "multipart/form-data"),
    )

    content = operation(with_operation(made), "Extra")["requestBody"]["content"]

    assert list(content) == ["multipart/form-data"]
    assert content["multipart/form-data"]["schema"]["properties"]["picture"]["format"] == "binary"


def test_an_empty_field_of_a_form_is_null() -> None:
    """Forms cannot send null: there an empty field is absent; an empty text is one in any media type."""
    made = http(
        input=(Input(name="title", type=plans.TEXT, required=True), Input(name="due", type=plans.DATE, nullable=True)),
        media=("application/json", "application/x-www-form-urlencoded"),
    )
    empty, null = {"title": "", "due": ""}, {"title": "", "due": None}

    content = operation(with_operation(made), "Extra")["requestBody"]["content"]
    form = jsonschema.Draft202012Validator(content["application/x-www-form-urlencoded"]["schema"])
    plain = jsonschema.Draft202012Validator(content["application/json"]["schema"])

    assert (form.is_valid(empty), form.is_valid(null)) == (True, False)
    assert plain.is_valid(null)


def test_conditions_are_headers() -> None:
    """Creating honours an idempotency key, changing a version, reading what the reader has already."""
    plan = plans.helpdesk()

    def names(name: str) -> set[str]:
        return {one["$ref"].rpartition("/")[2] for one in operation(plan, name)["parameters"] if "$ref" in one}

    assert names("Ticket.create") == {"IdempotencyKey"}
    assert names("Ticket.update") == {"IfMatch"}
    assert names("Ticket.get") == {"IfNoneMatch"}


def test_who_may_ask_is_described() -> None:
    """An operation for anyone may be called without credentials, any other needs them."""
    plan = plans.leave_requests()

    assert operation(plan, "accounts.sign-in")["security"] == [{}, {"session": []}]
    assert operation(plan, "DecideLeave")["security"] == [{"session": []}]


def test_other_error_shapes_are_described() -> None:
    """A plan whose errors look otherwise says so."""
    plan = replace(plans.leave_requests(), errors=Errors(shape="fields"))

    found = document(plan)["components"]

    assert list(found["responses"]["NotFound"]["content"]) == ["application/json"]
    assert set(found["schemas"]["Problem"]["properties"]) == {"errors"}


def test_the_tier_is_shown() -> None:
    """Every operation says its tier."""
    tiers = {
        each["x-archwright-tier"]
        for path in document(plans.leave_requests())["paths"].values()
        for each in path.values()
    }

    assert tiers == {0, 1, 2}


ACCEPTED: list[tuple[Type, list[Any], list[Any]]] = [
    (Type(kind="decimal", digits=6, scale=2), ["1", "-1234.5", "0.25"], ["12345", "1.234", "1.", ".5", "1e3", "٣"]),
    (Type(kind="slug", max=9), ["a", "a-b2"], ["", "-a", "A", "a--b", "a" * 10]),
    (Type(kind="duration"), ["PT36H", "P2DT30M", "P3W", "-PT1.5S", "P1D"], ["P", "PT", "P1DT", "36H", "P1Y", "PT1S2H"]),
    (Type(kind="text", max=3), ["", "abc", "日本語"], ["abcd", "a\0"]),
    (Type(kind="email"), ["a@b.example"], ["a", "a@b", "@b.c", "a b@c.de"]),
    (Type(kind="ref", entity="X"), ["abc_-1"], ["", "a b", "a" * 65, "ä"]),
    (Type(kind="int", low=1, high=3), [1, 3], [0, 4, "1", 1.5, True]),
    (Type(kind="list", item=Type(kind="int"), max=2), [[], [1, 2]], [[1, 2, 3], ["a"], 1]),
    (Type(kind="enum", values=("a", "b")), ["a"], ["c", None]),
    (Type(kind="phone"), ["+49 30 1234567"], ["1", "abc", "+"]),
    (Type(kind="url"), ["https://a.example/"], ["ftp://a", "a"]),
]


def _cases() -> Iterator[tuple[Type, Any, bool]]:
    for type_, good, bad in ACCEPTED:
        yield from ((type_, value, True) for value in good)
        yield from ((type_, value, False) for value in bad)


@pytest.mark.parametrize(("type_", "value", "fits"), list(_cases()), ids=str)
def test_what_is_taken(type_: Type, value: Any, fits: bool) -> None:
    """The schema of a type takes its values and refuses others."""
    assert jsonschema.Draft202012Validator(taken(type_)).is_valid(value) is fits


def test_an_answer_is_exact() -> None:
    """Answers have every decimal place and six digits of a second."""
    money = jsonschema.Draft202012Validator(answered(Type(kind="money", currency="EUR", scale=2, digits=9)))
    moment = jsonschema.Draft202012Validator(answered(plans.MOMENT))

    assert [money.is_valid(value) for value in ("12.30", "12.3", "12")] == [True, False, False]
    assert [moment.is_valid(value) for value in ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00Z")] == [
        True,
        False,
    ]


def test_null_is_added_to_any_schema() -> None:
    """An absent value is null, whatever its type."""
    for type_ in (plans.TEXT, plans.choice("a"), Type(kind="json"), Type(kind="file"), Type(kind="list")):
        assert jsonschema.Draft202012Validator(nullable(answered(type_))).is_valid(None)
