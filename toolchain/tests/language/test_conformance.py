"""Configurations are checked as the JSON Schema standard says, compared with an independent implementation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from archwright.language.conformance import mismatches, unknown_keywords
from toolchain.tests.assemblies import catalog

_NAMES = st.sampled_from(["a", "b", "host", "port"])
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 12), st.sampled_from(["", "a", "abc", "smtp", "9"]))
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)),
    max_leaves=8,
)
_KINDS = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
_SMALL = st.integers(0, 4)
_LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "type": st.one_of(_KINDS, st.lists(_KINDS, min_size=1, max_size=2, unique=True)),
    "enum": st.lists(_SCALARS, min_size=1, max_size=3),
    "const": _SCALARS,
    "pattern": st.sampled_from(["^a", "c$", "[0-9]"]),
    "minimum": st.integers(-2, 9),
    "maximum": st.integers(-2, 9),
    "minLength": _SMALL,
    "maxLength": _SMALL,
    "minItems": _SMALL,
    "maxItems": _SMALL,
    "minProperties": _SMALL,
    "maxProperties": _SMALL,
    "uniqueItems": st.booleans(),
    "required": st.lists(_NAMES, max_size=2, unique=True),
    "description": st.just("what it is for"),
}


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=2)
    below = {
        "properties": st.dictionaries(_NAMES, inner, max_size=3),
        "additionalProperties": st.one_of(st.booleans(), inner),
        "propertyNames": inner,
        "items": inner,
        "anyOf": several,
        "allOf": several,
        "oneOf": several,
        "not": inner,
    }
    return st.fixed_dictionaries({}, optional={**_LEAVES, **below})


_SCHEMAS = st.recursive(st.fixed_dictionaries({}, optional=_LEAVES), _nested, max_leaves=4)


@settings(max_examples=400, deadline=None)
@given(_SCHEMAS, _VALUES)
def test_as_the_standard_says(schema: dict[str, Any], value: Any) -> None:
    """A value fits exactly where the reference implementation says so."""
    found = list(mismatches(schema, value))

    assert (not found) == Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("name", catalog()[0].names)
def test_checked_as_a_whole(name: str) -> None:
    """No manifest describes its configuration with a keyword that is not checked."""
    schema = catalog()[0].versions(name)[-1].config

    assert list(unknown_keywords(schema)) == []


def test_unknown_keywords_are_named() -> None:
    """A keyword that is not checked is found however deep it stands."""
    schema = {"properties": {"a": {"items": {"anyOf": [{"$ref": "#/x"}]}}}, "if": {}}

    assert sorted(unknown_keywords(schema)) == ["$ref", "if"]


def test_places() -> None:
    """A mismatch says where it stands, and which keys would have been known."""
    schema = {"additionalProperties": False, "properties": {"mail": {"properties": {"port": {"type": "integer"}}}}}

    found = list(mismatches(schema, {"mail": {"port": "x"}, "mial": 1}))

    assert [(one.path, one.keyword, one.key, one.choices) for one in found] == [
        (("mial",), "additionalProperties", True, ("mail",)),
        (("mail", "port"), "type", False, ()),
    ]
