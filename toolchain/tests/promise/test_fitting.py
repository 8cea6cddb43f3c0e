"""Which schemas contain which: the table that the proof of contracts stands on."""

from __future__ import annotations

from typing import Any

import pytest

from archwright.assembler.promise.difference import Side, Weight
from archwright.assembler.promise.fitting import Fitting
from archwright.assembler.promise.interface import Interface
from archwright.assembler.promise.lengths import longest_match

Json = Any

_TEXT = {"type": "string"}
_A = {"type": "object", "properties": {"a": _TEXT}, "required": ["a"]}


def _weights(side: Side, contract: Json, ours: Json, *, version: str = "3.1.0", textual: bool = False) -> set[str]:
    theirs, mine = Interface({"openapi": version, "s": contract}), Interface({"openapi": "3.1.0", "s": ours})
    found = Fitting(side, textual=textual).compare((theirs.root.at("s"),), (mine.root.at("s"),))
    return {one.weight.value for one in found}


_ANSWERED = {
    "same": (_A, _A),
    "anything": ({}, _A),
    "true": (True, _A),
    "further member": (_A, {**_A, "properties": {"a": _TEXT, "b": _TEXT}}),
    "integer as number": ({"type": "number"}, {"type": "integer"}),
    "listed text": (_TEXT, {"enum": ["a", "b"]}),
    "listed among more": ({"enum": ["a", "b", "c"]}, {"type": "string", "enum": ["a", "b"]}),
    "both truths": ({"type": "boolean", "enum": [True, False]}, {"type": "boolean"}),
    "null among types": ({"type": ["string", "null"]}, {"anyOf": [_TEXT, {"type": "null"}]}),
    "one alternative": ({"oneOf": [_A, _TEXT]}, _A),
    "all of": ({"allOf": [_A, {"required": ["a"]}]}, _A),
    "all of ours": (_A, {"allOf": [{"type": "object"}, {"properties": {"a": _TEXT}}, {"required": ["a"]}]}),
    "implied length": ({"type": "string", "maxLength": 36}, {"type": "string", "format": "uuid"}),
    "length of a pattern": ({"type": "string", "maxLength": 8}, {"type": "string", "pattern": "^[a-z]{1,8}$"}),
    "wider format": ({"type": "string", "format": "uri-reference"}, {"type": "string", "format": "uri"}),
    "note for readers": ({"type": "string", "format": "password"}, _TEXT),
    "small whole number": ({"type": "integer", "format": "int32"}, {"type": "integer", "minimum": 0, "maximum": 9}),
    "exclusive bound": ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    "write-only": ({**_A, "properties": {"a": _TEXT, "b": {**_TEXT, "writeOnly": True}}, "required": ["a", "b"]}, _A),
    "closed both": ({**_A, "additionalProperties": False}, {**_A, "additionalProperties": False}),
    "map": ({"type": "object", "additionalProperties": _TEXT}, {"type": "object", "properties": {"a": _TEXT}}),
    "list": ({"type": "array", "items": _TEXT}, {"type": "array", "items": {"type": "string", "maxLength": 4}}),
}
_NOT_ANSWERED = {
    "other type": (_TEXT, {"type": "integer"}),
    "number as integer": ({"type": "integer"}, {"type": "number"}),
    "truth as number": ({"enum": [1]}, {"type": "boolean", "enum": [True]}),
    "null": (_TEXT, {"type": ["string", "null"]}),
    "anything": (_A, {}),
    "false": (False, _TEXT),
    "missing": (_A, {"type": "object", "properties": {}, "additionalProperties": False}),
    "optional": (_A, {"type": "object", "properties": {"a": _TEXT}}),
    "longer": ({"type": "string", "maxLength": 5}, {"type": "string", "maxLength": 6}),
    "unbounded": ({"type": "string", "maxLength": 5}, _TEXT),
    "unpatterned": ({"type": "string", "pattern": "^a$"}, _TEXT),
    "unformatted": ({"type": "string", "format": "date-time"}, _TEXT),
    "other format": ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}),
    "large": ({"type": "integer", "format": "int32"}, {"type": "integer", "maximum": 2**31, "minimum": 0}),
    "reached bound": ({"type": "integer", "exclusiveMaximum": 5}, {"type": "integer", "maximum": 5}),
    "unlisted": ({"enum": ["a"]}, {"enum": ["a", "b"]}),
    "any text for a list": ({"enum": ["a"]}, _TEXT),
    "closed": ({**_A, "additionalProperties": False}, {**_A, "properties": {"a": _TEXT, "b": _TEXT}}),
    "open for closed": ({**_A, "additionalProperties": False}, _A),
    "closed in one part": ({"allOf": [{**_A, "additionalProperties": False}, {"properties": {"b": _TEXT}}]},
                           {**_A, "properties": {"a": _TEXT, "b": _TEXT}, "additionalProperties": False}),
    "items": ({"type": "array", "items": _TEXT}, {"type": "array", "items": {"type": "integer"}}),
    "any items": ({"type": "array", "items": _TEXT}, {"type": "array"}),
    "too many": ({"type": "array", "maxItems": 5}, {"type": "array", "maxItems": 6}),
    "too few": ({"type": "array", "minItems": 1}, {"type": "array"}),
    "twice": ({"type": "array", "uniqueItems": True}, {"type": "array"}),
    "multiple": ({"type": "integer", "multipleOf": 5}, {"type": "integer"}),
    "in the map": ({"type": "object", "additionalProperties": _TEXT},
                   {"type": "object", "properties": {"a": {"type": "integer"}}}),
}  # fmt: skip
_TAKEN = {
    "bounds of ours": (_TEXT, {"type": "string", "maxLength": 9, "minLength": 1, "pattern": "^a", "format": "email"}),
    "numbers": ({"type": "integer", "format": "int64"}, {"type": "integer", "minimum": -9, "maximum": 9}),
    "refusing unknown members": (_A, {**_A, "additionalProperties": False}),
    "optional here": (_A, {"type": "object", "properties": {"a": _TEXT}}),
    "more than asked": ({"enum": ["a"]}, _TEXT),
    "anything": (_A, {}),
    "no type": ({"properties": {"a": _TEXT}}, {"type": "object", "properties": {"a": _TEXT}}),
    "read-only": ({**_A, "properties": {"a": _TEXT, "id": {"readOnly": True}}}, {**_A, "additionalProperties": False}),
    "list": ({"type": "array", "items": _TEXT}, {"type": "array", "items": _TEXT, "maxItems": 5, "uniqueItems": True}),
}
_NOT_TAKEN = {
    "other type": (_TEXT, {"type": "integer"}),
    "null": ({"type": ["string", "null"]}, _TEXT),
    "number": ({"type": "number"}, {"type": "integer"}),
    "stated length": ({"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 8}),
    "stated bound": ({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}),
    "stated format": ({"type": "string", "format": "uuid"}, {"type": "string", "format": "email"}),
    "only some": (_TEXT, {"enum": ["a"]}),
    "fewer": ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    "required here": ({"type": "object", "properties": {"a": _TEXT}}, _A),
    "unknown member": ({**_A, "properties": {"a": _TEXT, "b": _TEXT}}, {**_A, "additionalProperties": False}),
    "stated leniency": ({**_A, "additionalProperties": True}, {**_A, "additionalProperties": False}),
    "one of two": ({"oneOf": [_TEXT, {"type": "integer"}]}, _TEXT),
}
_BROKEN = {Weight.BROKEN.value}


@pytest.mark.parametrize("case", _ANSWERED)
def test_answered(case: str) -> None:
    """What is answered is contained in what the contract allows."""
    assert _weights(Side.ANSWER, *_ANSWERED[case]) == set()


@pytest.mark.parametrize("case", _NOT_ANSWERED)
def test_not_answered(case: str) -> None:
    """Something may be answered that the contract does not allow."""
    assert _weights(Side.ANSWER, *_NOT_ANSWERED[case]) == _BROKEN


@pytest.mark.parametrize("case", _TAKEN)
def test_taken(case: str) -> None:
    """Everything that the contract states is taken; where it is loose our bounds are none of its concern."""
    assert _weights(Side.REQUEST, *_TAKEN[case]) == set()


@pytest.mark.parametrize("case", _NOT_TAKEN)
def test_not_taken(case: str) -> None:
    """Something that the contract lets clients send is refused."""
    assert _weights(Side.REQUEST, *_NOT_TAKEN[case]) == _BROKEN


def test_unproven() -> None:
    """What is not compared is never silently fine."""
    two = ({"type": "string", "pattern": "^a+$"}, {"type": "string", "pattern": "^a{1,3}$"})
    beyond = ({"type": "string", "not": {"const": "x"}}, _TEXT)

    assert _weights(Side.ANSWER, *two) == _weights(Side.ANSWER, *beyond) == {Weight.UNPROVEN.value}


def test_never_given() -> None:
    """A member that the contract only allows may stay away, and that is said."""
    assert _weights(
        Side.ANSWER, {**_A, "properties": {"a": _TEXT, "b": _TEXT}}, {**_A, "additionalProperties": False}
    ) == {Weight.ABSENT.value}


def test_older() -> None:
    """In OpenAPI 3.0 null is a flag, and so are exclusive bounds; siblings of a reference mean nothing."""
    null = {"type": "string", "nullable": True}
    bound = {"type": "integer", "minimum": 0, "exclusiveMinimum": True}

    assert _weights(Side.ANSWER, null, {"type": ["string", "null"]}, version="3.0.3") == set()
    assert _weights(Side.ANSWER, null, {"type": ["string", "null"]}) == _BROKEN
    assert _weights(Side.ANSWER, bound, {"type": "integer", "minimum": 0}, version="3.0.3") == _BROKEN


def test_textual() -> None:
    """In a path, a query or a form every number is a text too."""
    assert _weights(Side.REQUEST, {"type": "integer"}, _TEXT, textual=True) == set()
    assert _weights(Side.REQUEST, _TEXT, {"type": "integer"}, textual=True) == _BROKEN


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [("^a$", 1), ("^[a-z]{2,5}-x$", 7), ("^a*$", None), ("a", None), ("^a|bbb$", None), ("^(", None), ("^(a|bb)$", 2)],
)
def test_lengths(pattern: str, longest: int | None) -> None:
    """An anchored pattern without repetition has a longest text."""
    assert longest_match(pattern) == longest
