"""What Pydantic refused, in our words and at its place."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from archwright.diagnostics import Diagnostic, Location, Severity, did_you_mean, nearest

from .model import TAG, Model, Path, Problem
from .words import describe

Locate = Callable[..., Location]

_WRONG_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
_WAYS = {"string": "a text", "array": "a list", "object": "a mapping", "integer": "a whole number"}
_BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "string_too_short": "a text that is not empty",
    "string_too_long": "a text of at most {max_length} characters",
    "too_short": "a list that is not empty",
    "too_long": "at most {max_length} items",
    "string_pattern_mismatch": "a text of the form `{pattern}`",
}


def first(error: ValidationError, model: type[Model], most: int, locate: Locate) -> tuple[list[Any], int]:
    """Return at most so many of the mistakes, those that come first in the document, and how many are left out.

    A hostile document may hold a hundred thousand of them, and nobody reads that many.
    """
    lines = _telling(error.errors(include_url=False), model)
    if len(lines) <= most:
        return lines, 0
    lines.sort(key=lambda line: locate(line["loc"], key=True))
    return lines[:most], len(lines) - most


def _telling(lines: list[Any], model: type[Model]) -> list[Any]:
    """Leave out what only follows from another mistake: a key that is missing because it is misspelt, and a list that
    is too short because its items are refused."""
    missing: dict[Path, set[str]] = {}
    for line in lines:
        if line["type"] == "missing":
            missing.setdefault(line["loc"][:-1], set()).add(line["loc"][-1])
    misspelt: set[Path] = set()
    for line in lines:
        parent = line["loc"][:-1]
        if line["type"] == "extra_forbidden" and parent in missing:
            owner = model_at(model, parent)
            meant = nearest(str(line["loc"][-1]), owner.keys() if owner else ())
            if meant in missing[parent]:
                misspelt.add((*parent, meant))
    return [
        line
        for line in lines
        if not (line["type"] == "missing" and line["loc"] in misspelt)
        and not (line["type"] == "too_short" and len(line["input"]) >= line["ctx"]["min_length"])
    ]


def report(lines: list[Any], model: type[Model], area: str, locate: Locate) -> Iterator[Diagnostic]:
    """Yield one finding for each thing that is wrong."""
    for line in lines:
        problem = _problem(line, model)
        place = locate(problem.at, key=problem.key, start=problem.start, length=problem.length)
        yield Diagnostic(
            f"{area}/{problem.name}",
            Severity.ERROR,
            place,
            problem.message,
            problem.expected,
            problem.found,
            problem.hint,
        )


def _problem(line: Any, model: type[Model]) -> Problem:
    kind: str = line["type"]
    path: Path = tuple(part for part in line["loc"] if not (isinstance(part, str) and part.startswith(TAG)))
    if path and path[-1] == "[key]":
        return _at_key(_translate(kind, line, model, path[:-1]), path[:-1])
    return _translate(kind, line, model, path)


def _at_key(problem: Problem, path: Path) -> Problem:
    return Problem(
        name=problem.name,
        message=problem.message,
        expected=problem.expected,
        found=problem.found,
        hint=problem.hint,
        at=path,
        key=True,
    )


def _translate(kind: str, line: Any, model: type[Model], path: Path) -> Problem:
    context: dict[str, Any] = line.get("ctx") or {}
    if kind == "problem":
        found: Problem = context["problem"]
        return found.below(*path)
    if kind == "extra_forbidden":
        return _unknown_key(model, line["loc"], path)
    if kind == "missing":
        return _missing_key(model, line["loc"], path)
    if kind == "literal_error":
        return _unknown_value(line["input"], str(context.get("expected", "")), path)
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
    found_text = describe(line["input"])
    if kind in ("model_type", "model_attributes_type"):
        return _not_a(model_at(model, line["loc"]), line["input"], path)
    if kind in _WRONG_TYPES:
        return _wrong_type(name, _WRONG_TYPES[kind], line["input"], path)
    expected = _BOUNDS[kind].format(**context) if kind in _BOUNDS else line["msg"]
    return Problem(name="bad-value", message=f"{name} does not fit", expected=expected, found=found_text, at=path)


def _wrong_type(name: str, expected: str, value: Any, path: Path) -> Problem:
    hint = None
    if expected == "a list" and isinstance(value, str):
        hint = f"write `[{value}]`" if len(value) <= 60 else "write it as a list"
    elif expected == "a whole number" and isinstance(value, str) and value.isdecimal():
        hint = "remove the quotes"
    elif expected == "a text" and not isinstance(value, (dict, list, type(None))):
        hint = "put it in quotes"
    elif value is None:
        hint = "write its value, or remove the key"
    return Problem(
        name="wrong-type",
        message=f"{name} is not {expected}",
        expected=expected,
        found=describe(value),
        hint=hint,
        at=path,
    )


def _not_a(wanted: type[Model] | None, value: Any, path: Path) -> Problem:
    """Return the problem of a value that can be nothing that a model is written as."""
    noun = wanted.NOUN if wanted else "mapping"
    shorter = (_WAYS.get(str(way.get("type")), f"`{way.get('const')}`") for way in getattr(wanted, "SUGAR", ()))
    needs_nothing = wanted is not None and not any(field.is_required() for field in wanted.model_fields.values())
    hint = "write `{}` where nothing needs to be said" if needs_nothing else "write its value, or remove the key"
    return Problem(
        name="wrong-type",
        message=f"{describe(value)} is not {_named(noun)}" if value is not None else f"{_named(noun)} has no value",
        expected=" or ".join(dict.fromkeys(("a mapping", *shorter))),
        found=describe(value),
        hint=hint if value is None else None,
        at=path,
        key=value is None,
    )


def _unknown_key(model: type[Model], loc: Path, path: Path) -> Problem:
    owner = model_at(model, loc[:-1])
    keys = owner.keys() if owner else ()
    noun = owner.NOUN if owner else "mapping"
    key = str(path[-1])
    return Problem(
        name="unknown-key",
        message=f"{_named(noun)} has no key `{key[:80]}`",
        found=f"`{key[:80]}`",
        expected="one of " + ", ".join(f"`{each}`" for each in keys) if keys else None,
        hint=did_you_mean(key, keys),
        at=path,
        key=True,
    )


def _missing_key(model: type[Model], loc: Path, path: Path) -> Problem:
    owner = model_at(model, loc[:-1])
    noun = owner.NOUN if owner else "mapping"
    return Problem(
        name="missing-key",
        message=f"{_named(noun)} needs `{path[-1]}`",
        expected=_description(owner, str(path[-1])),
        found="nothing",
        hint=f"add `{path[-1]}:`",
        at=path[:-1],
        key=True,
    )


def _description(owner: type[Model] | None, key: str) -> str | None:
    if owner is None:
        return None
    for name, field in owner.model_fields.items():
        if key in (name, field.alias):
            text = (field.description or "").rstrip(".")
            return text[:1].lower() + text[1:] if text else None
    return None


def _unknown_value(value: Any, expected: str, path: Path) -> Problem:
    choices = re.findall(r"'([^']*)'", expected)
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
    return Problem(
        name="unknown-value",
        message=f"{name} cannot be {describe(value)}",
        found=describe(value),
        expected="one of " + ", ".join(f"`{choice}`" for choice in choices),
        hint=did_you_mean(value, choices) if isinstance(value, str) else None,
        at=path,
    )


def _named(noun: str) -> str:
    """Put the article before a noun; the name of a key stands for itself."""
    if noun.startswith("`"):
        return noun
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def model_at(model: type[Model], path: Path) -> type[Model] | None:
    """Return the model that stands at a path of a document of the type ``model``."""
    found: Any = model
    for part in path:
        found = _step(found, part)
        if found is None:
            return None
    found = _core(found, None)
    return found if isinstance(found, type) and issubclass(found, Model) else None


def _step(annotation: Any, part: str | int) -> Any:
    """Follow one part of a path through a type."""
    if isinstance(part, str) and part.startswith(TAG):
        return _core(annotation, part)
    annotation = _core(annotation, None)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        fields = annotation.model_fields
        return next((field.annotation for name, field in fields.items() if part in (name, field.alias)), None)
    arguments = typing.get_args(annotation)
    match typing.get_origin(annotation):
        case builtin if builtin is dict:
            return arguments[1]
        case builtin if builtin in (tuple, list):
            return arguments[0]
        case _:
            return None


def _core(annotation: Any, tag: str | None) -> Any:
    """Strip ``Annotated`` and ``None`` from a type, and choose the alternative with a tag."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        alternatives = [each for each in typing.get_args(annotation) if each is not type(None)]
        if tag is not None:
            tagged = [
                each
                for each in alternatives
                if tag in [getattr(m, "tag", None) for m in getattr(each, "__metadata__", ())]
            ]
            alternatives = tagged or alternatives
        if len(alternatives) == 1 or tag is not None:
            return _core(alternatives[0], tag)
        return alternatives[0] if not tag else None
    return annotation
