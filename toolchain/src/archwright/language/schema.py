"""JSON Schemas (draft 2020-12) of the three documents, generated from the models, for editors and agents."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from .architecture import Architecture
from .assembly import Assembly
from .component import Component
from .configurable import configurable
from .model import Model, Sugared
from .steps import STEP_KEYS

DOCUMENTS: dict[str, type[Model]] = {"architecture": Architecture, "assembly": Assembly, "component": Component}
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_EXACTLY_ONE = ("Trigger", "Schedule")


def schema_text(document: str) -> str:
    """Return the schema of ``architecture``, ``assembly`` or ``component`` as it stands in ``schemas/``."""
    return json.dumps(schema(document), indent=2, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Return every schema by its file name below ``schemas/``."""
    return {f"{document}.schema.json": schema_text(document) for document in DOCUMENTS}


@cache
def schema(document: str) -> dict[str, Any]:
    """Return the schema of one document as plain values; not to be changed."""
    return configurable(plain(document)) if document == "component" else plain(document)


@cache
def plain(document: str) -> dict[str, Any]:
    """Return the schema of one document under one configuration, for the reference; not to be changed."""
    model = DOCUMENTS[document]
    made = model.model_json_schema(by_alias=True, schema_generator=_Generator)
    models = {each.__name__: each for each in _models(Model)}
    parts = {name: _with_sugar(part, models.get(name)) for name, part in sorted(made.pop("$defs").items())}
    head = {"$schema": DIALECT, "$id": f"urn:archwright:{document}", "title": f"{document}.yaml"}
    whole: dict[str, Any] = _clean({**head, **_keys_with_sugar(made, model), "$defs": parts})
    _describe(whole, whole["$defs"])
    return whole


def _describe(value: Any, parts: dict[str, Any]) -> None:
    """Give each key that only refers to a part the description of that part; Pydantic leaves equal ones out."""
    if isinstance(value, list):
        for each in value:
            _describe(each, parts)
    elif isinstance(value, dict):
        for each in value.values():
            _describe(each, parts)
        for member in value["properties"].values() if isinstance(value.get("properties"), dict) else ():
            if "$ref" in member:
                member.setdefault("description", parts[member["$ref"].rpartition("/")[2]].get("description"))


class _Generator(GenerateJsonSchema):
    """Leaves out what Pydantic makes up itself: titles."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> dict[str, Any]:
        made = super().model_schema(schema)
        made.pop("title", None)
        return made


def _models(root: type[Model]) -> list[type[Model]]:
    return [root, *(model for below in root.__subclasses__() for model in _models(below))]


def _with_sugar(part: dict[str, Any], model: type[Model] | None) -> dict[str, Any]:
    """Return the schema of a model with all the ways in which it may be written."""
    if model is None or not issubclass(model, Sugared):
        return part
    if model.__name__ == "Step":
        return _step(part)
    if model.__name__ in _EXACTLY_ONE:
        part = {**part, "minProperties": 1, "maxProperties": 1}
    canonical = () if model.SUGAR_ONLY else (_keys_with_sugar(part, model),)
    ways = [*canonical, *model.SUGAR]
    return ways[0] if len(ways) == 1 else {"description": part.get("description"), "oneOf": ways}


def _keys_with_sugar(part: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    """Return the schema of a mapping in which some keys may be written in a shorter way."""
    if not issubclass(model, Sugared):
        return part
    properties = dict(part.get("properties", {}))
    for key in model.SINGLE:
        properties[key] = _either(properties[key], ({"type": "string"},))
    for key, ways in model.KEY_SUGAR.items():
        properties[key] = _either(properties[key], ways)
    ordered = {key: properties[key] for key in model.keys() if key in properties}  # noqa: SIM118
    return {**part, "properties": ordered}


def _either(member: dict[str, Any], ways: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: member[name] for name in ("description", "default") if name in member}
    bare = {name: value for name, value in member.items() if name not in kept}
    return {**kept, "oneOf": [bare, *ways]}


def _step(part: dict[str, Any]) -> dict[str, Any]:
    """Return one alternative for each kind of step, so that an editor offers the keys that mean something."""
    members = part["properties"]
    ways = []
    for kind, keys in STEP_KEYS.items():
        properties = {kind: members[kind], **{key: members[key] for key in keys}}
        for key in ("sort", "key"):
            if key in properties:
                properties[key] = _either(properties[key], ({"type": "string"},))
        way = {"title": kind, "type": "object", "properties": properties, "required": [kind]}
        ways.append(way if kind == "call" else {**way, "additionalProperties": False})
    return {"description": part["description"], "oneOf": ways}


def _clean(value: Any) -> Any:
    """Remove the nulls that stand for an absent key, and defaults that say nothing."""
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _clean(each) for name, each in value.items() if not _is_empty_default(name, each)}
    if "patternProperties" in made:
        made.setdefault("additionalProperties", False)
    some = [each for each in made.get("anyOf", ()) if each != {"type": "null"}]
    if len(some) == 1 and len(made["anyOf"]) == 2:
        del made["anyOf"]
        made = {**some[0], **made}
    return made


def _is_empty_default(name: str, value: Any) -> bool:
    return name == "default" and (value is None or value in ({}, [], ""))
