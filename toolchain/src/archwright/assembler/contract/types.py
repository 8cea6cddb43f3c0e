"""Types of the plan as JSON Schemas (2020-12): one for what is taken, one for what is answered.

What is answered is narrower: there a decimal has all its places and a time exactly six digits.
"""

from __future__ import annotations

from typing import Any

from ..plan import OURS, Type, Wire

JsonSchema = dict[str, Any]

SAFE_INTEGER = 2**53 - 1
REFERENCE = "^[A-Za-z0-9_-]{1,64}$"
_NO_NUL = "^[^\\u0000]*$"
"""Text never holds U+0000: PostgreSQL cannot store it."""
_SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
_PHONE = "^\\+?[0-9][0-9 ()./-]{1,30}[0-9]$"
_EMAIL = (
    "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
)
_DURATION = (
    "^-?P([0-9]{1,9}W|[0-9]{1,9}D|([0-9]{1,9}D)?T([0-9]{1,9}H([0-9]{1,9}M)?([0-9]{1,12}(\\.[0-9]{1,6})?S)?"
    "|[0-9]{1,9}M([0-9]{1,12}(\\.[0-9]{1,6})?S)?|[0-9]{1,12}(\\.[0-9]{1,6})?S))$"
)
_STORED_YEAR = "^[1-8]"
"""Years 1000 to 8999; expressions count on it."""
_STORED_DURATION = (
    "^-?P([0-9]{1,3}W|[0-9]{1,4}D|([0-9]{1,4}D)?T([0-9]{1,5}H([0-9]{1,7}M)?([0-9]{1,9}(\\.[0-9]{1,6})?S)?"
    "|[0-9]{1,7}M([0-9]{1,9}(\\.[0-9]{1,6})?S)?|[0-9]{1,9}(\\.[0-9]{1,6})?S))$"
)
"""Whatever is written so lasts less than a hundred years."""
_LONGEST = {"slug": 200, "email": 254, "url": 2048, "phone": 32}
_ITEMS = 1_000


def taken(type_: Type, wire: Wire = OURS) -> JsonSchema:
    """What a value must look like to be accepted."""
    match type_.kind:
        case "decimal" | "money" if wire.numbers:
            return _number(type_)
        case "text" | "markdown" | "html":
            return {**_text(type_), "pattern": _whole(type_) or _NO_NUL}
        case "email":
            return {**_text(type_), "format": "email", "pattern": _whole(type_) or _EMAIL}
        case "datetime":
            return {"type": "string", "format": "date-time", "pattern": _STORED_YEAR}
        case "date":
            return {"type": "string", "format": "date", "pattern": _STORED_YEAR}
        case "duration":
            return {"type": "string", "pattern": _STORED_DURATION}
        case "decimal" | "money":
            return {"type": "string", "pattern": _decimal(type_, least=1)}
        case "list":
            return _list(type_, taken(type_.item or Type(kind="text"), wire))
        case "file" | "image":
            return {"type": "string", "format": "binary", "contentMediaType": _media(type_)}
        case _:
            return _either(type_)


def answered(type_: Type, wire: Wire = OURS) -> JsonSchema:
    """What a value looks like in an answer."""
    match type_.kind:
        case "decimal" | "money" if wire.numbers:
            return _number(type_)
        case "text" | "markdown" | "html":
            return _text(type_)
        case "email":
            return {**_text(type_), "format": "email"}
        case "datetime":
            return {"type": "string", "format": "date-time", "pattern": _moment(wire.digits)}
        case "decimal" | "money":
            return {"type": "string", "pattern": _decimal(type_, least=type_.scale or 0)}
        case "list":
            return _list(type_, answered(type_.item or Type(kind="text"), wire))
        case "file" | "image":
            return _file()
        case _:
            return _either(type_)


def nullable(schema: JsonSchema) -> JsonSchema:
    """The same, or null."""
    if not schema:
        return schema
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _either(type_: Type) -> JsonSchema:
    """Kinds that look the same in both directions."""
    match type_.kind:
        case "slug":
            return {**_text(type_), "pattern": _whole(type_) or _SLUG}
        case "phone":
            return {**_text(type_), "pattern": _whole(type_) or _PHONE}
        case "url":
            return {**_text(type_), "format": "uri", "pattern": _whole(type_) or "^https?://"}
        case "int":
            return {
                "type": "integer",
                "minimum": _or(type_.low, -SAFE_INTEGER),
                "maximum": _or(type_.high, SAFE_INTEGER),
            }
        case "bool":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
        case "duration":
            return {"type": "string", "pattern": _DURATION}
        case "uuid":
            return {"type": "string", "format": "uuid"}
        case "enum":
            return {"type": "string", "enum": list(type_.values)}
        case "ref" | "row":
            return {"type": "string", "pattern": REFERENCE}
        case "null":
            return {"type": "null"}
        case _:
            return {}


def _moment(digits: int) -> str:
    fraction = f"\\.[0-9]{{{digits}}}" if digits else ""
    return f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}{fraction}Z$"


def _number(type_: Type) -> JsonSchema:
    """A decimal as a JSON number, within the digits that it may have."""
    most = 10 ** max(1, (type_.digits or 15) - (type_.scale or 0))
    return {"type": "number", "exclusiveMinimum": -most, "exclusiveMaximum": most}


def _text(type_: Type) -> JsonSchema:
    schema: JsonSchema = {"type": "string"}
    if type_.min:
        schema["minLength"] = type_.min
    longest = type_.max if type_.max is not None else _LONGEST.get(type_.kind)
    if longest is not None:
        schema["maxLength"] = longest
    if type_.pattern is not None:
        schema["pattern"] = _whole(type_)
    return schema


def _whole(type_: Type) -> str | None:
    """The pattern as JSON Schema reads it, which looks for it anywhere in a text unless told otherwise."""
    pattern = type_.pattern
    if pattern is None or (pattern.startswith("^") and pattern.endswith("$") and not set("|\\") & set(pattern)):
        return pattern
    return f"^(?:{pattern})$"


def _decimal(type_: Type, *, least: int) -> str:
    """A number with ``scale`` places, of which ``least`` must be written."""
    scale = type_.scale or 0
    whole = f"-?[0-9]{{1,{max(1, (type_.digits or 15) - scale)}}}"
    if not scale:
        return f"^{whole}$"
    if least == scale:
        return f"^{whole}\\.[0-9]{{{scale}}}$"
    return f"^{whole}(\\.[0-9]{{{least},{scale}}})?$"


def _list(type_: Type, items: JsonSchema) -> JsonSchema:
    schema: JsonSchema = {"type": "array", "items": items, "maxItems": _or(type_.max, _ITEMS)}
    if type_.min:
        schema["minItems"] = type_.min
    return schema


def _media(type_: Type) -> str:
    if len(type_.media) == 1:
        return type_.media[0]
    return "image/*" if type_.kind == "image" else "application/octet-stream"


def _file() -> JsonSchema:
    members: JsonSchema = {
        "id": {"type": "string", "pattern": REFERENCE},
        "name": {"type": "string"},
        "media": {"type": "string"},
        "size": {"type": "integer", "minimum": 0},
    }
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
