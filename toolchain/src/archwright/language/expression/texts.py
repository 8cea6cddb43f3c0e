"""Functions over text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..patterns import LONGEST_REPEAT, refusal, repeats
from .library import ITEMS_MAX, TEXT_MAX, Function, apply, bounded_text, constant_text, items_of, taken, wrong
from .ranges import SIZE_MAX
from .syntax import Call, Node
from .types import Type
from .value import FAILED, Value, decide, literal

if TYPE_CHECKING:
    from .check import Checker


def _same_length(name: str) -> Function:
    def function(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
        values = taken(checker, node, arguments, 1)
        if values is None:
            return FAILED
        if not values[0].type.is_text:
            return wrong(checker, arguments[0], node.function, "text", values[0].type)
        return apply(name, Type.text(values[0].type.max), values)

    return function


def _substring(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2, 3)
    if values is None:
        return FAILED
    if not values[0].type.is_text:
        return wrong(checker, arguments[0], node.function, "text", values[0].type)
    for value, where in zip(values[1:], arguments[1:], strict=True):
        if value.type.kind != "int":
            return wrong(checker, where, node.function, "whole numbers", value.type)
    most = values[0].type.max
    if len(values) == 3:
        longest = max(0, values[2].bounds[1] - max(0, values[1].bounds[0]))
        most = longest if most is None else min(most, longest)
    else:
        values = (*values, literal(SIZE_MAX, Type.int(SIZE_MAX, SIZE_MAX)))
    return apply("substring", Type.text(most), values)


def _replace(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 3)
    if values is None:
        return FAILED
    for value, where in zip(values, arguments, strict=True):
        if not value.type.is_text:
            return wrong(checker, where, node.function, "text", value.type)
    own, new = values[0].type.max, values[2].type.max
    most = (TEXT_MAX if own is None else own) * max(1, TEXT_MAX if new is None else new)
    old = constant_text(arguments[1])
    if old and new is not None and new <= len(old):
        most = TEXT_MAX if own is None else own
    return bounded_text(checker, node, apply("replace", Type.text(most), values))


def _split(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2)
    if values is None:
        return FAILED
    if not values[0].type.is_text:
        return wrong(checker, arguments[0], node.function, "text", values[0].type)
    if not constant_text(arguments[1]):
        return checker.problem("arguments", arguments[1], "a text is split at a constant text that is not empty")
    most = values[0].type.max
    if most is None or most >= ITEMS_MAX:
        return bounded_text(checker, node, replace(values[0], type=Type.text(None)))
    return apply("split", Type.list(Type.text(most), most + 1), values)


def _join(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 1, 2)
    if values is None:
        return FAILED
    item = items_of(checker, node, arguments[0], values[0])
    if item is None:
        return FAILED
    if not item.is_text and item.kind not in ("enum", "null"):
        return wrong(checker, arguments[0], node.function, "a list of texts", values[0].type)
    if len(values) == 1:
        values = (*values, literal("", Type.text(0)))
    elif not values[1].type.is_text:
        return wrong(checker, arguments[1], node.function, "a text between the items", values[1].type)
    count = TEXT_MAX if values[0].type.max is None else values[0].type.max
    longest = max(map(len, item.values), default=0) if item.kind == "enum" else item.max
    between = TEXT_MAX if values[1].type.max is None else values[1].type.max
    most = count * ((TEXT_MAX if longest is None else longest) + between)
    return bounded_text(checker, node, apply("join", Type.text(most), values))


def _index_of(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2)
    if values is None:
        return FAILED
    for value, where in zip(values, arguments, strict=True):
        if not value.type.is_text:
            return wrong(checker, where, node.function, "text", value.type)
    most = SIZE_MAX if values[0].type.max is None else values[0].type.max
    return apply("indexOf", Type.int(-1, most), values)


def _matches(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2)
    if values is None:
        return FAILED
    if not values[0].type.is_text:
        return wrong(checker, arguments[0], node.function, "text", values[0].type)
    pattern = constant_text(arguments[1])
    if pattern is None:
        return checker.problem(
            "arguments", arguments[1], "`matches` takes a constant pattern", hint="as in `'^[a-z]+'`"
        )
    why = refusal(pattern) or ("a boundary `\\b` is not shared by all readers" if "\\b" in pattern.lower() else None)
    if why is None and repeats(pattern) > LONGEST_REPEAT:
        why = f"a repetition counts to at most {LONGEST_REPEAT}"
    if why is not None:
        return checker.problem("invalid-constant", arguments[1], f"`{pattern}` is no pattern here", hint=why)
    return decide("search", values, mode="matches", value=values[0].node, part=values[1].node)


METHODS: dict[str, Function] = {
    "lowerAscii": _same_length("lowerAscii"),
    "upperAscii": _same_length("upperAscii"),
    "trim": _same_length("trim"),
    "substring": _substring,
    "replace": _replace,
    "split": _split,
    "join": _join,
    "indexOf": _index_of,
    "matches": _matches,
}
