"""The parts that pages are made of: which keys each has, and of which shape their values are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ...diagnostics import Collector, did_you_mean
from .source import Place


class Shape(Enum):
    """What a value of a configuration is; the text says it to people."""

    TEXT = "a text"
    NAMES = "a list of names"
    NUMBER = "a whole number"
    FLAG = "true or false"
    VALUES = "a mapping of values"
    ACTIONS = "a list of actions, each a mapping"
    LINKS = "a list of links, each with `to` and `label`"


_COMMON = {"title": Shape.TEXT, "access": Shape.NAMES, "intro": Shape.TEXT}
_CHOICE = {"filter": Shape.NAMES, "sort": Shape.NAMES, "search": Shape.NAMES, "page_size": Shape.NUMBER}
PARTS: dict[str, dict[str, Shape]] = {
    "data-table": {
        "view": Shape.TEXT,
        "of": Shape.TEXT,
        "fields": Shape.NAMES,
        "via": Shape.TEXT,
        "link": Shape.TEXT,
        **_CHOICE,
        "actions": Shape.ACTIONS,
        "empty": Shape.TEXT,
        "create": Shape.TEXT,
    },
    "form": {
        "create": Shape.TEXT,
        "update": Shape.TEXT,
        "operation": Shape.TEXT,
        "fields": Shape.NAMES,
        "values": Shape.VALUES,
        "submit": Shape.TEXT,
        "success": Shape.TEXT,
        "message": Shape.TEXT,
        "result": Shape.NAMES,
        "links": Shape.LINKS,
        "query": Shape.NAMES,
        "danger": Shape.FLAG,
        "cancel": Shape.TEXT,
    },
    "detail": {"of": Shape.TEXT, "view": Shape.TEXT, "fields": Shape.NAMES, "actions": Shape.ACTIONS},
    "stat": {"view": Shape.TEXT, "values": Shape.VALUES, "link": Shape.TEXT},
    "bar-chart": {"view": Shape.TEXT, "label": Shape.TEXT, "value": Shape.TEXT, "empty": Shape.TEXT},
    "text": {"text": Shape.TEXT},
    "links": {"links": Shape.LINKS},
}
"""The parts that the runtime knows, with the keys of their configuration."""

ACTION = {
    "operation": Shape.TEXT,
    "label": Shape.TEXT,
    "values": Shape.VALUES,
    "fields": Shape.NAMES,
    "danger": Shape.FLAG,
    "when": Shape.TEXT,
}


def part(kind: str, config: Mapping[str, Any], place: Place, findings: Collector) -> dict[str, Any] | None:
    """The configuration of a part without unknown keys; None where a value has another shape than its key takes."""
    return _read(config, {**PARTS[kind], **_COMMON}, f"a `{kind}`", place, findings)


def action(config: Mapping[str, Any], place: Place, findings: Collector) -> dict[str, Any] | None:
    """The configuration of an action of a table or detail."""
    return _read(config, ACTION, "an action", place, findings)


def columns(kind: str, config: Mapping[str, Any], known: Sequence[str], place: Place, findings: Collector) -> None:
    """Report what a figure or a chart shows and its view does not have."""
    wanted: dict[Place, Any] = {}
    if kind == "bar-chart":
        wanted = {place / key: config[key] for key in ("label", "value") if key in config}
    if kind == "stat":
        wanted = {place / "values" / label: name for label, name in config.get("values", {}).items()}
    for here, name in wanted.items():
        if name not in known:
            findings.error(
                "assembly/unknown-field",
                here.location,
                f"the view has no column `{name}`",
                expected="one of " + ", ".join(f"`{one}`" for one in known),
                found=f"`{name}`",
                hint=did_you_mean(str(name), known),
            )


def _read(
    config: Mapping[str, Any], shapes: Mapping[str, Shape], what: str, place: Place, findings: Collector
) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    whole = True
    for key, value in config.items():
        shape = shapes.get(key)
        if shape is None:
            findings.error(
                "assembly/unknown-key",
                (place / key).key,
                f"{what} has no key `{key}`",
                expected="one of " + ", ".join(f"`{name}`" for name in shapes),
                found=f"`{key}`",
                hint=did_you_mean(key, shapes),
            )
            continue
        single = [value] if shape is Shape.NAMES and isinstance(value, str) else value
        if _fits(single, shape):
            found[key] = single
        else:
            whole = False
            findings.error(
                "assembly/wrong-type",
                (place / key).location,
                f"`{key}` of {what} is not {shape.value}",
                expected=shape.value,
                found=_described(value),
            )
    return found if whole else None


def _fits(value: Any, shape: Shape) -> bool:
    match shape:
        case Shape.TEXT:
            return isinstance(value, str)
        case Shape.NUMBER:
            return type(value) is int and value > 0
        case Shape.FLAG:
            return isinstance(value, bool)
        case Shape.VALUES:
            return isinstance(value, dict)
        case Shape.NAMES:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case Shape.ACTIONS:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)
        case Shape.LINKS:
            return isinstance(value, list) and all(_is_link(item) for item in value)


def _is_link(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("to", "label"))


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"`{value}`"[:80]
