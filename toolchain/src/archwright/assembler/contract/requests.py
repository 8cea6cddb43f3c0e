"""What an operation takes: parameters and bodies."""

from __future__ import annotations

from typing import Any

from ..plan import OURS, Filter, Input, Operation, Paging, Select, Signature, Type, Wire
from .types import JsonSchema, nullable, taken

JSON = "application/json"
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
_FORMS = (URLENCODED, MULTIPART)
_TEXTS = frozenset({"text", "markdown", "html", "slug", "email", "url", "phone", "uuid", "ref", "enum"})
_MAX_OFFSET = 10_000
_MAX_SEARCH = 200
_MAX_CURSOR = 4_096
_MAX_VALUES = 100
_CURSOR: dict[str, Any] = {
    "type": "string", "minLength": 1, "maxLength": _MAX_CURSOR, "pattern": "^[\\u0001-\\u007f]+$"
}  # fmt: skip


def parameters(operation: Operation) -> list[JsonSchema]:
    """Everything outside of the body, in the order path, query, headers, cookies."""
    listed = list_of(operation)
    found = [_parameter(entry) for entry in operation.input if entry.source in ("path", "query", "header", "cookie")]
    if listed is not None:
        found += _page(listed) if operation.paging is None else _contracted(listed, operation.paging)
        found += _choices(listed)
    return found + _conditions(operation)


def body(operation: Operation, wire: Wire = OURS) -> JsonSchema | None:
    """The request body for each media type that is taken."""
    whole = next((entry for entry in operation.input if entry.source == "whole-body"), None)
    members = [entry for entry in operation.input if entry.source == "body"]
    if whole is not None:
        return {
            "required": whole.required,
            "content": {media: {"schema": _value(whole, wire)} for media in operation.media},
        }
    if not members:
        return None
    content = {}
    for media in operation.media:
        if media == JSON and any(entry.type.of_files and entry.required for entry in members):
            continue
        content[media] = {"schema": _members(operation, members, media, wire)}
    return {"required": any(entry.required for entry in members), "content": content}


def list_of(operation: Operation) -> Select | None:
    """What a listing operation lists."""
    for step in operation.steps:
        if step.kind == "list" and step.select is not None and step.each is None:
            return step.select
    return None


def writes(operation: Operation, *kinds: str) -> bool:
    """Whether it has a step of one of these kinds."""
    return any(step.kind in kinds for step in operation.steps)


def _members(operation: Operation, members: list[Input], media: str, wire: Wire) -> JsonSchema:
    value = _field if media in _FORMS else _value
    if media != MULTIPART:
        members = [entry for entry in members if not entry.type.of_files]
    schema: JsonSchema = {
        "type": "object",
        "properties": {entry.wire or entry.name: value(entry, wire) for entry in members},
        "additionalProperties": operation.lenient,
    }
    required = [entry.wire or entry.name for entry in members if entry.required]
    if required:
        schema["required"] = required
    if operation.wrapped is None or media != JSON:
        return schema
    return {
        "type": "object",
        "properties": {operation.wrapped: schema},
        "required": [operation.wrapped],
        "additionalProperties": True,
    }


def _value(entry: Input, wire: Wire) -> JsonSchema:
    schema = taken(entry.type, wire)
    if entry.nullable:
        schema = nullable(schema)
    return _described(schema, entry)


def _field(entry: Input, wire: Wire) -> JsonSchema:
    """A value as a form sends it: an empty field is what null or nothing is elsewhere."""
    schema = taken(entry.type)
    if entry.nullable or not (entry.required or entry.type.kind in _TEXTS):
        schema = {"anyOf": [schema, {"type": "string", "maxLength": 0}]}
    return _described(schema, entry)


def _described(schema: JsonSchema, entry: Input) -> JsonSchema:
    extra: JsonSchema = {}
    if entry.label:
        extra["title"] = entry.label
    if entry.help:
        extra["description"] = entry.help
    if entry.default is not None and entry.default.get("op") == "literal":
        value = _wire(entry.default.get("value"), entry.type)
        if value is not None:
            extra["default"] = value
    return {**schema, **extra}


def _wire(value: Any, type_: Type) -> Any:
    """A constant as it looks on the wire, for the kinds where that is the stored form."""
    return value if type_.kind in ("text", "enum", "bool", "int", "date", "slug", "markdown", "uuid") else None


def _parameter(entry: Input) -> JsonSchema:
    made: JsonSchema = {
        "name": entry.wire or entry.name,
        "in": entry.source,
        "required": entry.required or entry.source == "path",
        "schema": _described(taken(entry.type), entry),
    }
    if entry.type.kind == "list":
        made |= {"style": "simple" if entry.source in ("path", "header") else "form", "explode": False}
    return made


def _page(select: Select) -> list[JsonSchema]:
    """Which part of a list is wanted."""
    found = [
        _query(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": select.most, "default": select.limit},
            "Rows per page.",
        ),
        _query("total", {"type": "boolean", "default": False}, "Whether to count all rows."),
    ]
    if not _grouped(select):
        found.append(_query("cursor", _CURSOR, "Where the page before ended: its `next`."))
        offset = {"type": "integer", "minimum": 0, "maximum": _MAX_OFFSET}
        found.append(_query("offset", offset, "Rows to skip; not together with `cursor`."))
    return found


def _contracted(select: Select, paging: Paging) -> list[JsonSchema]:
    """The same where the operation says how its list is read."""
    if paging.by == "none":
        return []
    limit: JsonSchema = {"type": "integer", "minimum": 1, "default": select.limit}
    if not paging.clamp:
        limit["maximum"] = select.most
    found = [_query(paging.limit, limit, "Rows per page.")]
    if paging.by == "offset":
        offset = {"type": "integer", "minimum": 0, "maximum": _MAX_OFFSET, "default": 0}
        found.append(_query(paging.offset, offset, "Rows to skip."))
    elif paging.by == "page":
        page = {"type": "integer", "minimum": 1, "maximum": _MAX_OFFSET, "default": 1}
        found.append(_query(paging.page, page, "Which page."))
    elif not _grouped(select):
        found.append(_query(paging.cursor, _CURSOR, "Where the page before ended: its `next`."))
    return found


def _choices(select: Select) -> list[JsonSchema]:
    """Order, search and filters."""
    found = []
    if select.sorts:
        names = [name for sort in select.sorts for name in (sort.name, f"-{sort.name}")]
        schema = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "uniqueItems": True}
        found.append({**_query("sort", schema, "Order; `-` turns a key around."), "style": "form", "explode": False})
    if select.search:
        schema = {"type": "string", "maxLength": _MAX_SEARCH, "pattern": "^[^\\u0000]*$"}
        found.append(_query("q", schema, f"Text to look for in {', '.join(select.search)}."))
    return found + [_filter(one) for one in select.filters]


def _grouped(select: Select) -> bool:
    return select.grouped or bool(select.group)


def _filter(one: Filter) -> JsonSchema:
    if one.operator != "in":
        return _query(one.name, taken(one.type), None)
    item = one.type.item if one.type.kind == "list" and one.type.item is not None else one.type
    schema = {"type": "array", "items": taken(item), "minItems": 1, "maxItems": _MAX_VALUES}
    return {**_query(one.name, schema, None), "style": "form", "explode": False}


def _query(name: str, schema: JsonSchema, description: str | None) -> JsonSchema:
    made: JsonSchema = {"name": name, "in": "query", "required": False, "schema": schema}
    return {**made, "description": description} if description else made


def _conditions(operation: Operation) -> list[JsonSchema]:
    """Headers that make a request depend on what happened before, or say by a signature who sends it."""
    if operation.trigger.signature is not None:
        return _signed(operation.trigger.signature)
    found = []
    if operation.idempotent:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if writes(operation, "update", "delete", "upsert"):
        found.append({"$ref": "#/components/parameters/IfMatch"})
    if operation.trigger.method == "GET" and writes(operation, "get"):
        found.append({"$ref": "#/components/parameters/IfNoneMatch"})
    return found


_SIGNATURES = {
    "sha256": "`sha256=` and the HMAC-SHA256 of the body in hexadecimal digits.",
    "stamped": "`t=`, seconds since 1970, `,v1=` and the HMAC-SHA256 of the seconds, a point and the body.",
    "standard": "`v1,` and the HMAC-SHA256 of id, seconds and body, joined by points, in base64 (Standard Webhooks).",
}


def _signed(signature: Signature) -> list[JsonSchema]:
    """What another service sends to prove who it is."""
    headers = {signature.header: _SIGNATURES[signature.scheme]}
    if signature.scheme == "standard":
        headers |= {"webhook-id": "The same for each repeat.", "webhook-timestamp": "Seconds since 1970."}
    return [
        {"name": name, "in": "header", "required": True, "description": says, "schema": {"type": "string"}}
        for name, says in headers.items()
    ]


COMPONENTS: JsonSchema = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same key with the same body gives the recorded answer instead of a second effect.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` that was read; when the row has changed since, the answer is 412.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": '^(\\*|"[0-9]{1,18}")$'},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "An `ETag`; when it is still the row's, the answer is 304.",
        # RFC 9110 13.1.2: what is no entity tag matches none, and is no failure.
        "schema": {"type": "string"},
    },
}
