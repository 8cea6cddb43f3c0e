"""Functions over lists, loops over their items, and ``orValue`` for what may be absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from . import arithmetic, comparison
from .library import Function, apply, items_of, taken, wrong
from .ranges import INT64, SIZE_MAX
from .syntax import Call, Conditional, Name, Node
from .types import NUMBER_KINDS, ORDERED_KINDS, Type
from .value import FAILED, Tree, Value, decide, derive, literal, rows_of, tree

if TYPE_CHECKING:
    from .check import Checker


def _or_value(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    """``x.orValue(y)``: the value, or another one where it is absent."""
    if len(arguments) != 2:
        return checker.problem("arguments", node, "`orValue` takes the value that stands in", expected="1")
    value, other = checker.visit(arguments[0]), checker.visit(arguments[1])
    if value.unknown or other.unknown:
        return FAILED
    if value.type.kind in ("null", "row", "rows", "record"):
        return wrong(checker, arguments[0], node.function, "a value that may be absent", value.type)
    pair = Conditional(arguments[0], arguments[0], arguments[1], node.start, node.end)
    unified = comparison.unify(checker, pair, replace(value, type=value.type.maybe(False)), other)
    if unified is None:
        return FAILED
    then, otherwise, type = unified
    raw = tree("apply", type, otherwise.raw_optional, function="orValue", args=[then.node, otherwise.node])
    whole = then.whole_days and otherwise.whole_days
    return Value(raw, type.maybe(other.type.optional), rows=rows_of((value, other)), whole_days=whole)


# -- lists -------------------------------------------------------------------------------------------------------


def _at(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
    values = taken(checker, node, arguments, 2)
    if values is None:
        return FAILED
    item = items_of(checker, node, arguments[0], values[0])
    if item is None:
        return FAILED
    if values[1].type.kind != "int":
        return wrong(checker, arguments[1], node.function, "a whole number", values[1].type)
    return apply("at", item, values, absent=True)


def _end(name: str) -> Function:
    def function(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
        values = taken(checker, node, arguments, 1)
        item = items_of(checker, node, arguments[0], values[0]) if values is not None else None
        return FAILED if values is None or item is None else apply(name, item, values, absent=True)

    return function


def _of_items(checker: Checker, node: Call, over: Value) -> Type | None:
    """The type of the items that a function without arguments is about; None where a problem was reported."""
    assert node.receiver is not None
    if node.arguments:
        checker.problem("arguments", node, f"`{node.function}` of a list takes no arguments", expected="0")
        return None
    if not checker.needs_present(over, node.receiver, f"`{node.function}`"):
        return None
    return items_of(checker, node, node.receiver, over)


def _least_or_most(checker: Checker, node: Call, over: Value) -> Value:
    item = _of_items(checker, node, over)
    if item is None:
        return FAILED
    if item.kind not in ORDERED_KINDS:
        assert node.receiver is not None
        return wrong(checker, node.receiver, node.function, "a list of what has an order", over.type)
    return apply(node.function, item, (over,), absent=True)


def _sum(checker: Checker, node: Call, over: Value) -> Value:
    item = _of_items(checker, node, over)
    if item is None:
        return FAILED
    if item.kind not in NUMBER_KINDS | {"duration"}:
        assert node.receiver is not None
        return wrong(checker, node.receiver, node.function, "a list of numbers", over.type)
    count = SIZE_MAX if over.type.max is None else over.type.max
    low = count * min(0, INT64[0] if item.low is None else item.low)
    high = count * max(0, INT64[1] if item.high is None else item.high)
    made = Type(item.kind, scale=item.scale, currency=item.currency)
    return arithmetic.bounded(checker, node, apply("sum", made, (over,)), low, high)


def _rearranged(name: str) -> Function:
    def function(checker: Checker, node: Call, arguments: tuple[Node, ...]) -> Value:
        values = taken(checker, node, arguments, 1)
        item = items_of(checker, node, arguments[0], values[0]) if values is not None else None
        if values is None or item is None:
            return FAILED
        if name == "sort" and item.kind == "bool":
            return wrong(checker, arguments[0], node.function, "a list of simple values", values[0].type)
        return apply(name, values[0].type, values)

    return function


# -- loops over the items of a list --------------------------------------------------------------------------------


def over_items(checker: Checker, node: Call, over: Value) -> Value:
    """``list.map(x, value)``, ``list.filter(x, condition)``, and ``exists`` and ``all`` over a list."""
    assert node.receiver is not None
    name = node.function
    if len(node.arguments) != 2 or not isinstance(node.arguments[0], Name):
        hint = f"as in `{checker.text(node.receiver)}.{name}(x, x != ...)`"
        return checker.problem("arguments", node, f"`{name}` takes a name and what is asked of each item", hint=hint)
    variable, body = node.arguments
    assert isinstance(variable, Name)
    if variable.name in checker.scope.names or variable.name in checker.variables:
        return checker.problem("shadowed-name", variable, f"the name `{variable.name}` is taken",
                               hint="choose another one for the item")  # fmt: skip
    if not checker.needs_present(over, node.receiver, f"`{name}`"):
        return FAILED
    item = items_of(checker, node, node.receiver, over)
    if item is None:
        return FAILED
    checker.variables[variable.name] = Value(tree("name", item, False, name=variable.name), item)
    try:
        if name == "map":
            inner = checker.visit(body)
        else:
            with checker.deciding():
                inner = checker.condition(body, f"`{name}`")
    finally:
        del checker.variables[variable.name]
    if inner.unknown:
        return inner
    return _loop(checker, node, over, variable, inner)


def _loop(checker: Checker, node: Call, over: Value, variable: Name, inner: Value) -> Value:
    name = node.function
    if _asks_database(checker, (over, inner)):
        return checker.problem(
            "mixed-rows", node, f"`{name}` over the items of a list is not computed by the database",
            hint="use `in`, `size`, `sort`, `distinct`, `first` or an index; or compute it in a step",
        )  # fmt: skip
    if name == "map" and (inner.type.optional or inner.type.kind not in comparison.ITEM_KINDS):
        return checker.problem(
            "type-mismatch", node.arguments[1], f"a list does not hold {inner.type}", found=str(inner.type)
        )
    shared = {"over": over.node, "var": variable.name}
    most = over.type.max
    if name == "map":
        made = Type.list(inner.type, most)
        return derive("map", made, (over, inner), **shared, value=inner.node)
    if name == "filter":
        return derive("filter", over.type, (over,), **shared, where=inner.node)
    found = derive("filter", over.type, (over,), **shared, where=inner.node)
    if name == "all":
        negated = decide("not", (inner,), value=inner.node)
        found = derive("filter", over.type, (over,), **shared, where=negated.node)
    size = derive("size", Type.int(0, SIZE_MAX if most is None else most), (found,), value=found.node)
    nothing = literal(0, Type.int(0, 0))
    return decide("compare", (size, nothing), operator=">" if name == "exists" else "==", left=size.node,
                  right=nothing.node)  # fmt: skip


def _asks_database(checker: Checker, parts: tuple[Value, ...]) -> bool:
    """Whether a part is of a row in the statement, or reaches rows through references, which the statement reads."""
    if not checker.scope.database:
        return False
    return bool(rows_of(parts)) or any("entity" in node for part in parts for node in _nodes(part.node))


def _nodes(node: Tree) -> Iterator[Tree]:
    yield node
    for member in node.values():
        for part in member if isinstance(member, list) else (member,):
            if isinstance(part, dict) and "op" in part:
                yield from _nodes(part)


METHODS: dict[str, Function] = {
    "orValue": _or_value,
    "at": _at,
    "first": _end("first"),
    "last": _end("last"),
    "sort": _rearranged("sort"),
    "distinct": _rearranged("distinct"),
}
OVER_LISTS: dict[str, Callable[[Checker, Call, Value], Value]] = {
    **dict.fromkeys(("map", "filter", "exists", "all"), over_items),
    **dict.fromkeys(("min", "max"), _least_or_most),
    "sum": _sum,
}
"""Functions that are other ones where they stand behind a relation."""
