"""The words of the language: names, versions, references, durations, sizes, routes; each has one form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, StrictBool, StrictInt, WithJsonSchema

from .model import Problem, refuse
from .quantities import DURATION, SIZE, Duration, parse_duration, parse_size
from .versions import Reference, parse_reference, parse_version

LONGEST_NAME = 60
LONGEST_EXPRESSION = 4000


def describe(value: Any) -> str:
    """Say in a few words what stands in a document."""
    match value:
        case None:
            return "nothing"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f"`{value}`" if len(value) <= 60 and "\n" not in value else f"a text of {len(value)} characters"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return f"the number `{value}`"


def bad(expected: str, value: Any, *, hint: str | None = None, name: str = "bad-value") -> Problem:
    """Return the problem of a value that has not the right form."""
    return Problem(
        name=name, message=f"{describe(value)} is not {expected}", expected=expected, found=describe(value), hint=hint
    )


def _pascal(value: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", value))


def _words(value: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+", value)]


def _named(pattern: str, expected: str, convert: Callable[[str], str]) -> Callable[[str], str]:
    form = re.compile(pattern)

    def check(value: str) -> str:
        if form.fullmatch(value) and len(value) <= LONGEST_NAME:
            return value
        other = convert(value)
        usable = other != value and form.fullmatch(other) and len(other) <= LONGEST_NAME
        # `Room!` is what people write who know `text(80)!`.
        further = ", with `required: true` beside it where a value must be given" if value == f"{other}!" else ""
        refuse(bad(expected, value, hint=f"write `{other}`{further}" if usable else None, name="bad-name"))

    return check


def _snake(value: str) -> str:
    return "_".join(_words(value))


def _kebab(value: str) -> str:
    return "-".join(_words(value))


PASCAL = r"[A-Z][A-Za-z0-9]*"
SNAKE = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
KEBAB = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"

EntityName = Annotated[
    str,
    AfterValidator(_named(PASCAL, "a name in PascalCase", _pascal)),
    WithJsonSchema({"type": "string", "pattern": f"^{PASCAL}$", "maxLength": LONGEST_NAME}),
]
OperationName = EntityName
FieldName = Annotated[
    str,
    AfterValidator(_named(SNAKE, "a name in snake_case", _snake)),
    WithJsonSchema({"type": "string", "pattern": f"^{SNAKE}$", "maxLength": LONGEST_NAME}),
]
WIRE = r"[A-Za-z_][A-Za-z0-9_-]*"
WireName = Annotated[
    str,
    AfterValidator(_named(WIRE, "a name of letters, digits, `_` and `-`", _snake)),
    WithJsonSchema({"type": "string", "pattern": f"^{WIRE}$", "maxLength": LONGEST_NAME}),
]
"""A member of a body or a parameter: what a contract demands may be written in any case."""
KebabName = Annotated[
    str,
    AfterValidator(_named(KEBAB, "a name in kebab-case", _kebab)),
    WithJsonSchema({"type": "string", "pattern": f"^{KEBAB}$", "maxLength": LONGEST_NAME}),
]
EntityReference = Annotated[
    str,
    AfterValidator(
        _named(
            rf"(?:{SNAKE}\.)?{PASCAL}",
            "the name of an entity, such as `Ticket` or `accounts.User`",
            lambda value: value if "." in value else _pascal(value),
        )
    ),
    WithJsonSchema({"type": "string", "pattern": rf"^(?:{SNAKE}\.)?{PASCAL}$"}),
]
Principal = Annotated[
    str,
    AfterValidator(_named(rf"{KEBAB}|{PASCAL}|{SNAKE}\.{PASCAL}", "the name of a role or of an operation", _kebab)),
    WithJsonSchema({"type": "string", "pattern": rf"^(?:{KEBAB}|{PASCAL}|{SNAKE}\.{PASCAL})$"}),
]
CapabilityName = Annotated[
    str,
    AfterValidator(_named(rf"{SNAKE}(?:\.{SNAKE})+", "a capability, such as `mail.send`", lambda value: value)),
    WithJsonSchema({"type": "string", "pattern": rf"^{SNAKE}(?:\.{SNAKE})+$"}),
]


def _expression(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if not value.strip():
            refuse(
                bad("an expression", value, hint="remove the key, or write a condition such as `this.owner == caller`")
            )
        if len(value) > LONGEST_EXPRESSION:
            refuse(bad(f"an expression of at most {LONGEST_EXPRESSION} characters", value))
        if value.startswith("${") and value.endswith("}") and "${" not in value[2:]:
            refuse(
                bad("an expression", value, hint=f"this key always holds an expression: write `{value[2:-1].strip()}`")
            )
    return value


Expression = Annotated[
    str,
    BeforeValidator(_expression),
    WithJsonSchema({"type": ["string", "boolean"], "description": "An expression, such as `this.owner == caller`."}),
]
"""A text in one of the fixed expression positions; its meaning is checked where names are known."""


def _flag_or_text(value: Any) -> Any:
    if isinstance(value, (bool, str)):
        return value
    refuse(bad("`true`, `false` or a text", value, name="wrong-type"))


FlagOrText = Annotated[bool | str, PlainValidator(_flag_or_text), WithJsonSchema({"type": ["boolean", "string"]})]
Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=0, le=2**53 - 1)]
PageSize = Annotated[StrictInt, Field(ge=1, le=10_000)]
Status = Annotated[StrictInt, Field(ge=200, le=599)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
LongText = Annotated[str, Field(min_length=1, max_length=20_000)]


def matching(pattern: str, expected: str, hint: str | None = None) -> Callable[[str], str]:
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            refuse(bad(expected, value, hint=hint))
        return value

    return check


_SEGMENT = r"(?:[A-Za-z0-9._~@:-]+|\{[a-z][a-z0-9_]*\})"
URL_PATH = rf"/(?:{_SEGMENT}(?:/{_SEGMENT})*/?)?"
UrlPath = Annotated[
    str,
    AfterValidator(matching(URL_PATH, "a path, such as `/api/tickets/{id}`", "begin it with `/`, parameters in `{}`")),
    WithJsonSchema({"type": "string", "pattern": f"^{URL_PATH}$"}),
]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUTE = rf"({'|'.join(METHODS)}) +({URL_PATH})"
Route = Annotated[
    str,
    AfterValidator(matching(ROUTE, "a method and a path, such as `POST /api/tickets/{id}/close`")),
    WithJsonSchema({"type": "string", "pattern": f"^{ROUTE}$"}),
]
MEDIA = r"[a-z0-9][a-z0-9!#$&^_.+-]*/(?:[a-z0-9][a-z0-9!#$&^_.+-]*|\*)"
MediaType = Annotated[
    str,
    AfterValidator(matching(MEDIA, "a media type, such as `image/png`")),
    WithJsonSchema({"type": "string", "pattern": f"^{MEDIA}(?:;.*)?$"}),
]
FILE_PATH = r"(?!/)(?!.*(?:^|/)\.\.(?:/|$))[A-Za-z0-9._*/ @+-]+"
FilePath = Annotated[
    str,
    AfterValidator(matching(FILE_PATH, "a path inside the project", "write it relative, without `..`")),
    WithJsonSchema({"type": "string"}),
]
ModulePath = Annotated[
    str,
    AfterValidator(matching(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", "a Python module, such as `acme_mail`")),
    WithJsonSchema({"type": "string"}),
]
SORT_KEY = rf"-?{SNAKE}"


def _version(value: Any) -> str:
    if isinstance(value, str) and parse_version(value) is not None:
        return value
    hint = "write three numbers, in quotes if need be: `1.0.0`" if not isinstance(value, str) else None
    refuse(bad("a semantic version, such as `1.0.0`", value, hint=hint))


def _reference(value: Any) -> Reference:
    found = parse_reference(value) if isinstance(value, str) else None
    if found is None:
        refuse(
            bad(
                "a component with a range of versions, such as `std/accounts@^1`",
                value,
                hint=f"add a range: `{value}@^1`" if isinstance(value, str) and "@" not in value else None,
            )
        )
    return found


def _duration(value: Any) -> Duration:
    found = parse_duration(value) if isinstance(value, str) else None
    if found is None:
        refuse(bad("a duration, such as `90d`", value, hint="the units are `s`, `m`, `h`, `d`, `w`, `mo` and `y`"))
    return found


def _size(value: Any) -> int:
    found = parse_size(value)
    if found is None:
        refuse(bad("a size, such as `5MB`", value, hint="the units are `B`, `KB`, `MB` and `GB`"))
    return found


Version = Annotated[str, PlainValidator(_version), WithJsonSchema({"type": "string", "pattern": r"^\d+\.\d+\.\d+"})]
ComponentReference = Annotated[
    Reference,
    PlainValidator(_reference),
    WithJsonSchema({"type": "string", "pattern": rf"^{KEBAB}/{KEBAB}@[\^~]?\d+(?:\.\d+){{0,2}}(?:-[0-9A-Za-z.-]+)?$"}),
]
Period = Annotated[Duration, PlainValidator(_duration), WithJsonSchema({"type": "string", "pattern": f"^{DURATION}$"})]
Size = Annotated[
    int,
    PlainValidator(_size),
    WithJsonSchema({"oneOf": [{"type": "integer"}, {"type": "string", "pattern": f"^{SIZE}$"}]}),
]
COLOUR = r"#[0-9a-fA-F]{6}"
ORIGIN = r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?"
DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
Colour = Annotated[
    str,
    AfterValidator(matching(COLOUR, "a colour, such as `#0b5fff`")),
    WithJsonSchema({"type": "string", "pattern": f"^{COLOUR}$"}),
]
Origin = Annotated[
    str,
    AfterValidator(matching(ORIGIN, "an origin, such as `https://app.example.org`")),
    WithJsonSchema({"type": "string", "pattern": f"^{ORIGIN}$"}),
]
Date = Annotated[
    str,
    AfterValidator(matching(DATE, "a date, such as `2030-12-31`")),
    WithJsonSchema({"type": "string", "pattern": f"^{DATE}$"}),
]
