"""Whether a value may stand where a type is expected, and how it is brought into its stored form."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from . import arithmetic, functions
from .comparison import allowed_words
from .literals import InvalidLiteral, read_decimal, read_uuid, scale_of, scaled
from .syntax import Node
from .types import NUMBER_KINDS, TEXT_KINDS, Type
from .value import FAILED, Value, literal, tree

if TYPE_CHECKING:
    from .check import Checker


def fit(checker: Checker, value: Value, expected: Type, node: Node) -> Value:
    """The value in the stored form of the expected type; reports a problem where it can never fit.

    A value may still lie outside of the type's bounds: the write tests those. What is refused here is another kind,
    other units, digits that would be lost, words that an enum does not have, and absence where presence is expected.
    """
    if value.type.kind == "null":
        return literal(None, expected) if expected.optional else _absent(checker, node, expected)
    if value.type.optional and not expected.optional:
        return _absent(checker, node, expected, value)
    if value.constant and checker.expression.constant:
        value = _constant(checker, value, expected, node)
        if value.unknown:
            return value
    fitted = _convert(checker, value, expected, node)
    if fitted is not None:
        return fitted
    message = f"this is {value.type}, which does not fit here"
    return checker.problem("type-mismatch", node, message, expected=str(expected), found=str(value.type))


def _absent(checker: Checker, node: Node, expected: Type, value: Value | None = None) -> Value:
    if value is not None and expected.kind == "bool" == value.type.kind:
        checker.needs_present(value, node, "a condition")
        return FAILED
    return checker.problem(
        "absent-value", node, f"`{checker.text(node)}` may be absent, and a value is needed here",
        expected=str(expected), found=str(value.type) if value else "null",
        hint="give a value for that case, as in `x != null ? x : ...`",
    )  # fmt: skip


def _constant(checker: Checker, value: Value, expected: Type, node: Node) -> Value:
    """A plain value of the document, read as what is expected: ``default: 2026-01-31`` for a date."""
    stored = value.node.get("value")
    try:
        if isinstance(stored, str) and value.type.kind == "text":
            return _from_text(stored, expected) or value
        if expected.kind == "money" and value.type.kind in ("int", "decimal"):
            return replace(value, type=replace(value.type, kind="money", currency=expected.currency))
    except InvalidLiteral as error:
        return checker.problem("invalid-constant", node, f"`{stored}` is not a valid {expected.kind}", hint=str(error))
    return value


def _from_text(text: str, expected: Type) -> Value | None:
    match expected.kind:
        case "date":
            return functions.date_value(text)
        case "datetime":
            return functions.datetime_value(text)
        case "duration":
            return functions.duration_value(text)
        case "uuid":
            return literal(read_uuid(text), Type.uuid())
        case "decimal" | "money":
            number = read_decimal(text)
            return literal(_stored(number), _amount_type(number, expected))
        case _:
            return None


def _stored(number: Decimal) -> int:
    stored = scaled(number, scale_of(number))
    assert stored is not None
    return stored


def _amount_type(number: Decimal, expected: Type) -> Type:
    stored = _stored(number)
    return Type(expected.kind, scale=scale_of(number), currency=expected.currency, low=stored, high=stored)


def _convert(checker: Checker, value: Value, expected: Type, node: Node) -> Value | None:
    kind = value.type.kind
    if kind in NUMBER_KINDS and expected.kind in NUMBER_KINDS:
        return _number(checker, value, expected, node)
    if expected.kind == "enum" and (kind == "enum" or kind in TEXT_KINDS):
        words = value.type.values
        if not words:
            return None
        return value if allowed_words(checker, node, words, expected) else FAILED
    if expected.kind in TEXT_KINDS and (kind in TEXT_KINDS or kind in ("enum", "uuid")):
        return value
    if kind == "row" and expected.kind == "ref" and value.type.entity == expected.entity:
        type = Type.ref(value.type.entity or "").maybe(value.type.optional)
        raw = tree("field", type, value.raw_optional, of=value.node, field="id", entity=value.type.entity)
        return replace(value, node=raw, type=type)
    if kind == "list" and expected.kind == "list":
        if value.type.item is not None and value.type.item.optional and value.type.item.kind != "null":
            return _absent(checker, node, expected, value)
        return value if _items_fit(value, expected) else None
    if kind == "image" and expected.kind == "file":
        return value
    if expected.kind == "json":
        return value if kind not in ("row", "rows", "record") else None
    if kind != expected.kind or value.type.entity != expected.entity:
        return None
    return value


def _items_fit(value: Value, expected: Type) -> bool:
    own, wanted = value.type.item, expected.item
    if own is None or wanted is None or own.kind == "null":
        return True
    if own.kind in TEXT_KINDS and wanted.kind in TEXT_KINDS:
        return True
    if own.kind == "image" and wanted.kind == "file":
        return True
    if wanted.kind == "enum":
        return bool(own.values) and set(own.values) <= set(wanted.values)
    return (own.kind, own.scale or 0, own.currency, own.entity) == (
        wanted.kind, wanted.scale or 0, wanted.currency, wanted.entity
    )  # fmt: skip


def _number(checker: Checker, value: Value, expected: Type, node: Node) -> Value | None:
    if (value.type.kind == "money") != (expected.kind == "money") or value.type.currency != expected.currency:
        return None
    wanted, own = expected.scale or 0, value.type.scale or 0
    if expected.kind == "int" and value.type.kind != "int":
        return None
    if own > wanted:
        return None
    if own < wanted:
        return arithmetic.rescale(checker, node, value, wanted)
    return replace(value, type=replace(value.type, kind=expected.kind))
