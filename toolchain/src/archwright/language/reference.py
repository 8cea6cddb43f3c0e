"""The reference of the language in Markdown, generated from the models like the schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .fields import KINDS, TEXTS
from .schema import DOCUMENTS, plain

_HEADS = {
    "assembly": "One service or application, put together from certified parts.",
    "component": "One certified part: what it provides, requires, stores and may reach.",
    "architecture": "The law: principles, services, layers, zones, approved and forbidden parts.",
}
_TYPES: dict[str, tuple[str, str]] = {
    "text": ("`text(500)`, `text(3..200)`", "Text; the bounds count code points."),
    "slug": ("`slug`", "Text for addresses: small letters, digits and hyphens."),
    "email": ("`email`", "An e-mail address; its domain is stored in small letters."),
    "url": ("`url`", "An address with `https` or `http`."),
    "phone": ("`phone`", "A telephone number."),
    "markdown": ("`markdown(20000)`", "Markdown text."),
    "html": ("`html(20000)`", "HTML; sanitised whenever it is written."),
    "int": ("`int`, `int(0..100)`, `int(1..)`", "A whole number."),
    "decimal": ("`decimal(10,2)`", "A number with so many digits, of which so many after the point; exact."),
    "money": ("`money(EUR)`", "An amount of one currency; exact."),
    "bool": ("`bool`", "True or false."),
    "date": ("`date`", "A day."),
    "datetime": ("`datetime`", "An instant, in UTC with six digits."),
    "duration": ("`duration`", "A length of time."),
    "uuid": ("`uuid`", "A UUID of another system."),
    "json": ("`json(10KB)`", "Any JSON value."),
    "file": ("`file(5MB)`, `{file: {max: 5MB, media: [application/pdf]}}`", "An uploaded file."),
    "image": ("`image(5MB)`, `{image: {max: 5MB, media: [image/png]}}`", "An uploaded image."),
}
_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null", "number": "number"}
_KEYED = (
    ("enum", "`{enum: [open, solved]}`", "One of these texts."),
    (
        "ref",
        "`{ref: User, required: true}`",
        "A reference to a row; `on_delete` says what happens when that row goes: `refuse`, `cascade` or `clear`.",
    ),
    ("list", "`{list: text(40), max: 20}`", "A bounded list."),
    ("many", "`{many: Tag}`", "Many-to-many; fields of entities only."),
    ("reverse", "`{reverse: Comment.ticket}`", "The rows that refer here; fields of entities only."),
)


def files() -> dict[str, str]:
    """Return every page by its file name below ``docs/language``."""
    pages = {f"{document}.md": "\n".join(_document(document)) + "\n" for document in DOCUMENTS}
    return {**pages, "types.md": "\n".join(_types()) + "\n"}


_PERMISSIONS = "[permissions and roles](../guides/permissions.md)"
_PERSONAL = "[personal data](../guides/personal-data.md)"
_HTTP = "[the HTTP API](../reference/http.md)"
_GUIDES = {
    "Part": "[pages and their parts](../reference/pages.md)",
    "Page": "[pages and their parts](../reference/pages.md)",
    "Role": _PERMISSIONS,
    "Permission": _PERMISSIONS,
    "Grant": _PERMISSIONS,
    "Scope": "[scopes and traits](../guides/traits-and-scopes.md)",
    "Setting": "[settings and secrets](../reference/settings.md)",
    "Retention": _PERSONAL,
    "Declassify": _PERSONAL,
    "Expose": _HTTP,
    "View": _HTTP,
    "Failure": _HTTP,
    "Errors": _HTTP,
}
"""Pages that say more than the table of keys."""


def _document(document: str) -> Iterator[str]:
    whole = plain(document)
    parts = whole["$defs"]
    yield f"# {document}.yaml"
    yield ""
    yield _HEADS[document]
    yield f"Generated from the typed model; the JSON Schema is `schemas/{document}.schema.json`."
    yield ""
    yield "In bold: keys that must be there."
    yield "Types of fields are listed in [types](types.md)."
    yield from _mapping(whole)
    for name in _order(whole, parts):
        yield ""
        yield f"## {name}"
        yield ""
        yield str(parts[name].get("description", "")).replace("\n", " ")
        if name in _GUIDES:
            yield f"More: {_GUIDES[name]}."
        yield from _ways(parts[name])


def _order(whole: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    """The parts in the order in which a reader meets them."""
    found: dict[str, None] = {}
    waiting = list(_references(whole.get("properties", {})))
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += _references(parts[name])
    return list(found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].rpartition("/")[2]
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _ways(part: dict[str, Any]) -> Iterator[str]:
    """Describe a part: its mapping, then the shorter ways; or one table for each kind of step."""
    ways = part.get("oneOf", [part])
    for way in ways:
        if "title" in way:
            yield ""
            yield f"### {way['title']}"
        if "properties" in way:
            yield from _mapping(way)
    short = [_phrase(way) for way in ways if "properties" not in way]
    if short:
        yield ""
        yield "May also be written as " + ", or as ".join(short) + "."


def _mapping(part: dict[str, Any]) -> Iterator[str]:
    required = part.get("required", ())
    yield ""
    yield "| Key | Value | Meaning |"
    yield "|---|---|---|"
    for key, member in part.get("properties", {}).items():
        name = f"**`{key}`**" if key in required else f"`{key}`"
        default = f" Default: `{_plain(member['default'])}`." if "default" in member else ""
        meaning = member.get("description", "") + default
        yield f"| {name} | {_cell(_phrase(member, brief=True))} | {_cell(meaning)} |"


def _phrase(member: dict[str, Any], *, brief: bool = False) -> str:
    """Say in a few words what may stand there."""
    said = f": {member['description'].rstrip('.')}" if member.get("description") and not brief else ""
    if "$ref" in member:
        name = member["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in member:
        return f"`{_plain(member['const'])}`{said}"
    if "enum" in member:
        return ", ".join(f"`{value}`" for value in member["enum"]) + said
    for key in ("oneOf", "anyOf"):
        if key in member:
            return " or ".join(dict.fromkeys(_phrase(each, brief=True) for each in member[key])) + said
    return _typed(member) + said


def _typed(member: dict[str, Any]) -> str:
    kind = member.get("type")
    if isinstance(kind, list):
        return " or ".join(_typed({"type": each}) for each in kind)
    if kind == "array":
        return f"list of {_phrase(member.get('items', {}), brief=True)}"
    if kind == "object":
        values = next(iter(member.get("patternProperties", {}).values()), member.get("additionalProperties"))
        if not isinstance(values, dict) or not values:
            return "mapping"
        return f"mapping of names to {_phrase(values, brief=True)}"
    return _WORDS.get(str(kind), "any value")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _types() -> Iterator[str]:
    yield "# Types"
    yield ""
    yield "The same on both databases and on the wire."
    yield "A value must be given where `!` stands after a type in short, or `required: true` in a mapping."
    yield ""
    yield "| Type | Written as | Holds |"
    yield "|---|---|---|"
    for kind in KINDS:
        written, meaning = _TYPES[kind]
        yield f"| {kind} | {written} | {meaning} |"
    for kind, written, meaning in _KEYED:
        yield f"| {kind} | {written} | {meaning} |"
    yield ""
    yield "Beside a type, `min`, `max` and `pattern` narrow it: lengths for " + ", ".join(TEXTS) + " and lists,"
    yield "values for int, decimal and money, sizes for json, file and image."
