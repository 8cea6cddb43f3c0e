"""What an operation takes over from the contract where it says nothing itself: route, inputs, shapes and status."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import ValidationError

from ...language.assembly import Assembly
from ...language.model import Model
from ...language.operations import Accepts, Input, Operation, Paging, Returns
from ...language.triggers import Trigger
from ...language.words import ROUTE
from . import wire
from .interface import Described
from .names import route, snake
from .types import Taken, taken

M = TypeVar("M", bound=Model)

_ROUTE = re.compile(ROUTE)
_WHOLE = re.compile(r"\$\{[^{}]*\}")
_NOT_INPUTS = ("accept", "authorization", "content-type", "cookie", "if-match", "if-none-match", "idempotency-key")
_PAGING = ("limit", "offset", "cursor", "sort", "total", "q")
"""What a list takes by itself."""


def inherited(operation: Operation, described: Described, assembly: Assembly) -> Operation:
    """The operation with what the contract says where it states nothing."""
    update: dict[str, Any] = {}
    address = f"{described.method} {route(described.path)}"
    if operation.trigger is None and _ROUTE.fullmatch(address):
        update["trigger"] = _made(Trigger, {"http": address})
    if operation.input == {}:
        made = {name: _made(Input, keys) for name, keys in _inputs(operation, described, assembly).items()}
        update["input"] = {name: one for name, one in made.items() if one is not None}
    accepts = wire.accepts(described)
    if operation.accepts is None and accepts and not _names(operation, accepts.get("envelope")):
        update["accepts"] = _made(Accepts, accepts)
    paging = wire.paging(described)
    if operation.paging is None and paging and lists(operation):
        update["paging"] = _made(Paging, paging)
    returns = _returns(operation, described)
    if returns is not None:
        update["returns"] = returns
    return operation.model_copy(update=update)


def _made(model: type[M], keys: dict[str, Any]) -> M | None:
    """A part of the language; nothing where what a foreign document says is not sayable, which the proof then shows."""
    try:
        return model.model_validate(keys)
    except ValidationError:
        return None


def lists(operation: Operation) -> bool:
    """Whether it answers a list that is read in parts."""
    return any(step.kind == "list" and step.each is None for step in operation.steps)


def success(described: Described) -> int | None:
    """The one status of success, where there is one."""
    found = [status for status in described.responses if re.fullmatch("[23][0-9][0-9]", status)]
    return int(found[0]) if len(found) == 1 else None


def _names(operation: Operation, envelope: str | None) -> bool:
    """Whether an input of the operation is the envelope itself."""
    given = operation.input
    return envelope is not None and isinstance(given, dict) and envelope in given


def _returns(operation: Operation, described: Described) -> Returns | None:
    status, returns = success(described), operation.returns
    if returns is None:
        return _made(Returns, {"status": status}) if status not in (None, 204) else None
    update: dict[str, Any] = {}
    if returns.status is None and status is not None:
        update["status"] = status
    if isinstance(returns.body, str) and _WHOLE.fullmatch(returns.body.strip()) and returns.envelope is None:
        found = wire.envelope(described, returns.status or status)
        if found.member is False:
            update |= {"envelope": False} if lists(operation) else {}
        elif found.member is not None:
            update["envelope"] = found.member
        if found.total is not None and returns.total is None and lists(operation):
            update["total"] = found.total
    return returns.model_copy(update=update) if update else None


def _inputs(operation: Operation, described: Described, assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Parameters and members of the body as inputs, by their names in the language."""
    found: dict[str, dict[str, Any]] = {}
    own = _listed(operation, described, assembly)
    for (place, name), spot in described.parameters.items():
        key = snake(name)
        if (place == "header" and name in _NOT_INPUTS) or (place == "query" and name in own):
            continue
        if place == "path" and key == "id" and _has_row(operation):
            continue  # It is the id of the row that the first step is about.
        keys = {**taken(spot.at("schema")).keys, "from": place}
        if place != "path" and key != name:
            keys["name"] = spot.at("name").text
        if spot.at("required").flag or place == "path":
            keys["required"] = True
        found[key] = keys
    for name, member in members(described).items():
        keys = dict(member.keys)
        if snake(name) != name:
            keys["name"] = name
        found.setdefault(snake(name), keys)
    return found


def _has_row(operation: Operation) -> bool:
    return any(step.kind in ("get", "update", "delete") for step in operation.steps)


def _listed(operation: Operation, described: Described, assembly: Assembly) -> set[str]:
    """Parameters that a listing step takes without being told."""
    step = next((step for step in operation.steps if step.kind == "list" and step.each is None), None)
    if step is None:
        return set()
    view = assembly.views.get(step.view or "")
    called = set(wire.paging(described).get("names", {}).values())
    return {*_PAGING, *called, *(view.filter if view is not None else ())}


def members(described: Described) -> dict[str, Taken]:
    """The members of the body, inside of its wrapper, with their types."""
    found = wire.contents(described)
    named = {name: found.named(name) or () for name in found.names} if found is not None else {}
    return {
        name: taken(*spots, required=found is not None and name in found.required)
        for name, spots in named.items()
        if not any(spot.followed().at("readOnly").flag for spot in spots)
    }
