"""What the functions of expressions have in common: how they are applied, and what their arguments must be.

The rules:

* Every function is total: an index that misses gives an absent value, a divisor is never zero, a text stays bounded.
* What the databases compute exactly as Python does may stand anywhere. ``map``, ``filter``, ``exists`` and ``all`` over
  the items of a list run in Python alone, so they take values that are at hand before the statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import comparison
from .syntax import Call, Literal, Node
from .types import Type
from .value import Value, rows_of, tree

if TYPE_CHECKING:
    from .check import Checker

Function = Callable[["Checker", Call, tuple[Node, ...]], Value]
TEXT_MAX = 1_000_000
"""The longest text that a function may make."""
ITEMS_MAX = 100_000
"""The longest list that a text may be split into."""


def apply(function: str, type: Type, parts: tuple[Value, ...], *, absent: bool = False) -> Value:
    """A function of the table applied to values; ``absent``: it may have no result although all are there."""
    optional = absent or any(part.raw_optional for part in parts)
    node = tree("apply", type, optional, function=function, args=[part.node for part in parts])
    return Value(node, type.maybe(absent), rows=rows_of(parts))


def taken(checker: Checker, node: Call, arguments: tuple[Node, ...], *counts: int) -> tuple[Value, ...] | None:
    """The values of the arguments, all of them present; None where a problem was reported."""
    if len(arguments) not in counts:
        receiver = len(arguments) - len(node.arguments)
        takes = " or ".join(str(count - receiver) for count in counts)
        checker.problem(
            "arguments", node, f"`{node.function}` takes {takes} argument{'' if takes == '1' else 's'}",
            expected=takes, found=str(len(node.arguments)),
        )  # fmt: skip
        return None
    values = tuple(checker.visit(argument) for argument in arguments)
    if any(value.unknown for value in values):
        return None
    there = [
        checker.needs_present(value, where, f"`{node.function}`")
        for value, where in zip(values, arguments, strict=True)
    ]
    return values if all(there) else None


def wrong(checker: Checker, where: Node, name: str, expected: str, found: Type, hint: str | None = None) -> Value:
    return checker.problem(
        "type-mismatch", where, f"`{name}` takes {expected}", expected=expected, found=str(found), hint=hint
    )


def constant_text(node: Node) -> str | None:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def bounded_text(checker: Checker, node: Node, value: Value) -> Value:
    if value.type.max is not None and value.type.max <= TEXT_MAX:
        return value
    return checker.problem(
        "overflow", node, f"the text of `{checker.text(node)}` can become too long",
        expected=f"at most {TEXT_MAX} characters", hint="give the fields a `max`, as in `text(200)`",
    )  # fmt: skip


def items_of(checker: Checker, node: Call, where: Node, value: Value) -> Type | None:
    """The type of a list's items, all of them present; None where a problem was reported."""
    if value.type.kind != "list":
        hint = "read the rows in a step" if value.type.kind == "rows" else None
        wrong(checker, where, node.function, "a list", value.type, hint)
        return None
    item = value.type.item or Type.null()
    if item.optional and item.kind != "null":
        checker.problem("absent-value", where, f"an item of `{checker.text(where)}` may be absent")
        return None
    if item.kind not in comparison.ITEM_KINDS | {"null"}:
        wrong(checker, where, node.function, "a list of simple values", value.type)
        return None
    return item
