"""The types of fields, inputs and settings, and the short form in which they are written.

``text(500)!``, ``int(0..100)``, ``decimal(10,2)``, ``money(EUR)``, ``image(5MB)``: a kind, what bounds it, and
``!`` for "required".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from archwright.diagnostics import did_you_mean

from .model import Problem
from .patterns import refusal
from .quantities import parse_size

LARGEST_INT = 2**53 - 1
MOST_DIGITS = 15  # scaled, so that every value fits 53 bits (JSON numbers) and a bigint
MOST_TEXT = 1_000_000

TEXTS = ("text", "slug", "email", "url", "phone", "markdown", "html")
NUMBERS = ("int", "decimal", "money")
FILES = ("file", "image")
PLAIN = ("bool", "date", "datetime", "duration", "uuid")
KINDS = (*TEXTS, *NUMBERS, *PLAIN, "json", *FILES)
"""The kinds that a type text may name; ``enum``, ``ref``, ``list``, ``many`` and ``reverse`` have keys of their own."""

_LENGTHS = {"slug": 100, "email": 254, "url": 2000, "phone": 32}
_OTHER_WORDS = {
    "string": "text(200)", "str": "text(200)", "varchar": "text(200)", "char": "text(1)", "integer": "int",
    "number": "decimal(12,2)", "float": "decimal(12,2)", "double": "decimal(12,2)", "boolean": "bool",
    "timestamp": "datetime", "time": "datetime", "interval": "duration", "id": "uuid", "currency": "money(EUR)",
    "object": "json", "blob": "file", "binary": "file", "picture": "image", "photo": "image", "link": "url",
    "enum": "{enum: [a, b]}", "ref": "{ref: Entity}", "list": "{list: text(40), max: 20}", "array": "{list: text(40)}",
    "many": "{many: Entity}", "reverse": "{reverse: Entity.field}",
}  # fmt: skip
# ISO 4217 minor units that are not two.
_SCALES = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),  # noqa: SIM905
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),  # noqa: SIM905
}
_TYPE = re.compile(r"\s*(?P<kind>[A-Za-z_]\w*)\s*(?:\((?P<arguments>[^()]*)\))?\s*(?P<required>!)?\s*")
_BOUNDS = re.compile(r"\s*(?P<low>-?[0-9]{1,17})?\s*\.\.\s*(?P<high>-?[0-9]{1,17})?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """What values are allowed.

    Attributes:
        kind: one of ``KINDS``, or ``enum``, ``list``, ``ref``, ``many``, ``reverse``, or ``inferred`` where the
            document leaves it to an expression or to the place where it is used.
        min: text: code points; list: items.
        max: text: code points; list: items; file, image, json: bytes.
        low: the least int, or the least decimal or money value in scaled units.
        high: the greatest one.
        entity: for ref, many and reverse.
        field: for reverse: the reference that points back.
    """

    kind: str
    min: int | None = None
    max: int | None = None
    low: int | None = None
    high: int | None = None
    digits: int | None = None
    scale: int | None = None
    currency: str | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    item: FieldType | None = None
    entity: str | None = None
    field: str | None = None
    media: tuple[str, ...] = ()
    on_delete: str | None = None


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A type, and whether a value must be given."""

    type: FieldType
    required: bool = False


def parse_type(text: str) -> FieldSpec | Problem:
    """Read the short form of a type.

    >>> parse_type("text(500)!")
    FieldSpec(type=FieldType(kind='text', max=500), required=True)
    """
    match = _TYPE.fullmatch(text) if len(text) <= 200 else None
    if match is None:
        return Problem(
            name="bad-type",
            message=f"`{text[:60]}` is not a type",
            expected="a type, such as `text(500)!` or `date`",
            found=f"`{text[:60]}`",
            hint=_broken(text),
        )
    kind, arguments = match["kind"], match["arguments"]
    if kind not in KINDS:
        return _unknown(kind, match.start("kind"))
    made = _make(kind, arguments)
    if isinstance(made, FieldType):
        return FieldSpec(made, match["required"] is not None)
    start = match.start("arguments") if arguments is not None else match.start("kind")
    return replace(made, start=start, length=max(1, len(arguments if arguments is not None else kind)))


def _broken(text: str) -> str | None:
    if text.count("(") != text.count(")"):
        return "close the bracket"
    if text.startswith(("{", "[")):
        return "write it without quotes"
    if text.endswith("?"):
        return "leave the `?` out: a field without `!` is optional"
    return None


def _unknown(kind: str, start: int) -> Problem:
    other = _OTHER_WORDS.get(kind.lower())
    hint = f"write `{other}`" if other else did_you_mean(kind, KINDS)
    return Problem(
        name="unknown-type",
        message=f"there is no type `{kind}`",
        expected="one of " + ", ".join(f"`{k}`" for k in KINDS),
        found=f"`{kind}`",
        hint=hint,
        start=start,
        length=len(kind),
    )


def _make(kind: str, arguments: str | None) -> FieldType | Problem:
    if arguments is None:
        return _without_bounds(kind)
    if kind in TEXTS:
        return _text(kind, arguments)
    match kind:
        case "int":
            return _int(arguments)
        case "decimal":
            return _decimal(arguments)
        case "money":
            return _money(arguments)
        case "json" | "file" | "image":
            return _bytes(kind, arguments)
        case _:
            return _argument(kind, f"`{kind}` without brackets", arguments)


def _without_bounds(kind: str) -> FieldType | Problem:
    if kind == "decimal":
        return Problem(
            name="bad-type", message="a decimal needs its digits", expected="`decimal(10,2)`", found="`decimal`"
        )
    if kind == "money":
        return Problem(name="bad-type", message="money needs its currency", expected="`money(EUR)`", found="`money`")
    return FieldType(kind=kind, max=_LENGTHS.get(kind))


def _argument(kind: str, expected: str, arguments: str) -> Problem:
    return Problem(
        name="bad-type",
        message=f"`{arguments}` does not bound `{kind}`",
        expected=expected,
        found=f"`{kind}({arguments})`",
    )


def _text(kind: str, arguments: str) -> FieldType | Problem:
    expected = f"a length, such as `{kind}(200)` or `{kind}(3..200)`, of at most {MOST_TEXT}"
    if arguments.strip().isdecimal() and arguments.isascii():
        low, high = None, int(arguments[:10])
    else:
        match = _BOUNDS.fullmatch(arguments)
        if match is None or match["high"] is None:
            return _argument(kind, expected, arguments)
        low, high = int(match["low"] or 0) or None, int(match["high"])
    if not 0 < high <= MOST_TEXT or not 0 <= (low or 0) <= high:
        return _argument(kind, expected, arguments)
    return FieldType(kind=kind, min=low, max=high)


def _int(arguments: str) -> FieldType | Problem:
    match = _BOUNDS.fullmatch(arguments)
    if match is None or (match["low"] is None and match["high"] is None):
        return _argument("int", "bounds, such as `int(0..100)` or `int(1..)`", arguments)
    low, high = (int(part) if part else None for part in (match["low"], match["high"]))
    if not -LARGEST_INT <= (low or 0) <= LARGEST_INT or not -LARGEST_INT <= (high or 0) <= LARGEST_INT:
        return _argument("int", f"bounds of at most {LARGEST_INT}", arguments)
    if low is not None and high is not None and low > high:
        return _argument("int", "bounds in order", arguments)
    return FieldType(kind="int", low=low, high=high)


def _decimal(arguments: str) -> FieldType | Problem:
    parts = [part.strip() for part in arguments.split(",")]
    if len(parts) == 2 and all(re.fullmatch("[0-9]{1,2}", part) for part in parts):
        digits, scale = int(parts[0]), int(parts[1])
        if 0 < digits <= MOST_DIGITS and scale <= digits:
            return FieldType(kind="decimal", digits=digits, scale=scale)
    expected = f"digits in all and after the point, such as `decimal(10,2)`, at most {MOST_DIGITS}"
    return _argument("decimal", expected, arguments)


def _money(arguments: str) -> FieldType | Problem:
    parts = [part.strip() for part in arguments.split(",")]
    currency = parts[0]
    if (
        not re.fullmatch("[A-Z]{3}", currency)
        or len(parts) > 2
        or not re.fullmatch("[0-6]", parts[-1] if parts[1:] else "0")
    ):
        return _argument("money", "a currency by its ISO 4217 code, such as `money(EUR)`", arguments)
    scale = int(parts[1]) if parts[1:] else _SCALES.get(currency, 2)
    return FieldType(kind="money", currency=currency, scale=scale, digits=MOST_DIGITS)


def _bytes(kind: str, arguments: str) -> FieldType | Problem:
    size = parse_size(arguments.strip())
    if size is None:
        return _argument(kind, f"a size, such as `{kind}(5MB)`", arguments)
    return FieldType(kind=kind, max=size)


def bound(made: FieldType, key: str, value: Any) -> FieldType | Problem:
    """Return a type narrowed by one of the keys ``min``, ``max``, ``pattern``."""
    if key == "pattern":
        return _patterned(made, value)
    if made.kind in (*TEXTS, "list"):
        return _counted(made, key, value)
    if made.kind in NUMBERS:
        return _ranged(made, key, value)
    if made.kind in (*FILES, "json") and key == "max":
        size = parse_size(value)
        return _unfit(made, key, "a size, such as `5MB`", value) if size is None else replace(made, max=size)
    return Problem(name="unknown-key", message=f"the type `{made.kind}` has no `{key}`", key=True)


def _patterned(made: FieldType, value: Any) -> FieldType | Problem:
    if made.kind not in ("text", "slug", "phone", "url", "email"):
        return Problem(name="unknown-key", message=f"the type `{made.kind}` has no `pattern`", key=True)
    why = refusal(value) if isinstance(value, str) else "it is not a text"
    if why is not None:
        return _unfit(made, "pattern", "a regular expression", value, hint=why)
    return replace(made, pattern=value)


def _counted(made: FieldType, key: str, value: Any) -> FieldType | Problem:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_TEXT:
        return _unfit(made, key, f"a whole number up to {MOST_TEXT}", value)
    narrowed = replace(made, min=value) if key == "min" else replace(made, max=value)
    if narrowed.max is not None and (narrowed.min or 0) > narrowed.max:
        return _unfit(made, key, "bounds in order", value)
    return narrowed


def _ranged(made: FieldType, key: str, value: Any) -> FieldType | Problem:
    scaled = scale(made, value)
    if scaled is None:
        return _unfit(made, key, f"a value of the type `{made.kind}`", value)
    narrowed = replace(made, low=scaled) if key == "min" else replace(made, high=scaled)
    if narrowed.low is not None and narrowed.high is not None and narrowed.low > narrowed.high:
        return _unfit(made, key, "bounds in order", value)
    return narrowed


def scale(made: FieldType, value: Any) -> int | None:
    """Return a number of a document in the exact stored form of a type, or nothing where it does not fit.

    >>> scale(FieldType(kind="money", currency="EUR", scale=2), "12.30")
    1230
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,16}(\.[0-9]{1,15})?", value):
        return None
    exact = Decimal(value).scaleb(made.scale or 0)
    if exact != exact.to_integral_value() or abs(exact) > LARGEST_INT:
        return None
    return int(exact)


def _unfit(made: FieldType, key: str, expected: str, value: Any, hint: str | None = None) -> Problem:
    return Problem(
        name="bad-value",
        message=f"`{key}` does not fit the type `{made.kind}`",
        expected=expected,
        found=f"`{value}`"[:80],
        hint=hint,
    )
