"""The JSON Schema of a manifest, widened by what its configuration may decide (see ``configuration``).

Every mapping may be conditional, every value may be chosen by a condition or be a configured value, and keys may hold
configured values. What the reader makes of it under a configuration is checked by the reader.
"""

from __future__ import annotations

from typing import Any

_USED = r"\$\{\s*(?:config\.|parameters\.|self\.|each)"
_KEPT = ("description", "default")
_NAME = "Configured"
_TYPED = ("Field", "Input")
_LIKE = {"type": "string", "description": "In traits: the type of this field of the entity that takes the trait."}
_CONDITION: dict[str, Any] = {
    "type": "object",
    "description": "Left out unless each configured value is the one given, or one of those given.",
    "additionalProperties": {"type": ["string", "number", "boolean", "array"]},
}
_CONFIGURED: dict[str, Any] = {
    "description": "A value that the configuration decides.",
    "anyOf": [
        {"type": "string", "pattern": _USED},
        {
            "type": "object",
            "properties": {
                "only_if": _CONDITION,
                "then": {"description": "What stands here where the condition holds."},
            },
            "required": ["only_if", "then"],
            "additionalProperties": False,
        },
    ],
}


def configurable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a manifest under any configuration."""
    made: dict[str, Any] = _widened(schema, root=True)
    made["$defs"] = {name: _widened(part) for name, part in schema["$defs"].items()} | {_NAME: _CONFIGURED}
    made["properties"]["config"] = schema["properties"]["config"]
    for name in _TYPED:
        for typed in _mappings(made["$defs"][name]):
            typed["properties"] = {**typed["properties"], "like": _LIKE}
    return made


def _mappings(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The written-out forms of something that may also be written in short."""
    forms = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return [form for form in forms if "properties" in form]


def _widened(value: Any, *, root: bool = False) -> Any:
    if isinstance(value, list):
        return [_widened(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _widened(each) if name in ("oneOf", "anyOf", "allOf") else each for name, each in value.items()}
    for name in ("properties", "patternProperties"):
        if isinstance(made.get(name), dict):
            made[name] = {key: _either(member) for key, member in made[name].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), dict):
            made[name] = _either(made[name])
    return made if root else _conditional(made)


def _conditional(made: dict[str, Any]) -> dict[str, Any]:
    """A mapping with closed keys may be conditional; one with free keys may have configured ones."""
    if "patternProperties" in made:
        made["patternProperties"] = {**made["patternProperties"], _USED: True}
    if made.get("additionalProperties") is False and "properties" in made:
        made["properties"] = {**made["properties"], "only_if": _CONDITION}
    return made


def _either(member: Any) -> Any:
    if not isinstance(member, dict):
        return member
    kept = {name: member[name] for name in _KEPT if name in member}
    bare = {name: each for name, each in member.items() if name not in kept}
    if not bare:
        return member
    return {**kept, "anyOf": [_widened(bare), {"$ref": f"#/$defs/{_NAME}"}]}
