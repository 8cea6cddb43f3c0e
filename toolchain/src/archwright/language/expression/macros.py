"""``exists``, ``all`` and ``count`` over relations; ``count``, ``sum``, ``min``, ``max`` and ``avg`` over groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .arithmetic import bounded
from .ranges import INT64, SIZE_MAX, SUM_MAX
from .syntax import Call, Literal, Name, Node
from .types import NUMBER_KINDS, ORDERED_KINDS, Type
from .value import NOTHING, Value, derive, rows_of, tree

if TYPE_CHECKING:
    from .check import Checker

MACROS = ("exists", "all", "count")
AGGREGATES = ("count", "sum", "min", "max", "avg")
AVERAGE_SCALE = 2
"""Digits behind the point of an average that states none."""


def over_rows(checker: Checker, node: Call) -> Value:
    """``rows.exists(x, condition)`` and its like."""
    assert node.receiver is not None
    over = checker.visit(node.receiver)
    if over.unknown:
        return over
    if over.type.kind != "rows":
        hint = "test membership with `x in list`" if over.type.kind == "list" else None
        return checker.problem(
            "type-mismatch", node.receiver, f"`{node.function}` runs over the rows of a relation",
            expected="relation", found=str(over.type), hint=hint,
        )  # fmt: skip
    if len(node.arguments) != 2 or not isinstance(node.arguments[0], Name):
        hint = f"as in `{checker.text(node.receiver)}.{node.function}(x, x.field == ...)`"
        return checker.problem("arguments", node, f"`{node.function}` takes a name and a condition", hint=hint)
    variable, body = node.arguments[0], node.arguments[1]
    if variable.name in checker.scope.names or variable.name in checker.variables:
        message = f"the name `{variable.name}` is taken"
        return checker.problem("shadowed-name", variable, message, hint="choose another one for the row")
    checker.followed(over)
    return _body(checker, node, over, variable, body)


def _body(checker: Checker, node: Call, over: Value, variable: Name, body: Node) -> Value:
    entity = over.type.entity or ""
    rows = over.rows
    checker.variables[variable.name] = Value(
        tree("name", Type.row(entity), False, name=variable.name), Type.row(entity), (variable.name,), rows=rows
    )
    if over.path is not None:
        checker.origins[variable.name] = checker.origin(over.path)
    loops = checker.value_loops
    if not rows and "entity" not in over.node:
        checker.value_loops = loops | {variable.name}
    try:
        with checker.deciding():
            condition = checker.condition(body, f"`{node.function}`")
    finally:
        del checker.variables[variable.name]
        checker.value_loops = loops
    if condition.unknown:
        return condition
    if not rows and condition.rows and "entity" not in over.node:
        name = checker.text(node.receiver or node)
        message = f"the rows of `{name}` are not in the database, but the condition is about rows that are"
        return checker.problem("mixed-rows", node, message, hint="require it in a step of its own")
    type = Type.int(0, SIZE_MAX) if node.function == "count" else Type.bool()
    members = {"over": over.node, "var": variable.name, "entity": entity, "where": condition.node}
    return Value(tree(node.function, type, False, **members), type, rows=rows_of((over, condition)))


# -- aggregates --------------------------------------------------------------------------------------------------


def aggregate(checker: Checker, node: Call) -> Value:
    """An aggregate over the rows of a group."""
    if checker.in_aggregate or checker.variables:
        return checker.problem("aggregate", node, "an aggregate cannot stand inside another one or inside a relation")
    facts, checker.facts, checker.in_aggregate = checker.facts, NOTHING, True
    try:
        return _count(checker, node) if node.function == "count" else _of_values(checker, node)
    finally:
        checker.facts, checker.in_aggregate = facts, False


def _count(checker: Checker, node: Call) -> Value:
    type = Type.int(0, SIZE_MAX)
    this = frozenset({"this"}) & checker.scope.database
    if not node.arguments:
        checker.record(("this",), checker.scope.names["this"].entity, None, node)
        return Value(tree("aggregate", type, False, function="count"), type, rows=this)
    if len(node.arguments) > 1:
        return checker.problem("arguments", node, "`count` takes at most one condition")
    with checker.deciding():
        condition = checker.condition(node.arguments[0], "`count`")
    if condition.unknown:
        return condition
    raw = tree("aggregate", type, False, function="count", where=condition.node)
    return Value(raw, type, rows=condition.rows | this)


def _of_values(checker: Checker, node: Call) -> Value:
    name = node.function
    if not (len(node.arguments) == 1 or (name == "avg" and len(node.arguments) == 2)):
        return checker.problem("arguments", node, f"`{name}` takes one value", hint=f"as in `{name}(this.amount)`")
    value = checker.visit(node.arguments[0])
    if value.unknown:
        return value
    kinds = ORDERED_KINDS if name in ("min", "max") else NUMBER_KINDS | {"duration"}
    if value.type.kind not in kinds:
        message = f"`{name}` does not take {value.type}"
        return checker.problem("type-mismatch", node.arguments[0], message, found=str(value.type))
    if not value.rows & checker.scope.database:
        message = f"`{name}` takes a value of `this`"
        return checker.problem("aggregate", node, message, hint=f"as in `{name}(this.amount)`")
    if name == "sum":
        return _sum(value)
    if name == "avg":
        return _average(checker, node, value)
    optional = value.type.optional or not checker.scope.aggregates
    type = value.type.maybe(optional)
    return Value(tree("aggregate", type, _raw(checker, value), function=name, value=value.node), type, rows=value.rows)


def _raw(checker: Checker, value: Value) -> bool:
    return value.raw_optional or not checker.scope.aggregates


def _sum(value: Value) -> Value:
    low, high = value.bounds
    limit = SUM_MAX if low >= -SUM_MAX and high <= SUM_MAX else INT64[1]
    bounds = (-limit if low < 0 else 0, limit if high > 0 else 0)
    type = replace(value.type.maybe(False), low=bounds[0], high=bounds[1], digits=None)
    raw = tree("aggregate", type, False, function="sum", value=value.node, limit=limit)
    return Value(raw, type, rows=value.rows)


def _average(checker: Checker, node: Call, value: Value) -> Value:
    own = value.type.scale or 0
    scale = max(own, AVERAGE_SCALE) if value.type.kind == "int" else own
    if len(node.arguments) == 2:
        digits = node.arguments[1]
        if not isinstance(digits, Literal) or type(digits.value) is not int or not own <= digits.value <= 12:
            message = "the second argument of `avg` is the number of digits behind the point"
            return checker.problem("arguments", digits, message, expected=f"{own} to 12", found=checker.text(digits))
        if value.type.kind in ("money", "duration"):
            return checker.problem("arguments", digits, f"an average of {value.type.kind} keeps its digits")
        scale = digits.value
    kind = "decimal" if value.type.kind == "int" else value.type.kind
    optional = value.type.optional or not checker.scope.aggregates
    result = Type(kind, optional, scale=scale if kind != "duration" else None, currency=value.type.currency)
    members = {"function": "avg", "value": value.node, "by": scale - own}
    typed = Value(tree("aggregate", result, _raw(checker, value), **members), result, rows=value.rows)
    low, high = (bound * 10 ** (scale - own) for bound in value.bounds)
    return bounded(checker, node, typed, low, high)


__all__ = ["AGGREGATES", "MACROS", "aggregate", "derive", "over_rows"]
