"""What an operation answers: every status, body and header."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..plan import Expr, Operation, Plan, Select, Step
from . import requests
from .absence import may_be_absent
from .readers import Readers
from .rows import Rows, type_of
from .types import JsonSchema, answered, nullable

_KINDS = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "conflict": 409,
    "stale": 412,
    "too-large": 413,
    "uri-too-long": 414,
    "unsupported-media": 415,
    "invalid": 422,
    "too-many": 429,
    "headers-too-large": 431,
    "busy": 503,
    "timeout": 504,
}
_PHRASES = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No content",
    301: "Moved permanently",
    302: "Found",
    303: "See other",
    400: "Malformed request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    412: "Changed in the meantime",
    413: "Too large",
    414: "Address too long",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    422: "Invalid values",
    423: "Locked",
    429: "Too many requests",
    431: "Headers too large",
    503: "Busy",
    504: "Took too long",
}
"""Written here since the standard library changes its phrases from version to version."""
_EVERYWHERE = ("malformed", "uri-too-long", "invalid", "headers-too-large", "busy", "timeout")
_SHAPES = {"problem": "application/problem+json"}


@dataclass(frozen=True)
class Answers:
    """Answers of a plan's operations."""

    plan: Plan
    rows: Rows

    def of(self, name: str, operation: Operation) -> JsonSchema:
        """The ``responses`` of one operation, by status."""
        return replace(self, rows=replace(self.rows, readers=Readers.of(self.plan, name, operation)))._of(operation)

    def _of(self, operation: Operation) -> JsonSchema:
        found = {str(operation.returns.status): self._success(operation)}
        if operation.trigger.method == "GET" and requests.writes(operation, "get"):
            found["304"] = {"description": "What you have is still right", "headers": {"ETag": _header(_ETAG)}}
        if operation.returns.file is not None:
            found |= _FILE_EXTRAS
        for status in sorted(self._failures(operation) - {operation.returns.status}):
            found[str(status)] = {"$ref": f"#/components/responses/{response_name(status)}"}
        return dict(sorted(found.items()))

    def statuses(self) -> set[int]:
        """Every failure status of any operation."""
        http = (operation for operation in self.plan.operations.values() if operation.trigger.kind == "http")
        return {status for operation in http for status in self._failures(operation)}

    def failure(self, status: int) -> JsonSchema:
        """A component response for a failure."""
        made: JsonSchema = {
            "description": _phrase(status),
            "content": {_SHAPES.get(self.plan.errors.shape, "application/json"): {"schema": _PROBLEM}},
        }
        if status == 401:
            made["headers"] = {"WWW-Authenticate": _header({"type": "string"})}
        if status in (429, 503):
            made["headers"] = {"Retry-After": _header({"type": "integer", "minimum": 0}, required=False)}
        return made

    def _success(self, operation: Operation) -> JsonSchema:
        returns = operation.returns
        made: JsonSchema = {"description": _phrase(returns.status)}
        headers = self._headers(operation)
        if headers:
            made["headers"] = headers
        if returns.file is not None:
            made["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        elif returns.body is not None:
            made["content"] = {returns.media: {"schema": self._body(operation, returns.body)}}
        return made

    def _body(self, operation: Operation, tree: Expr) -> JsonSchema:
        selected = requests.list_of(operation)
        envelope = operation.returns.envelope
        if selected is not None and _is_rows(tree):
            rows = self._value(operation, tree)
            return rows if operation.returns.bare else _page(operation, envelope or "items", rows)
        schema = self._value(operation, tree)
        return schema if envelope is None else _object({envelope: schema}, [envelope])

    def _value(self, operation: Operation, tree: Expr) -> JsonSchema:
        """What an expression over inputs and steps gives."""
        if tree.get("op") == "record":
            return self._record(operation, tree)
        schema = self._bound(operation, tree)
        return nullable(schema) if may_be_absent(tree) else schema

    def _record(self, operation: Operation, tree: Expr) -> JsonSchema:
        members: dict[str, Expr] = tree.get("fields", {})
        properties = {name: self._value(operation, value) for name, value in members.items()}
        read = {step.bind: _condition(step) for step in operation.steps if step.bind is not None}
        return _object(properties, [name for name, value in members.items() if self.rows.certain(value, read)])

    def _bound(self, operation: Operation, tree: Expr) -> JsonSchema:
        type_ = type_of(tree)
        if type_.kind not in ("row", "rows"):
            return self._plain(tree)
        select = _selected(operation, tree)
        row = self.rows.entity(type_.entity or "") if select is None else self.rows.select(select)
        return row if type_.kind == "row" else {"type": "array", "items": row}

    def _plain(self, tree: Expr) -> JsonSchema:
        """A single value: of the field that it is, where it is one, since that knows more than the expression."""
        entity = self.plan.entities.get(tree.get("entity", ""))
        if tree.get("op") == "field" and entity is not None and tree["field"] in entity.fields:
            return answered(entity.fields[tree["field"]].type, self.plan.wire)
        return answered(type_of(tree), self.plan.wire)

    def _headers(self, operation: Operation) -> JsonSchema:
        returns = operation.returns
        found: JsonSchema = {}
        if returns.body is not None and type_of(returns.body).kind == "row":
            found["ETag"] = _header(_ETAG, required=False)
        if returns.location is not None:
            found["Location"] = _header({"type": "string", "format": "uri-reference"}, required=False)
        if returns.filename is not None or returns.file is not None:
            found["Content-Disposition"] = _header({"type": "string"}, required=False)
        if operation.cache is not None:
            found["Cache-Control"] = _header({"type": "string"}, required=False)
        for name in returns.headers:
            found[name] = _header({"type": "string"}, required=False)
        return found

    def _failures(self, operation: Operation) -> set[int]:
        kinds = set(_EVERYWHERE)
        roles = {access.role for access in operation.access}
        unsafe = operation.trigger.method not in ("GET", "HEAD")
        has_body = any(entry.source in ("body", "whole-body") for entry in operation.input)
        conditions = {
            "unauthenticated": self.plan.identity is not None or "anyone" not in roles,
            "forbidden": unsafe or "anyone" not in roles,
            "not-found": any(entry.source == "path" for entry in operation.input)
            or requests.writes(operation, "get", "update", "delete", "upsert"),
            "conflict": requests.writes(operation, "create", "update", "delete", "upsert", "call"),
            "stale": requests.writes(operation, "update", "delete", "upsert"),
            "too-large": unsafe,
            "unsupported-media": has_body,
            # A capability may slow down who guesses, whatever the operation itself allows.
            "too-many": operation.rate is not None or requests.writes(operation, "call"),
        }
        kinds |= {kind for kind, holds in conditions.items() if holds}
        kinds |= {step.refusal for step in operation.steps if step.refusal is not None}
        declared = {failure.status for failure in operation.failures.values()}
        general = self.plan.errors.failures
        return declared | {
            general[kind].status if kind in general else _KINDS.get(kind, 409)
            for kind in kinds
            if kind not in operation.failures
        }


def response_name(status: int) -> str:
    """``NotFound``: the name of a failure among the component responses."""
    return "".join(word.capitalize() for word in _phrase(status).replace("-", " ").split())


def _phrase(status: int) -> str:
    return _PHRASES.get(status, f"Status {status}")


def _is_rows(tree: Expr) -> bool:
    return type_of(tree).kind == "rows"


def _selected(operation: Operation, tree: Expr) -> Select | None:
    """The view through which a step read what an expression names."""
    if tree.get("op") != "name":
        return None
    step = next((step for step in operation.steps if step.bind == tree.get("name")), None)
    return step.select if step is not None else None


def _condition(step: Step) -> Expr | None:
    """The condition that holds for a row as a step bound it; after a write the condition may not hold any more."""
    return step.select.where if step.kind in ("get", "list") and step.select is not None else None


def _page(operation: Operation, name: str, rows: JsonSchema) -> JsonSchema:
    members, required, paging = {name: rows}, [name], operation.paging
    if paging is None or paging.by == "cursor":
        cursor = "cursor" if paging is None else paging.cursor
        description = f"The `{cursor}` of the next page; null on the last one."
        members["next"] = {"type": ["string", "null"], "description": description}
        required.append("next")
    total = operation.returns.total
    if total is not None:
        members[total] = {"type": "integer", "minimum": 0, "description": "All rows."}
        required.append(total)
    elif paging is None:
        members["total"] = {"type": "integer", "minimum": 0, "description": "All rows, when `total` was asked for."}
    return _object(members, required)


def _object(properties: JsonSchema, required: list[str]) -> JsonSchema:
    schema: JsonSchema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _header(schema: JsonSchema, *, required: bool = True) -> JsonSchema:
    return {"required": required, "schema": schema}


_ETAG: JsonSchema = {"type": "string", "pattern": '^"[A-Za-z0-9_-]+"$'}
_PROBLEM: JsonSchema = {"$ref": "#/components/schemas/Problem"}
_FILE_EXTRAS: dict[str, Any] = {
    "206": {
        "description": "The part that was asked for",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    "304": {"description": "What you have is still right", "headers": {"ETag": _header(_ETAG)}},
    "416": {"$ref": "#/components/responses/RangeNotSatisfiable"},
}
