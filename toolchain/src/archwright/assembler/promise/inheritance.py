"""What an operation takes over from the contract where it says nothing itself: route, inputs and status."""

from __future__ import annotations

import re
from typing import Any

from ...language.assembly import Assembly
from ...language.operations import Input, Operation, Returns
from ...language.triggers import Trigger
from ...language.words import ROUTE
from .interface import Described, Spot
from .names import route, snake
from .types import Taken, taken, value_of

_ROUTE = re.compile(ROUTE)
_JSON = "application/json"
_NOT_INPUTS = ("accept", "authorization", "content-type", "cookie", "if-match", "if-none-match", "idempotency-key")
_PAGING = ("limit", "offset", "cursor", "sort", "total", "q")
"""What a list takes by itself."""


def inherited(operation: Operation, described: Described, assembly: Assembly) -> Operation:
    """The operation with what the contract says where it states nothing."""
    update: dict[str, Any] = {}
    if operation.trigger is None:
        address = f"{described.method} {route(described.path)}"
        if _ROUTE.fullmatch(address):
            update["trigger"] = Trigger.model_validate({"http": address})
    if operation.input == {}:
        update["input"] = {
            name: Input.model_validate(keys) for name, keys in _inputs(operation, described, assembly).items()
        }
        wrapper = wrapped(described)
        if wrapper is not None and "wrapped" in Operation.model_fields and getattr(operation, "wrapped", None) is None:
            update["wrapped"] = wrapper
    status = success(described)
    if status is not None:
        returns = operation.returns
        if returns is None and status != 204:
            update["returns"] = Returns.model_validate({"status": status})
        elif returns is not None and returns.status is None:
            update["returns"] = returns.model_copy(update={"status": status})
    return operation.model_copy(update=update)


def success(described: Described) -> int | None:
    """The one status of success, where there is one."""
    found = [status for status in described.responses if re.fullmatch("[23][0-9][0-9]", status)]
    return int(found[0]) if len(found) == 1 else None


def _inputs(operation: Operation, described: Described, assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Parameters and members of the body as inputs, by their names in the language."""
    found: dict[str, dict[str, Any]] = {}
    own = _listed(operation, assembly)
    for (place, name), spot in described.parameters.items():
        if (place == "header" and name in _NOT_INPUTS) or (place == "query" and name in own):
            continue
        key = snake(name)
        if place == "path" and key == "id" and _has_row(operation):
            continue  # It is the id of the row that the first step is about.
        keys = {**taken(spot.at("schema")).keys, "from": place}
        if place != "path" and key != name:
            keys["name"] = spot.at("name").text
        if spot.at("required").flag or place == "path":
            keys["required"] = True
        found[key] = keys
    for name, member in members(described).items():
        key = snake(name)
        keys = dict(member.keys)
        if key != name:
            keys["name"] = name
        if key not in found:
            found[key] = keys
    return found


def _has_row(operation: Operation) -> bool:
    return any(step.kind in ("get", "update", "delete") for step in operation.steps)


def _listed(operation: Operation, assembly: Assembly) -> set[str]:
    """Parameters that a listing step takes without being told."""
    step = next((step for step in operation.steps if step.kind == "list" and step.each is None), None)
    if step is None:
        return set()
    view = assembly.views.get(step.view or "")
    return {*_PAGING, *(view.filter if view is not None else ())}


def document_of(described: Described) -> Spot:
    """The schema of the body, JSON before anything else."""
    content = described.body.at("content")
    schemas = dict(content.members())
    media = _JSON if _JSON in schemas else next(iter(schemas), None)
    return content.at(media, "schema") if media is not None else content.at(_JSON)


def wrapped(described: Described) -> str | None:
    """The one member that holds all the others, where the body has such a one."""
    found = value_of(document_of(described))
    if found is None or found.type != "object" or len(found.names) != 1:
        return None
    name = found.names[0]
    inner = value_of(*(found.named(name) or ()))
    return name if name in found.required and inner is not None and inner.type == "object" and inner.names else None


def members(described: Described) -> dict[str, Taken]:
    """The members of the body, inside of its wrapper, with their types."""
    found = value_of(document_of(described))
    wrapper = wrapped(described)
    if found is not None and wrapper is not None:
        found = value_of(*(found.named(wrapper) or ()))
    if found is None or found.type != "object":
        return {}
    named = {name: found.named(name) or () for name in found.names}
    return {
        name: taken(*spots, required=name in found.required)
        for name, spots in named.items()
        if not any(spot.followed().at("readOnly").flag for spot in spots)
    }
