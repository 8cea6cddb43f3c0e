"""The whole OpenAPI document."""

from __future__ import annotations

from typing import Any

from ..plan import Errors, Operation, Plan
from . import requests
from .answers import Answers, response_name
from .readers import Readers
from .rows import Rows
from .types import JsonSchema

_STRING: JsonSchema = {"type": "string"}
_PROBLEM_ERRORS: JsonSchema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "pointer": {
                **_STRING,
                "description": "Where, as a JSON pointer into the body, or `?name` for a parameter.",
            },
            "code": {**_STRING, "description": "A stable word."},
            "message": {**_STRING, "description": "One sentence for people."},
        },
        "required": ["pointer", "code", "message"],
        "additionalProperties": False,
    },
}
_FAILURES: dict[str, JsonSchema] = {
    "problem": {
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "properties": {
            "type": {**_STRING, "format": "uri-reference"},
            "title": _STRING,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _STRING,
            "instance": {**_STRING, "format": "uri-reference"},
            "request": {**_STRING, "description": "The id of the request, to quote when asking."},
            "errors": _PROBLEM_ERRORS,
        },
        "required": ["type", "title", "status"],
        "additionalProperties": False,
    },
    "fields": {
        "type": "object",
        "properties": {"errors": {"type": "object", "additionalProperties": {"type": "array", "items": _STRING}}},
        "required": ["errors"],
        "additionalProperties": False,
    },
    "message": {
        "type": "object",
        "properties": {"code": _STRING, "message": _STRING},
        "required": ["code", "message"],
        "additionalProperties": False,
    },
}

_FAILURES["coded"] = {
    "type": "object",
    "properties": {"error": _FAILURES["message"]},
    "required": ["error"],
    "additionalProperties": False,
}
_WORDS: dict[str, JsonSchema] = {
    "code": _STRING,
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "title": _STRING,
    "detail": {"type": ["string", "null"]},
    "request": _STRING,
    "message": _STRING,
    "messages": {"type": "array", "items": _STRING},
    "fields": _FAILURES["fields"]["properties"]["errors"],
    "problems": _PROBLEM_ERRORS,
}


def document(plan: Plan) -> JsonSchema:
    """The interface of every operation that answers HTTP."""
    rows = Rows(plan, Readers(plan))
    answers = Answers(plan, rows)
    paths: dict[str, JsonSchema] = {}
    for name, operation in sorted(plan.operations.items()):
        trigger = operation.trigger
        if trigger.kind == "http" and trigger.path is not None and trigger.method is not None:
            described = _operation(plan, name, operation, answers)
            paths.setdefault(trigger.path, {})[trigger.method.lower()] = described
    info: JsonSchema = {"title": plan.name, "version": plan.version, "contact": {"name": plan.owner}}
    if plan.description:
        info["description"] = plan.description
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in sorted({_tag(plan, name, found) for name, found in plan.operations.items()})],
        "paths": paths,
        "components": _components(plan, rows, answers),
    }


def _operation(plan: Plan, name: str, operation: Operation, answers: Answers) -> JsonSchema:
    made: JsonSchema = {
        "operationId": name,
        "tags": [_tag(plan, name, operation)],
        "responses": answers.of(name, operation),
        "security": _security(plan, operation),
        "x-archwright-tier": operation.tier,
    }
    if operation.summary:
        made["summary"] = operation.summary
    if operation.description:
        made["description"] = operation.description
    parameters = requests.parameters(operation)
    if parameters:
        made["parameters"] = parameters
    body = requests.body(operation, plan.wire)
    if body is not None:
        made["requestBody"] = body
    return made


def _tag(plan: Plan, name: str, operation: Operation) -> str:
    if operation.entity is not None and operation.entity in plan.entities:
        return plan.entities[operation.entity].label or operation.entity
    return operation.component or plan.name


def _security(plan: Plan, operation: Operation) -> list[JsonSchema]:
    """Alternatives; an empty one means that nobody need sign in."""
    if operation.trigger.signature is not None:
        return [{}]
    schemes: list[JsonSchema] = [{name: []} for name in _schemes(plan)]
    anonymous = any(access.role == "anyone" for access in operation.access)
    return [{}, *schemes] if anonymous else schemes


def _schemes(plan: Plan) -> JsonSchema:
    return {} if plan.identity is None else {**_own_schemes(plan, plan.identity.component), **_further_schemes(plan)}


def _further_schemes(plan: Plan) -> JsonSchema:
    """Of components that recognise callers by credentials of their own."""
    return {
        name: {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`{_setting(component.config, 'scheme', name)} <credential>`",
        }
        for name, component in sorted(plan.components.items())
        if component.credentials
    }


def _own_schemes(plan: Plan, identity: str) -> JsonSchema:
    config = plan.components[identity].config
    carried, cookie, scheme = (
        _setting(config, name, default)
        for name, default in (("session", "cookie"), ("cookie", "session"), ("scheme", "Bearer"))
    )
    found: JsonSchema = {}
    if carried != "cookie":
        found["token"] = (
            {"type": "http", "scheme": "bearer"}
            if scheme.lower() == "bearer"
            else {"type": "apiKey", "in": "header", "name": "Authorization", "description": f"`{scheme} <token>`"}
        )
    if carried != "bearer":
        found["session"] = {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "Requests that change something must come from the service's own pages.",
        }
    return found


def _setting(config: dict[str, object], name: str, default: str) -> str:
    value = config.get(name, default)
    return value if isinstance(value, str) else default


def _components(plan: Plan, rows: Rows, answers: Answers) -> JsonSchema:
    used = {parameter for operation in plan.operations.values() for parameter in _named(operation)}
    statuses = answers.statuses() | ({416} if any(o.returns.file for o in plan.operations.values()) else set())
    made: JsonSchema = {
        "schemas": {**rows.entities(), "Problem": _failure(plan.errors)},
        "responses": {response_name(status): answers.failure(status) for status in sorted(statuses)},
        "parameters": {name: value for name, value in requests.COMPONENTS.items() if name in used},
        "securitySchemes": _schemes(plan),
    }
    return {name: value for name, value in made.items() if value}


def _failure(errors: Errors) -> JsonSchema:
    return _filled(errors.body) if errors.shape == "custom" else _FAILURES.get(errors.shape, _FAILURES["problem"])


def _filled(body: Any) -> JsonSchema:
    """The schema of a shape of the assembly's own."""
    if isinstance(body, dict):
        properties = {name: _filled(one) for name, one in body.items()}
        return {"type": "object", "properties": properties, "required": list(body), "additionalProperties": False}
    if isinstance(body, (list, tuple)):
        return {"type": "array", "prefixItems": [_filled(one) for one in body], "items": False}
    word = body.strip("${} ") if isinstance(body, str) and body.startswith("${") and body.count("${") == 1 else None
    if word is not None and body.endswith("}"):
        return _WORDS.get(word, {})
    return _STRING if isinstance(body, str) else {"const": body}


def _named(operation: Operation) -> set[str]:
    references = (parameter.get("$ref", "") for parameter in requests.parameters(operation))
    return {reference.rpartition("/")[2] for reference in references if reference}
