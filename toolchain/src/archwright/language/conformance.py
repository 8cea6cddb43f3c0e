"""Whether a configuration is what its component's JSON Schema (draft 2020-12) asks for.

The keywords that manifests need and no others: a schema that says more than is checked would promise too much, so an
unknown keyword is reported. Formats are notes for people, as the standard has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_NOTES = frozenset(
    {"title", "description", "default", "examples", "format", "deprecated", "$schema", "$id", "$comment"}
)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list, tuple),
    "string": (str,),
    "integer": (int,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One value that does not fit.

    Attributes:
        path: where it stands, from the root of the configuration.
        keyword: the keyword of the schema that refuses it.
        expected: what the keyword asks for.
        choices: the keys that would have been known, where one is not.
        key: whether the key itself is what is wrong.
    """

    path: tuple[str | int, ...]
    keyword: str
    expected: str
    value: Any
    choices: tuple[str, ...] = ()
    key: bool = False


def mismatches(schema: Any, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Mismatch]:
    """Everything that does not fit, from the outside in."""
    if schema is True:
        return
    if not isinstance(schema, Mapping):
        yield Mismatch(path, "false", "nothing", value)
        return
    for keyword, rule in schema.items():
        check = _CHECKS.get(keyword)
        if check is not None:
            yield from check(schema, rule, value, path)


def unknown_keywords(schema: Any) -> Iterator[str]:
    """The keywords of a schema, nested ones too, that are not checked."""
    if not isinstance(schema, Mapping):
        return
    for keyword, rule in schema.items():
        if keyword not in _CHECKS and keyword not in _NOTES:
            yield str(keyword)
        for below in _below(keyword, rule):
            yield from unknown_keywords(below)


def _below(keyword: str, rule: Any) -> Iterator[Any]:
    if keyword == "properties" and isinstance(rule, Mapping):
        yield from rule.values()
    elif keyword in ("anyOf", "allOf", "oneOf") and isinstance(rule, (list, tuple)):
        yield from rule
    elif keyword in ("items", "additionalProperties", "propertyNames", "not"):
        yield rule


def _is(value: Any, name: str) -> bool:
    kinds = _TYPES.get(name, ())
    return isinstance(value, kinds) and (name == "boolean" or not isinstance(value, bool))


def _type(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    names = [rule] if isinstance(rule, str) else list(rule)
    if not any(_is(value, name) for name in names):
        yield Mismatch(path, "type", f"a value of the type {' or '.join(names)}", value)


def _enum(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if not any(_same(value, choice) for choice in rule):
        yield Mismatch(path, "enum", "one of " + ", ".join(f"`{_shown(choice)}`" for choice in rule), value)


def _const(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if not _same(value, rule):
        yield Mismatch(path, "const", f"`{_shown(rule)}`", value)


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)


def _pattern(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if isinstance(value, str) and re.search(rule, value) is None:
        yield Mismatch(path, "pattern", f"a text of the form `{rule}`", value)


def _minimum(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if _is(value, "number") and value < rule:
        yield Mismatch(path, "minimum", f"at least {rule}", value)


def _maximum(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if _is(value, "number") and value > rule:
        yield Mismatch(path, "maximum", f"at most {rule}", value)


def _shortest(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if isinstance(value, str) and len(value) < rule:
        yield Mismatch(path, "minLength", f"at least {rule} characters", value)


def _longest(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if isinstance(value, str) and len(value) > rule:
        yield Mismatch(path, "maxLength", f"at most {rule} characters", value)


def _fewest(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if _is(value, "array") and len(value) < rule:
        yield Mismatch(path, "minItems", f"at least {rule} items", value)


def _most(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if _is(value, "array") and len(value) > rule:
        yield Mismatch(path, "maxItems", f"at most {rule} items", value)


def _unique(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    repeated = _is(value, "array") and any(_same(one, two) for at, one in enumerate(value) for two in value[:at])
    if rule is True and repeated:
        yield Mismatch(path, "uniqueItems", "no item twice", value)


def _items(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if _is(value, "array"):
        for position, item in enumerate(value):
            yield from mismatches(rule, item, (*path, position))


def _properties(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if isinstance(value, Mapping):
        for name, part in rule.items():
            if name in value:
                yield from mismatches(part, value[name], (*path, name))


def _additional(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    known = tuple(schema.get("properties", ()))
    for name in value if isinstance(value, Mapping) else ():
        if name in known:
            continue
        if rule is False:
            choices = "one of " + ", ".join(f"`{each}`" for each in known) if known else "no keys"
            yield Mismatch((*path, name), "additionalProperties", choices, name, known, key=True)
        else:
            yield from mismatches(rule, value[name], (*path, name))


def _required(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    missing = [name for name in rule if isinstance(value, Mapping) and name not in value]
    if missing:
        yield Mismatch(path, "required", "the keys " + ", ".join(f"`{name}`" for name in rule), value)


def _names(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    for name in value if isinstance(value, Mapping) else ():
        for found in mismatches(rule, name):
            yield Mismatch((*path, name), "propertyNames", found.expected, name, key=True)


def _fewest_keys(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if isinstance(value, Mapping) and len(value) < rule:
        yield Mismatch(path, "minProperties", f"at least {rule} keys", value)


def _most_keys(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if isinstance(value, Mapping) and len(value) > rule:
        yield Mismatch(path, "maxProperties", f"at most {rule} keys", value)


def _any(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    tried = [list(mismatches(part, value, path)) for part in rule]
    if all(tried):
        yield Mismatch(path, "anyOf", " or ".join(dict.fromkeys(found[0].expected for found in tried)), value)


def _all(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    for part in rule:
        yield from mismatches(part, value, path)


def _one(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    fitting = sum(not any(True for _ in mismatches(part, value, path)) for part in rule)
    if fitting != 1:
        yield Mismatch(path, "oneOf", "exactly one of the forms that the schema names", value)


def _not(schema: Any, rule: Any, value: Any, path: Any) -> Iterator[Mismatch]:
    if not any(True for _ in mismatches(rule, value, path)):
        yield Mismatch(path, "not", "another value", value)


_CHECKS = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _shortest,
    "maxLength": _longest,
    "minItems": _fewest,
    "maxItems": _most,
    "uniqueItems": _unique,
    "items": _items,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "propertyNames": _names,
    "minProperties": _fewest_keys,
    "maxProperties": _most_keys,
    "anyOf": _any,
    "allOf": _all,
    "oneOf": _one,
    "not": _not,
}
