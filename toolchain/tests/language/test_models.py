"""The models: every shorthand in its canonical form, and no value that makes them raise."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archwright.diagnostics.codes import titles
from archwright.errors import InputError
from archwright.language.assembly import Assembly, read_assembly
from archwright.language.component import read_component, read_identity
from archwright.language.document import load
from archwright.language.fields import FieldType
from archwright.language.model import Model
from archwright.language.operations import Patch
from archwright.language.schema import DOCUMENTS

_HEAD = "assembly: shop\nversion: 1.0.0\nowner: team-shop\n"


def assembly(text: str) -> Assembly:
    """The model of an assembly without findings."""
    reading = read_assembly(_HEAD + text)
    assert reading.findings == ()
    assert reading.document is not None
    return reading.document.model


def fields(text: str) -> Any:
    """The fields of one entity."""
    return assembly(f"entities: {{Ticket: {{fields: {text}}}}}").entities["Ticket"].fields


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("text(40)", FieldType(kind="text", max=40)),
        ("{type: text, max: 40, min: 2, pattern: '[a-z]+'}", FieldType(kind="text", max=40, min=2, pattern="[a-z]+")),
        (
            "{type: money(EUR), min: 0.50, max: '10'}",
            FieldType(kind="money", currency="EUR", scale=2, digits=15, low=50, high=1000),
        ),
        ("{enum: [a, b]}", FieldType(kind="enum", values=("a", "b"))),
        ("{ref: accounts.User, on_delete: clear}", FieldType(kind="ref", entity="accounts.User", on_delete="clear")),
        ("{list: text(40), max: 20}", FieldType(kind="list", max=20, item=FieldType(kind="text", max=40))),
        ("{list: {enum: [a]}}", FieldType(kind="list", item=FieldType(kind="enum", values=("a",)))),
        ("{many: Tag}", FieldType(kind="many", entity="Tag")),
        ("{reverse: Comment.ticket}", FieldType(kind="reverse", entity="Comment", field="ticket")),
        ("{image: {max: 1MB, media: [image/png]}}", FieldType(kind="image", max=1 << 20, media=("image/png",))),
        ("{file: 1MB}", FieldType(kind="file", max=1 << 20)),
        ("{computed: this.a == this.b}", FieldType(kind="inferred")),
    ],
)
def test_types(text: str, type_: FieldType) -> None:
    """However a field is written, its type comes out in one form."""
    assert fields(f"{{x: {text}}}")["x"].spec.type == type_


@pytest.mark.parametrize(
    ("text", "required"), [("date!", True), ("{type: date, required: true}", True), ("date", False)]
)
def test_required(text: str, required: bool) -> None:
    """A field is required by `!` or by its key."""
    assert fields(f"{{x: {text}}}")["x"].spec.required is required


@pytest.mark.parametrize(
    ("text", "grants"),
    [
        ("[read, create]", {"read": {}, "create": {}}),
        ("all", {"read": {}, "create": {}, "update": {}, "delete": {}}),
        ("{read: true}", {"read": {}}),
        (
            "{all: {where: this.a == 1, fields: [a]}, delete: true}",
            {
                "read": {"where": "this.a == 1", "fields": ("a",)},
                "create": {"check": "(this.a == 1)", "fields": ("a",)},
                "update": {"where": "this.a == 1", "fields": ("a",)},
                "delete": {},
            },
        ),
    ],
)
def test_permissions(text: str, grants: dict[str, Any]) -> None:
    """However a permission is written, each action has its rows and columns."""
    entity = assembly(f"entities: {{Ticket: {{permissions: {{agent: {text}}}}}}}").entities["Ticket"]

    found = {action: grant.model_dump(exclude_unset=True) for action, grant in entity.permissions["agent"].grants}
    assert found == grants


@pytest.mark.parametrize("text", ["this.a > 0", "[this.a > 0]", "[{says: this.a > 0}]"])
def test_checks(text: str) -> None:
    """A check may be a text or a list."""
    entity = assembly(f"entities: {{Ticket: {{check: {text}}}}}").entities["Ticket"]

    assert [(check.name, check.says) for check in entity.check] == [(None, "this.a > 0")]


def test_named_checks() -> None:
    """A check may have a name, and a message."""
    entity = assembly("entities: {Ticket: {check: {a-b: x, c: {says: y, message: z}}}}").entities["Ticket"]

    assert [(check.name, check.says, check.message) for check in entity.check] == [("a-b", "x", None), ("c", "y", "z")]


def test_patch() -> None:
    """An input may be derived from an entity."""
    found = assembly("operations: {A: {input: 'patch(Ticket: title, body)'}}").operations["A"].input

    assert found == Patch.model_construct(entity="Ticket", fields=("title", "body"))


def test_call() -> None:
    """The other keys of a call are its arguments."""
    step = (
        assembly("operations: {A: {steps: [{call: mail.send, to: x, as: sent, when: true}]}}").operations["A"].steps[0]
    )

    assert (step.kind, step.target, step.arguments, step.as_, step.when) == (
        "call",
        "mail.send",
        {"to": "x"},
        "sent",
        "true",
    )


def test_triggers() -> None:
    """A trigger knows its kind, its method and its path."""
    found = assembly(
        "operations: {A: {trigger: 'PUT /a/{id}'}, B: {trigger: {webhook: {path: /b, secret: s}}}}"
    ).operations

    triggers = [operation.trigger for operation in found.values() if operation.trigger is not None]
    assert [(each.kind, each.method, each.path) for each in triggers] == [
        ("http", "PUT", "/a/{id}"),
        ("webhook", "POST", "/b"),
    ]


def test_null_is_a_value_where_it_means_something() -> None:
    """Null may be a default, a value that is set, a body, and a cookie that is cleared."""
    operation = assembly(
        "operations: {A: {steps: [{create: T, set: {a: null}}], returns: {body: null, cookies: {c: null}}}}"
    ).operations["A"]

    assert operation.steps[0].set == {"a": None}


def test_exact_numbers() -> None:
    """A number with a point stays exact."""
    assert fields("{x: {type: 'decimal(4,2)', default: 0.10}}")["x"].default == Decimal("0.10")


def test_identity() -> None:
    """A manifest says its name and version."""
    text = "component: std/mail\nversion: 1.0.0\nowner: a\nsummary: b"

    assert read_identity(text) == ("std/mail", "1.0.0")


def test_no_identity() -> None:
    """A manifest with findings has no identity; the failure names the first."""
    with pytest.raises(InputError, match=r"component\.yaml:1:1"):
        read_identity("componet: std/mail")


def test_manifest() -> None:
    """A reading is taken apart like a pair."""
    document, findings = read_component("component: std/mail\nversion: 1.0.0\nowner: a\nsummary: b")

    assert (document is not None, findings) == (True, ())


def test_findings_are_bounded() -> None:
    """A document of nothing but mistakes is answered with as many findings as anybody reads, the first ones."""
    findings = read_assembly("\n".join(f"k{number}: 1" for number in range(5000))).findings

    assert [finding.location.line for finding in findings[:3]] == [1, 1, 1]
    assert (len(findings), findings[-1].code) == (501, "yaml/more-findings")


def _models(root: type[Model]) -> list[type[Model]]:
    return [root, *(model for below in root.__subclasses__() for model in _models(below))]


_MODELS = sorted({model for model in _models(Model) if model.model_fields}, key=lambda model: model.__name__)
_KEYS = sorted({key for model in _MODELS for key in model.keys()} | {"all", "Ticket", "a.B", "x-y", "a_b"})  # noqa: SIM118
_WORDS = [
    "text(5)!",
    "int(0..3)",
    "all",
    "read",
    "Ticket",
    "Ticket.x",
    "${caller}",
    "this.a",
    "POST /x/{id}",
    "patch(A: b)",
    "3y",
    "1MB",
    "std/a@^1",
    "1.0.0",
    "a-b",
    "_",
    "",
    "'",
    "image/png",
    "* * * * *",
]
_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.sampled_from(_WORDS))
_TREES = st.recursive(
    _LEAVES,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(st.sampled_from(_KEYS), below, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_value_makes_a_model_raise(data: st.DataObject) -> None:
    """Whatever stands in a document, the answer is a model or registered findings, sorted by place."""
    model = data.draw(st.sampled_from(_MODELS))
    keys = st.sampled_from(model.keys())
    content = data.draw(st.one_of(_TREES, st.dictionaries(keys, _TREES, max_size=5)))

    document, findings = load(model, json.dumps(content), "f", area="assembly")

    places = [finding.place for finding in findings]
    assert (document is None) == bool(findings)
    assert places == sorted(places)
    assert {finding.code for finding in findings} - {"assembly/duplicate-name"} <= titles().keys()


def test_documents() -> None:
    """There are three documents."""
    assert sorted(DOCUMENTS) == ["architecture", "assembly", "component"]
