"""The expression tree of the plan, read strictly: an operation that this runtime does not know refuses to start.

The format is described in ``docs/reference/expression-tree.md``.
``optional`` of a node says that it may be absent when it is computed *without* the conditions that guard it, which is
how a database may compute it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeAlias

import msgspec

from ..errors import PlanError

DEPTH_MAX = 200
"""Deeper than any tree that the toolchain writes."""

DIGITS_MAX = 40
INT64 = (-(2**63), 2**63 - 1)


class _Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True, omit_defaults=True):
    """Common settings of every part of a tree."""


class Form(_Part, frozen=True, kw_only=True):
    """What a value looks like: as much of its type as computing needs."""

    kind: str
    scale: int = 0
    entity: str | None = None
    item: Form | str | None = None

    @property
    def items(self) -> Form:
        """The form of a list's items."""
        return form(self.item) if self.item is not None else Form(kind="text")


class _Node(_Part, tag_field="op", frozen=True, kw_only=True):
    type: Form | str
    optional: bool = False

    @property
    def form(self) -> Form:
        """The form of the node's value."""
        return form(self.type)


class Constant(_Node, tag="literal", frozen=True, kw_only=True):
    """A value in stored form; see ``constant_value``."""

    value: str | int | bool | None


class Name(_Node, tag="name", frozen=True, kw_only=True):
    """A name of the scope or the row of an enclosing ``exists``."""

    name: str


class Field(_Node, tag="field", frozen=True, kw_only=True):
    """A member of a record, a field of a row, or of the row that a reference points to."""

    of: Node
    field: str
    entity: str | None = None
    encrypted: bool = False


class Present(_Node, tag="present", frozen=True, kw_only=True):
    """``x != null``."""

    value: Node


class Absent(_Node, tag="absent", frozen=True, kw_only=True):
    """``x == null``."""

    value: Node


class Compare(_Node, tag="compare", frozen=True, kw_only=True):
    """A comparison of two values of one form; false where one is absent."""

    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Node
    right: Node


class And(_Node, tag="and", frozen=True, kw_only=True):
    """True where all are."""

    args: tuple[Node, ...]


class Or(_Node, tag="or", frozen=True, kw_only=True):
    """True where one is."""

    args: tuple[Node, ...]


class Not(_Node, tag="not", frozen=True, kw_only=True):
    """True where the value is not."""

    value: Node


class If(_Node, tag="if", frozen=True, kw_only=True):
    """One of two values."""

    test: Node
    then: Node
    otherwise: Node


class Add(_Node, tag="add", frozen=True, kw_only=True):
    """The sum of two numbers of one scale."""

    left: Node
    right: Node


class Subtract(_Node, tag="subtract", frozen=True, kw_only=True):
    """The difference of two numbers of one scale."""

    left: Node
    right: Node


class Multiply(_Node, tag="multiply", frozen=True, kw_only=True):
    """The product of two numbers; their scales add up."""

    left: Node
    right: Node


class Negate(_Node, tag="negate", frozen=True, kw_only=True):
    """The number with the other sign."""

    value: Node


class Scale(_Node, tag="scale", frozen=True, kw_only=True):
    """The number with ``by`` more digits behind the point."""

    value: Node
    by: int


class Shift(_Node, tag="shift", frozen=True, kw_only=True):
    """A date or datetime moved by a duration."""

    value: Node
    by: Node
    backwards: bool = False


class Between(_Node, tag="between", frozen=True, kw_only=True):
    """The duration from ``right`` to ``left``."""

    left: Node
    right: Node


class Day(_Node, tag="date", frozen=True, kw_only=True):
    """The UTC date of a datetime."""

    value: Node


class Concat(_Node, tag="concat", frozen=True, kw_only=True):
    """Texts, one after the other, normalised again."""

    parts: tuple[Node, ...]


class Text(_Node, tag="text", frozen=True, kw_only=True):
    """A value as the text of the wire."""

    value: Node


class Size(_Node, tag="size", frozen=True, kw_only=True):
    """Code points of a text, items of a list, rows of a relation."""

    value: Node


class Search(_Node, tag="search", frozen=True, kw_only=True):
    """Whether a text starts with, ends with or contains another, or holds what a constant pattern describes."""

    mode: Literal["starts", "ends", "contains", "matches"]
    value: Node
    part: Node


class Items(_Node, tag="list", frozen=True, kw_only=True):
    """A list that is written out."""

    items: tuple[Node, ...]


class In(_Node, tag="in", frozen=True, kw_only=True):
    """Whether an item of the list equals the value; false where a side is absent."""

    value: Node
    list: Node


class Exists(_Node, tag="exists", frozen=True, kw_only=True):
    """Whether the condition holds for a row."""

    over: Node
    var: str
    entity: str
    where: Node


class All(_Node, tag="all", frozen=True, kw_only=True):
    """Whether the condition holds for every row."""

    over: Node
    var: str
    entity: str
    where: Node


class Count(_Node, tag="count", frozen=True, kw_only=True):
    """For how many rows the condition holds."""

    over: Node
    var: str
    entity: str
    where: Node


class Fold(_Node, tag="fold", frozen=True, kw_only=True):
    """A value computed from all rows of a relation; absent values are passed over."""

    over: Node
    var: str
    entity: str
    function: Literal["sum", "min", "max", "avg"]
    value: Node
    by: int = 0
    """avg: digits that it has more than its values."""
    limit: int = INT64[1]
    """sum: where it is cut, on either side of zero."""


class Apply(_Node, tag="apply", frozen=True, kw_only=True):
    """A function of the library applied to values; see ``library``."""

    function: Literal[
        "lowerAscii", "upperAscii", "trim", "substring", "replace", "split", "join", "indexOf",
        "year", "month", "day", "weekday", "hour", "minute", "second", "truncate", "addMonths",
        "abs", "greatest", "least", "div", "mod", "round", "orValue",
        "at", "first", "last", "min", "max", "sum", "sort", "distinct",
    ]  # fmt: skip
    args: tuple[Node, ...]


class Map(_Node, tag="map", frozen=True, kw_only=True):
    """A list with what is computed from each item."""

    over: Node
    var: str
    value: Node


class Filter(_Node, tag="filter", frozen=True, kw_only=True):
    """The items of a list for which a condition holds."""

    over: Node
    var: str
    where: Node


class Aggregate(_Node, tag="aggregate", frozen=True, kw_only=True):
    """A value computed from all rows of a group."""

    function: Literal["count", "sum", "min", "max", "avg"]
    value: Node | None = None
    where: Node | None = None
    by: int = 0
    """avg: digits that it has more than its values."""
    limit: int = INT64[1]
    """sum: where it is cut, on either side of zero."""


Node: TypeAlias = (
    Constant | Name | Field | Present | Absent | Compare | And | Or | Not | If | Add | Subtract | Multiply | Negate
    | Scale | Shift | Between | Day | Concat | Text | Size | Search | Items | In | Exists | All | Count | Fold
    | Aggregate | Apply | Map | Filter
)  # fmt: skip
Quantifier = (Exists, All, Count, Fold)


def form(type: Form | str) -> Form:
    """A form that may be written as its kind alone."""
    return Form(kind=type) if isinstance(type, str) else type


def decode(tree: Mapping[str, Any] | Node) -> Node:
    """Read a tree of the plan.

    Raises:
        PlanError: it has an unknown operation or member, misses one, is too deep, or holds an impossible constant.
    """
    if not isinstance(tree, Mapping):
        return tree
    try:
        node: Node = msgspec.convert(tree, Node)
        _verify(node)
    except (msgspec.ValidationError, RecursionError, ValueError, OverflowError) as error:
        raise PlanError(f"the plan holds an expression that this runtime cannot read: {error}") from None
    return node


def _verify(root: Node) -> None:
    pending = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > DEPTH_MAX:
            raise ValueError(f"it is nested more than {DEPTH_MAX} deep")
        if type(node) is Constant:
            constant_value(node)
        else:
            _verify_numbers(node)
            pending.extend([(child, depth + 1) for child in children(node)])


def _verify_numbers(node: Node) -> None:
    digits = 0
    if isinstance(node, Scale | Aggregate | Fold):
        digits = node.by
    elif isinstance(node, Text):
        digits = node.value.form.scale
    if not 0 <= digits <= DIGITS_MAX:
        raise ValueError(f"it speaks of {digits} digits behind the point")
    if isinstance(node, Aggregate | Fold) and not 0 <= node.limit <= INT64[1]:
        raise ValueError(f"it cuts a sum at {node.limit}")


def constant_value(node: Constant) -> Any:
    """The value that closures compute with: a day is a ``date``, an instant an aware ``datetime``.

    Raises:
        ValueError: the constant does not have the form that it claims.
    """
    value, kind = node.value, node.form.kind
    if value is None:
        return None
    if kind == "bool":
        if isinstance(value, bool):
            return value
    elif kind in ("int", "decimal", "money", "duration"):
        if isinstance(value, int) and not isinstance(value, bool) and INT64[0] <= value <= INT64[1]:
            return value
    elif isinstance(value, str):
        if kind == "date":
            return date.fromisoformat(value)
        if kind == "datetime":
            return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)
        return value
    raise ValueError(f"`{value!r}` is not a constant of kind {kind}")


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, in the order of evaluation."""
    found: list[Node] = []
    for name in _MEMBERS[type(node)]:
        member = getattr(node, name)
        if isinstance(member, tuple):
            found.extend(member)
        elif member is not None:
            found.append(member)
    return tuple(found)


_PARTS = (
    *("of", "test", "then", "otherwise", "left", "right", "over", "value", "list", "part", "by"),
    *("args", "parts", "items", "where"),
)
_NOT_PARTS = {(Scale, "by"), (Aggregate, "by"), (Fold, "by"), (Constant, "value")}
_MEMBERS: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in _PARTS if name in kind.__struct_fields__ and (kind, name) not in _NOT_PARTS)
    for kind in Node.__args__
}


def walk(root: Node) -> Iterator[Node]:
    """Every node of the tree."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(children(node))


def names(tree: Mapping[str, Any] | Node) -> frozenset[str]:
    """The names of the scope that an expression uses; an aggregate uses ``this``."""
    return _free(decode(tree))


def _free(node: Node) -> frozenset[str]:
    if isinstance(node, Name):
        return frozenset({node.name})
    found: frozenset[str] = frozenset().union(*(_free(child) for child in children(node)))
    if isinstance(node, Quantifier):
        return _free(node.over) | (_free(body(node)) - {node.var})
    return found | {"this"} if isinstance(node, Aggregate) else found


def body(node: Exists | All | Count | Fold) -> Node:
    """What is asked of each row of a relation."""
    return node.value if isinstance(node, Fold) else node.where


def chain(node: Node) -> tuple[Node, tuple[Field, ...]]:
    """What a field is reached from, and the fields on the way: references are followed, records are not."""
    fields: list[Field] = []
    while isinstance(node, Field):
        fields.append(node)
        node = node.of
        if isinstance(node, Field) and node.form.kind == "record":
            break
    return node, tuple(reversed(fields))
