"""Values from the wire, one codec per type of the plan, compiled at start.

A codec has a fast and a thorough way to the same value:

* fast: msgspec decodes straight into ``annotation``, then ``finish`` (often absent) does what msgspec cannot say;
* thorough: ``from_json`` takes what any JSON reader gives, ``from_text`` what an address or a form gives, and each
  tells exactly what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Literal, TypeVar
from unicodedata import normalize

import msgspec
from msgspec import Meta

from ..operations.call import Upload
from ..operations.media import IMAGES, sniff, taken
from ..plan import OURS, Type, Wire
from . import formats
from .formats import Wrong

SAFE_INTEGER = 2**53 - 1
MAX_DEPTH = 32
_MAX_LENGTHS = {"slug": 200, "email": 254, "url": 2048, "phone": 32}
_DEFAULT_TEXT = 100_000
_DEFAULT_JSON = 65_536
_DEFAULT_ITEMS = 1_000
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_TRUE = frozenset({"true", "on", "1"})
_FALSE = frozenset({"false", "off", "0"})

Finish = Callable[[Any], Any]
_Day = TypeVar("_Day", bound=date)


@dataclass(frozen=True)
class Codec:
    """How values of one type come in.

    Attributes:
        annotation: the type that msgspec decodes.
        finish: what is left to do after msgspec accepted the value; raises ``Wrong``.
        from_json: a decoded JSON value; raises ``Wrong``.
        from_text: a value from an address or a form; raises ``Wrong``.
        nested: whether the JSON value may hold objects of its own.
    """

    annotation: Any
    finish: Finish | None
    from_json: Finish
    from_text: Callable[[str], Any]
    nested: bool = False


def codec(type_: Type, wire: Wire = OURS) -> Codec:
    """The codec of a type, for JSON as the plan says.

    Raises:
        ValueError: values of this type never come from outside.
    """
    kind = type_.kind
    if kind in ("text", "markdown", "html", "slug", "email", "url", "phone"):
        return _text(type_)
    if kind in ("decimal", "money") and wire.numbers:
        return _number(type_)
    if kind == "list":
        return _list(type_, wire)
    maker = _MAKERS.get(kind)
    if maker is None:
        raise ValueError(f"values of type {kind} never come from outside")
    return maker(type_)


def _text(type_: Type) -> Codec:
    least = type_.min or 0
    most = type_.max if type_.max is not None else _MAX_LENGTHS.get(type_.kind, _DEFAULT_TEXT)
    pattern = _pattern(type_.pattern)
    form = _FORMS.get(type_.kind)

    def check(value: str) -> str:
        if not value.isascii():
            value = normalize("NFC", value)
        if "\x00" in value:
            raise Wrong("format", "The text holds a NUL character.")
        if len(value) > most:
            raise Wrong("too-long", f"Use at most {most} characters.")
        if len(value) < least:
            raise Wrong("too-short", "Enter something here." if least == 1 else f"Use at least {least} characters.")
        if form is not None:
            value = form(value)
        if pattern is not None and not pattern.fullmatch(value):
            raise Wrong("pattern", "This does not have the expected form.")
        return value

    return _of_text(check)


def _of_text(check: Callable[[str], Any]) -> Codec:
    def from_json(value: Any) -> Any:
        if type(value) is not str:
            raise _type("text", value)
        return check(value)

    return Codec(str, check, from_json, check)


def _int(type_: Type) -> Codec:
    low = type_.low if type_.low is not None else -SAFE_INTEGER
    high = type_.high if type_.high is not None else SAFE_INTEGER

    def from_json(value: Any) -> int:
        if type(value) is not int:
            raise _type("whole number", value)
        return _within(value, low, high)

    def from_text(value: str) -> int:
        if not _INTEGER.fullmatch(value):
            raise Wrong("type", "Enter a whole number.")
        return _within(int(value), low, high)

    return Codec(Annotated[int, Meta(ge=low, le=high)], None, from_json, from_text)


def _within(value: int, low: int, high: int) -> int:
    if value < low:
        raise Wrong("range", f"Use {low} or more.")
    if value > high:
        raise Wrong("range", f"Use {high} or less.")
    return value


def _decimal(type_: Type) -> Codec:
    scale = type_.scale if type_.scale is not None else 2
    digits = type_.digits or 15
    pattern = formats.decimal(scale, digits)
    most = 10**digits - 1
    low = max(type_.low, -most) if type_.low is not None else -most
    high = min(type_.high, most) if type_.high is not None else most

    def check(value: str) -> int:
        amount = formats.scaled(value, pattern, scale)
        if not low <= amount <= high:
            least, greatest = formats.unscaled(low, scale), formats.unscaled(high, scale)
            raise Wrong("range", f"Use a number from {least} to {greatest}.")
        return amount

    return _of_text(check)


def _number(type_: Type) -> Codec:
    """A decimal as a JSON number; in an address or a form it is a text all the same."""
    text = _decimal(type_)

    def finish(value: Any) -> Any:
        return text.from_text(f"{value:f}")

    def from_json(value: Any) -> Any:
        return text.from_text(_exact(value))

    return Codec(Decimal, finish, from_json, text.from_text)


def _exact(value: Any) -> str:
    """A JSON number in plain digits; readers that made a float of it give its shortest text."""
    if type(value) is int:
        return str(value)
    if type(value) is float and isfinite(value):
        return f"{Decimal(repr(value)):f}"
    raise _type("number", value)


def _bool(type_: Type) -> Codec:
    def from_json(value: Any) -> bool:
        if type(value) is not bool:
            raise _type("true or false", value)
        return value

    def from_text(value: str) -> bool:
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise Wrong("type", "Use true or false.")

    return Codec(bool, None, from_json, from_text)


def _date(type_: Type) -> Codec:
    return _converted(date, "Enter a date such as 2026-03-31.", _in_range)


def _datetime(type_: Type) -> Codec:
    return _converted(Annotated[datetime, Meta(tz=True)], "Enter a time such as 2026-03-31T09:00:00Z.", _to_utc)


def _to_utc(value: datetime) -> datetime:
    try:
        return _in_range(value if value.tzinfo is UTC else value.astimezone(UTC))
    except OverflowError:
        raise Wrong("range", "The time is outside of the calendar.") from None


def _in_range(value: _Day) -> _Day:
    # Expressions count on it: what they add and subtract then stays within the calendar.
    if not 1000 <= value.year <= 8999:
        raise Wrong("range", "The year must lie between 1000 and 8999.")
    return value


def _converted(annotation: Any, message: str, finish: Finish | None) -> Codec:
    def from_text(value: str) -> Any:
        try:
            converted = msgspec.convert(value, annotation)
        except msgspec.ValidationError:
            raise Wrong("format", message) from None
        return converted if finish is None else finish(converted)

    def from_json(value: Any) -> Any:
        if type(value) is not str:
            raise _type("text", value)
        return from_text(value)

    return Codec(annotation, finish, from_json, from_text)


def _enum(type_: Type) -> Codec:
    values = frozenset(type_.values)
    shown = ", ".join(type_.values)

    def check(value: str) -> str:
        if value not in values:
            raise Wrong("choice", f"Use one of: {shown}.")
        return value

    plain = _of_text(check)
    return Codec(Literal[tuple(type_.values)], None, plain.from_json, check)


def _json(type_: Type) -> Codec:
    most = type_.max or _DEFAULT_JSON

    def check(value: Any) -> Any:
        _bound_depth(value, MAX_DEPTH)
        if len(msgspec.json.encode(value)) > most:
            raise Wrong("too-long", f"Use at most {most} bytes of JSON.")
        return value

    def from_text(value: str) -> Any:
        try:
            return check(msgspec.json.decode(value))
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            raise Wrong("format", "This is not JSON.") from None

    return Codec(Any, check, check, from_text, nested=True)


def _bound_depth(value: Any, left: int) -> None:
    if isinstance(value, dict):
        if not left:
            raise Wrong("too-deep", f"Nest at most {MAX_DEPTH} levels.")
        for name, member in value.items():
            if "\x00" in name:
                raise Wrong("format", "The text holds a NUL character.")
            _bound_depth(member, left - 1)
    elif isinstance(value, list):
        if not left:
            raise Wrong("too-deep", f"Nest at most {MAX_DEPTH} levels.")
        for member in value:
            _bound_depth(member, left - 1)
    elif isinstance(value, str) and "\x00" in value:
        raise Wrong("format", "The text holds a NUL character.")


def _list(type_: Type, wire: Wire) -> Codec:
    item = codec(type_.item or Type(kind="text", max=_DEFAULT_TEXT), wire)
    least = type_.min or 0
    most = type_.max if type_.max is not None else _DEFAULT_ITEMS

    def count(values: list[Any]) -> None:
        if len(values) > most:
            raise Wrong("too-long", f"Use at most {most} entries.")
        if len(values) < least:
            raise Wrong("too-short", f"Use at least {least} entries.")

    def each(read: Finish, values: list[Any]) -> list[Any]:
        count(values)
        made = []
        for index, value in enumerate(values):
            try:
                made.append(read(value))
            except Wrong as wrong:
                raise Wrong(wrong.code, wrong.message, f"/{index}{wrong.path}") from None
        return made

    def finish(values: list[Any]) -> list[Any]:
        return each(item.finish, values) if item.finish is not None else values

    def from_json(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _type("list", value)
        return each(item.from_json, value)

    def from_text(value: str) -> list[Any]:
        return each(item.from_text, [part.strip() for part in value.split(",")] if value.strip() else [])

    annotation = Annotated[list[item.annotation], Meta(min_length=least, max_length=most)]  # type: ignore[name-defined]
    return Codec(annotation, finish if item.finish is not None else None, from_json, from_text, item.nested)


def _file(type_: Type) -> Codec:
    def refuse(value: Any) -> Any:
        raise Wrong("type", "A file is sent as multipart/form-data.")

    return Codec(Any, refuse, refuse, refuse)


def upload(type_: Type, sent: Upload) -> Upload:
    """A file as it came, held against its type.

    Raises:
        Wrong: it is too large, empty, or of another media type.
    """
    if type_.max is not None and sent.size > type_.max:
        raise Wrong("too-long", f"A file may have at most {type_.max} bytes.")
    if sent.size < (type_.min or 0):
        raise Wrong("too-short", "The file is too small.")
    media = sniff(sent.head, sent.media)
    if type_.kind == "image" and media not in IMAGES:
        raise Wrong("media", "Send a picture: PNG, JPEG, GIF, WebP or AVIF.")
    if not taken(type_, media):
        raise Wrong("media", f"Send one of: {', '.join(type_.media)}.")
    return Upload(sent.name, media, sent.content)


def _uuid(type_: Type) -> Codec:
    return _of_text(formats.uuid)


def _ref(type_: Type) -> Codec:
    return _of_text(formats.reference)


def _duration(type_: Type) -> Codec:
    return _of_text(formats.duration)


def _pattern(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    # Always the whole text, as the language says; classes are ASCII, as in JSON Schema (ECMA-262).
    return re.compile(pattern, re.ASCII)


def _type(expected: str, found: Any) -> Wrong:
    names = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a decimal number",
        list: "a list",
        dict: "an object",
    }
    return Wrong("type", f"Expected {expected}, found {names.get(type(found), 'null')}.")


_NAMES: dict[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a decimal number",
    list: "a list",
    dict: "an object",
}
_FORMS: dict[str, Callable[[str], str]] = {
    "slug": formats.slug,
    "email": formats.email,
    "url": formats.url,
    "phone": formats.phone,
}
_MAKERS: dict[str, Callable[[Type], Codec]] = {
    "int": _int,
    "decimal": _decimal,
    "money": _decimal,
    "bool": _bool,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
    "uuid": _uuid,
    "enum": _enum,
    "json": _json,
    "file": _file,
    "image": _file,
    "ref": _ref,
}
