"""What many rows say together, those of a relation or of a group; ``exists`` and ``all`` over relations only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from .arithmetic import bounded
from .ranges import INT64, SIZE_MAX, SUM_MAX
from .syntax import Call, Literal, Name, Node
from .types import NUMBER_KINDS, ORDERED_KINDS, Type
from .value import NOTHING, Value, derive, rows_of, tree

if TYPE_CHECKING:
    from .check import Checker

FOLDS = ("sum", "min", "max", "avg")
MACROS = ("exists", "all", "count", *FOLDS)
AGGREGATES = ("count", "sum", "min", "max", "avg")
_Build = Callable[..., dict[str, Any]]
"""Makes the node of an aggregate from its type, whether it is absent, and its members."""
AVERAGE_SCALE = 2
"""Digits behind the point of an average that states none."""


def over_rows(checker: Checker, node: Call, over: Value) -> Value:
    """``rows.exists(x, condition)`` and its like."""
    assert node.receiver is not None
    if over.type.kind != "rows":
        hint = "test membership with `x in list`" if over.type.kind == "list" else None
        return checker.problem(
            "type-mismatch", node.receiver, f"`{node.function}` runs over the rows of a relation",
            expected="relation", found=str(over.type), hint=hint,
        )  # fmt: skip
    most = 3 if node.function == "avg" else 2
    if not 2 <= len(node.arguments) <= most or not isinstance(node.arguments[0], Name):
        what, example = ("value", "x.field") if node.function in FOLDS else ("condition", "x.field == ...")
        hint = f"as in `{checker.text(node.receiver)}.{node.function}(x, {example})`"
        return checker.problem("arguments", node, f"`{node.function}` takes a name and a {what}", hint=hint)
    variable, body = node.arguments[0], node.arguments[1]
    if variable.name in checker.scope.names or variable.name in checker.variables:
        message = f"the name `{variable.name}` is taken"
        return checker.problem("shadowed-name", variable, message, hint="choose another one for the row")
    checker.followed(over)
    make = _folded if node.function in FOLDS else _decided
    return make(checker, node, over, variable, body)


@contextmanager
def _row(checker: Checker, over: Value, variable: Name) -> Iterator[None]:
    """Within it the name stands for one of the rows."""
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
        yield
    finally:
        del checker.variables[variable.name]
        checker.value_loops = loops


def _mixed(checker: Checker, node: Call, over: Value, inside: Value) -> Value | None:
    if over.rows or not inside.rows or "entity" in over.node:
        return None
    name = checker.text(node.receiver or node)
    what = "value" if node.function in FOLDS else "condition"
    message = f"the rows of `{name}` are not in the database, but the {what} is about rows that are"
    return checker.problem("mixed-rows", node, message, hint="require it in a step of its own")


def _folded(checker: Checker, node: Call, over: Value, variable: Name, body: Node) -> Value:
    with _row(checker, over, variable):
        value = checker.visit(body)
    if value.unknown:
        return value
    mixed = _mixed(checker, node, over, value)
    if mixed is not None:
        return mixed
    members = {"over": over.node, "var": variable.name, "entity": over.type.entity or ""}
    build: _Build = partial(tree, "fold", **members)
    made = _combined(checker, node, value, node.arguments[1:], build, optional=True)
    return made if made.unknown else replace(made, rows=rows_of((over, value)))


def _decided(checker: Checker, node: Call, over: Value, variable: Name, body: Node) -> Value:
    entity = over.type.entity or ""
    with _row(checker, over, variable), checker.deciding():
        condition = checker.condition(body, f"`{node.function}`")
    if condition.unknown:
        return condition
    mixed = _mixed(checker, node, over, condition)
    if mixed is not None:
        return mixed
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
    if not value.rows & checker.scope.database:
        message = f"`{name}` takes a value of `this`"
        return checker.problem("aggregate", node, message, hint=f"as in `{name}(this.amount)`")
    optional = not checker.scope.aggregates
    return _combined(checker, node, value, node.arguments, partial(tree, "aggregate"), optional=optional)


def _combined(
    checker: Checker, node: Call, value: Value, arguments: tuple[Node, ...], build: _Build, *, optional: bool
) -> Value:
    """Many values as one; ``optional``: there may be none of them."""
    name = node.function
    kinds = ORDERED_KINDS if name in ("min", "max") else NUMBER_KINDS | {"duration"}
    if value.type.kind not in kinds:
        message = f"`{name}` does not take {value.type}"
        return checker.problem("type-mismatch", arguments[0], message, found=str(value.type))
    if name == "sum":
        return _sum(value, build)
    if name == "avg":
        return _average(checker, node, value, arguments, build, optional=optional)
    type = value.type.maybe(value.type.optional or optional)
    raw = build(type, value.raw_optional or optional, function=name, value=value.node)
    return Value(raw, type, rows=value.rows)


def _sum(value: Value, build: _Build) -> Value:
    low, high = value.bounds
    limit = SUM_MAX if low >= -SUM_MAX and high <= SUM_MAX else INT64[1]
    bounds = (-limit if low < 0 else 0, limit if high > 0 else 0)
    type = replace(value.type.maybe(False), low=bounds[0], high=bounds[1], digits=None)
    return Value(build(type, False, function="sum", value=value.node, limit=limit), type, rows=value.rows)


def _average(
    checker: Checker, node: Call, value: Value, arguments: tuple[Node, ...], build: _Build, *, optional: bool
) -> Value:
    own = value.type.scale or 0
    scale = max(own, AVERAGE_SCALE) if value.type.kind == "int" else own
    if len(arguments) == 2:
        digits = arguments[1]
        if not isinstance(digits, Literal) or type(digits.value) is not int or not own <= digits.value <= 12:
            message = "the second argument of `avg` is the number of digits behind the point"
            return checker.problem("arguments", digits, message, expected=f"{own} to 12", found=checker.text(digits))
        if value.type.kind in ("money", "duration"):
            return checker.problem("arguments", digits, f"an average of {value.type.kind} keeps its digits")
        scale = digits.value
    kind = "decimal" if value.type.kind == "int" else value.type.kind
    result = Type(
        kind, value.type.optional or optional, scale=scale if kind != "duration" else None, currency=value.type.currency
    )
    members = {"function": "avg", "value": value.node, "by": scale - own}
    typed = Value(build(result, value.raw_optional or optional, **members), result, rows=value.rows)
    low, high = (bound * 10 ** (scale - own) for bound in value.bounds)
    return bounded(checker, node, typed, low, high)


__all__ = ["AGGREGATES", "MACROS", "aggregate", "derive", "over_rows"]
