"""``== != < <= > >= in`` and the joining of branches: what may meet what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import arithmetic
from .literals import InvalidLiteral, read_uuid
from .problems import suggestion
from .syntax import Binary, Conditional, Node, Sequence
from .types import EXPRESSION_KINDS, NUMBER_KINDS, ORDERED_KINDS, TIME_KINDS, Type
from .value import FAILED, NOTHING, Value, decide, derive, literal, prefixes, rows_of, tree

if TYPE_CHECKING:
    from .check import Checker

ITEM_KINDS = ORDERED_KINDS | {"bool", "uuid", "enum", "ref"}
FILE_KINDS = frozenset({"file", "image"})
"""What a list that is written out may hold."""

_WORDS = frozenset({"enum", "uuid"})
"""Kinds that are text with a closed form: equal or not, but without an order."""


def compare(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    """The truth of a comparison; false where a side is absent, except against ``null``."""
    if "null" in (left.type.kind, right.type.kind):
        return _against_null(checker, node, left, right)
    left, right = _as_reference(left, right), _as_reference(right, left)
    aligned = _comparable(checker, node, left, right)
    if aligned is None:
        return FAILED
    first, second = aligned
    result = decide("compare", (first, second), operator=node.operator, left=first.node, right=second.node)
    known = NOTHING
    for side in (left, right):
        if side.path is not None:
            known |= prefixes(side.path)
    result.when_true = known
    return result


def _against_null(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    if node.operator not in ("==", "!="):
        message = f"`{node.operator}` does not take null"
        return checker.problem("type-mismatch", node, message, hint="`null` is compared with `==` and `!=` only")
    value, where = (right, node.right) if left.type.kind == "null" else (left, node.left)
    return presence(checker, where, value, node.operator == "!=")


def presence(checker: Checker, node: Node, value: Value, wanted: bool) -> Value:
    """Whether a value is present, or absent."""
    if value.type.kind == "null":
        return literal(not wanted, Type.bool())
    if value.type.kind in ("rows", "record"):
        message = f"`{checker.text(node)}` is never absent"
        hint = f"write `size({checker.text(node)}) > 0`" if value.type.kind == "rows" else None
        return checker.problem("type-mismatch", node, message, hint=hint)
    checker.sealed.pop(id(value.node), None)
    result = decide("present" if wanted else "absent", (value,), value=value.node)
    if value.path is None:
        return result
    if wanted:
        result.when_true = prefixes(value.path)
    else:
        result.when_false = prefixes(value.path)
    return result


def _as_reference(value: Value, other: Value) -> Value:
    """A row that meets a reference stands for its id."""
    if value.type.kind != "row" or other.type.kind not in ("ref", "row"):
        return value
    assert value.type.entity is not None
    type = Type.ref(value.type.entity).maybe(value.type.optional)
    raw = tree("field", type, value.raw_optional, of=value.node, field="id", entity=value.type.entity)
    return replace(value, node=raw, type=type)


def _comparable(checker: Checker, node: Binary, left: Value, right: Value) -> tuple[Value, Value] | None:
    kinds = (left.type.kind, right.type.kind)
    if kinds[0] in NUMBER_KINDS and kinds[1] in NUMBER_KINDS:
        return arithmetic.align(checker, node, left, right)
    ordered = node.operator not in ("==", "!=")
    if _texts(left.type) and _texts(right.type):
        if ordered and _WORDS & set(kinds):
            word = left if left.type.kind in _WORDS else right
            message = f"{_article(word.type)} has no order"
            checker.problem("type-mismatch", node, message, hint="compare it with `==`, `!=` or `in`")
            return None
        return (left, right) if _known_words(checker, node, left, right) else None
    if kinds[0] == kinds[1] and kinds[0] in TIME_KINDS:
        return left, right
    if kinds == ("bool", "bool") and not ordered:
        return left, right
    if kinds == ("ref", "ref") and not ordered and left.type.entity == right.type.entity:
        return left, right
    checker.problem(
        "type-mismatch", node, f"{left.type} and {right.type} cannot be compared with `{node.operator}`",
        found=f"{left.type} {node.operator} {right.type}", hint=_hint(left, right),
    )  # fmt: skip
    return None


def _article(type: Type) -> str:
    return f"an {type.kind}" if type.kind[0] in "aeio" else f"a {type.kind}"


def _texts(type: Type) -> bool:
    return type.is_text or type.kind in _WORDS


def _hint(left: Value, right: Value) -> str | None:
    kinds = {left.type.kind, right.type.kind}
    other = next((side for side in (left, right) if not side.type.is_text), left)
    if kinds & TIME_KINDS and "text" in kinds:
        return f'write the constant as `{other.type.kind}("...")`'
    if kinds == {"date", "datetime"}:
        return "take the day of a datetime with `date(x)`"
    if "ref" in kinds and kinds != {"ref"}:
        return "a reference is compared with a reference to the same entity, such as `caller`"
    if "rows" in kinds:
        return "ask about the rows with `exists`, `all`, `count` or `size`"
    if "list" in kinds:
        return "test membership with `x in list`"
    return None


def _known_words(checker: Checker, node: Binary, left: Value, right: Value) -> bool:
    """Constants that meet an enum or a uuid must be among its values."""
    for word, where, closed in ((left, node.left, right.type), (right, node.right, left.type)):
        if closed.kind == "uuid" and word.constant:
            try:
                read_uuid(word.node["value"])
            except InvalidLiteral as error:
                checker.problem("invalid-constant", where, f"`{word.node['value']}` is not a uuid", hint=str(error))
                return False
        if closed.kind != "enum":
            continue
        if word.type.kind == "enum" and not set(word.type.values) & set(closed.values):
            message = "two enums without a common value are never equal"
            checker.problem("type-mismatch", node, message, found=f"{left.type} {node.operator} {right.type}")
            return False
        if word.type.is_text and not allowed_words(checker, where, word.type.values, closed):
            return False
    return True


def allowed_words(checker: Checker, node: Node, words: tuple[str, ...], closed: Type) -> bool:
    """Whether every word is a value of the enum; reports the first that is not."""
    for word in words:
        if word not in closed.values:
            checker.problem(
                "unknown-value", node, f"`{word}` is not a value of the enum",
                expected=", ".join(closed.values), found=word, hint=suggestion(word, closed.values),
            )  # fmt: skip
            return False
    return True


# -- lists -------------------------------------------------------------------------------------------------------


def sequence(checker: Checker, node: Sequence) -> Value:
    """A list that is written out; its items have one type."""
    items = [checker.visit(item) for item in node.items]
    if any(item.unknown for item in items):
        return FAILED
    item_type = Type.null()
    if items:
        unified = _same(checker, node, items)
        if unified is None:
            return FAILED
        items, item_type = unified
    type = Type.list(item_type, max=len(items))
    raw = tree("list", type, False, items=[item.node for item in items])
    return Value(raw, type, rows=rows_of(tuple(items)), constant=all(item.constant for item in items))


def _same(checker: Checker, node: Sequence, items: list[Value]) -> tuple[list[Value], Type] | None:
    scale = max((item.type.scale or 0 for item in items), default=0)
    aligned = [
        arithmetic.rescale(checker, where, item, scale) if item.type.kind in NUMBER_KINDS else item
        for where, item in zip(node.items, items, strict=True)
    ]
    if any(item.unknown for item in aligned):
        return None
    first = aligned[0]
    joined: Type | None = first.type
    # A step may hand several files over; the database has nothing to do with lists of them.
    kinds = ITEM_KINDS if checker.scope.database else ITEM_KINDS | FILE_KINDS
    for where, item in zip(node.items, aligned, strict=True):
        joined = join(joined, item.type) if joined else None
        if joined is None or item.type.kind not in kinds:
            one = item.type.kind in kinds
            message = "all items of a list have one type" if one else f"{item.type} cannot be an item of a list"
            checker.problem("type-mismatch", where, message, expected=str(first.type), found=str(item.type))
            return None
    return aligned, joined or first.type


def member(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    """``x in list``: a comparison with every item, so false where a side is absent."""
    if right.type.kind == "rows":
        return _among_rows(checker, node, left, right)
    if right.type.kind != "list":
        hint = "write `text.contains(part)`" if right.type.is_text else None
        return checker.problem(
            "type-mismatch", node.right, "`in` needs a list", expected="list", found=str(right.type), hint=hint
        )
    if left.type.kind == "row":
        left = _as_reference(left, Value({}, right.type.item or Type.null()))
    found = _among(checker, node, left, right)
    if found is None:
        return FAILED
    first, items = found
    result = decide("in", (first, items), value=first.node, list=items.node)
    known = NOTHING
    for side in (left, right):
        if side.path is not None:
            known |= prefixes(side.path)
    result.when_true = known
    return result


def _among(checker: Checker, node: Binary, left: Value, right: Value) -> tuple[Value, Value] | None:
    item = right.type.item
    if item is None or (right.node["op"] == "list" and not right.node["items"]):
        return left, right
    if isinstance(node.right, Sequence):
        # Every item is written here, so every item gets its own finding.
        pairs = []
        for where in node.right.items:
            pair = Binary("==", node.left, where, where.start, where.end)
            value = _as_reference(_quietly(checker, where), left)
            aligned = _comparable(checker, pair, left, value)
            if aligned is None:
                return None
            pairs.append(aligned)
        return _aligned_items(checker, node, pairs, right)
    stand_in = Value({"op": "item"}, item.maybe(False))
    if left.type.kind in NUMBER_KINDS and (left.type.scale or 0) < (item.scale or 0):
        left = arithmetic.rescale(checker, node.left, left, item.scale or 0)
    aligned = None if left.unknown else _comparable(checker, replace_operator(node), left, stand_in)
    if aligned is None:
        return None
    if aligned[1].node != stand_in.node:
        message = f"{left.type} has more digits behind the point than the items of the list"
        checker.problem("type-mismatch", node, message, found=str(left.type), expected=str(item))
        return None
    return aligned[0], right


def replace_operator(node: Binary) -> Binary:
    """The comparison that ``in`` makes with every item."""
    return Binary("==", node.left, node.right, node.start, node.end)


def _quietly(checker: Checker, node: Node) -> Value:
    """Type an item again without noting its reads twice."""
    reads = len(checker.reads)
    value = checker.visit(node)
    del checker.reads[reads:]
    return value


def _aligned_items(
    checker: Checker, node: Binary, pairs: list[tuple[Value, Value]], right: Value
) -> tuple[Value, Value] | None:
    scale = max((side.type.scale or 0 for pair in pairs for side in pair), default=0)
    values = [pairs[0][0], *(pair[1] for pair in pairs)]
    if values[0].type.kind in NUMBER_KINDS:
        values = [arithmetic.rescale(checker, node, value, scale) for value in values]
    if any(value.unknown for value in values):
        return None
    first, *items = values
    type = Type.list(items[0].type.maybe(False), max=len(items))
    raw = tree("list", type, False, items=[item.node for item in items])
    return first, Value(raw, type, rows=right.rows, constant=right.constant)


def _among_rows(checker: Checker, node: Binary, left: Value, right: Value) -> Value:
    if left.type.kind not in ("ref", "row") or left.type.entity != right.type.entity:
        message = f"{left.type} cannot be among {right.type}"
        expected = f"reference to {right.type.entity}"
        return checker.problem("type-mismatch", node, message, expected=expected, found=str(left.type))
    assert right.type.entity is not None
    checker.followed(right)
    left = _as_reference(left, Value({}, Type.ref(right.type.entity)))
    type = Type.ref(right.type.entity)
    variable = tree("name", Type.row(right.type.entity), False, name="$item")
    item = Value(tree("field", type, False, of=variable, field="id", entity=right.type.entity), type)
    equal = decide("compare", (left, item), operator="==", left=left.node, right=item.node)
    result = decide("exists", (left, right), over=right.node, var="$item", entity=right.type.entity, where=equal.node)
    result.when_true = prefixes(left.path) if left.path else NOTHING
    return result


# -- branches ----------------------------------------------------------------------------------------------------


def unify(checker: Checker, node: Conditional, then: Value, otherwise: Value) -> tuple[Value, Value, Type] | None:
    """Two branches with one type; None where a problem was reported."""
    if then.type.kind == "null" and otherwise.type.kind != "null":
        then = literal(None, otherwise.type.maybe())
    elif otherwise.type.kind == "null" and then.type.kind != "null":
        otherwise = literal(None, then.type.maybe())
    if then.type.kind in NUMBER_KINDS and otherwise.type.kind in NUMBER_KINDS:
        if not arithmetic.same_unit(checker, node, then, otherwise):
            return None
        scale = max(then.type.scale or 0, otherwise.type.scale or 0)
        then = _rescaled(checker, node.then, then, scale)
        otherwise = _rescaled(checker, node.otherwise, otherwise, scale)
        if then.unknown or otherwise.unknown:
            return None
    type = join(then.type, otherwise.type)
    if type is not None and type.kind in EXPRESSION_KINDS - {"null"}:
        message = f"`?` does not choose between {type}"
        hint = "choose between values, as in `x ? this.title : old.title`"
        checker.problem("type-mismatch", node, message, hint=hint)
        return None
    if type is None:
        checker.problem(
            "type-mismatch", node, "both branches of `?` have one type",
            expected=str(then.type), found=str(otherwise.type),
        )  # fmt: skip
        return None
    return then, otherwise, type


def _rescaled(checker: Checker, node: Node, value: Value, scale: int) -> Value:
    if value.constant and value.node["value"] is None:
        return value
    return arithmetic.rescale(checker, node, value, scale)


def join(first: Type, second: Type) -> Type | None:
    """The narrowest type that has the values of both; None where there is none."""
    optional = first.optional or second.optional
    if first.kind in NUMBER_KINDS and second.kind in NUMBER_KINDS:
        if (first.scale or 0, first.currency) != (second.scale or 0, second.currency):
            return None
        kind = first.kind if first.kind == second.kind else "decimal"
        return _spanning(replace(first, kind=kind, digits=None), second).maybe(optional)
    if first.kind == second.kind and first.kind in TIME_KINDS:
        return _spanning(first, second).maybe(optional)
    if _texts(first) and _texts(second):
        return _joined_texts(first, second).maybe(optional)
    if first.kind in ("json", "file", "image", "record") or first.kind != second.kind:
        return first.maybe(optional) if first.maybe(False) == second.maybe(False) else None
    if first.entity != second.entity:
        return None
    if first.kind == "list":
        return _joined_lists(first, second)
    return first.maybe(optional)


def _joined_lists(first: Type, second: Type) -> Type | None:
    optional = first.optional or second.optional
    empty = [side for side in (first, second) if side.item is None or side.item.kind == "null"]
    if empty:
        return (second if first in empty else first).maybe(optional)
    assert first.item is not None
    assert second.item is not None
    item = join(first.item, second.item)
    most = None if first.max is None or second.max is None else max(first.max, second.max)
    return None if item is None else Type.list(item, most).maybe(optional)


def _spanning(first: Type, second: Type) -> Type:
    lows = [side.low for side in (first, second) if side.low is not None]
    highs = [side.high for side in (first, second) if side.high is not None]
    return replace(
        first,
        low=min(lows) if len(lows) == 2 else None,
        high=max(highs) if len(highs) == 2 else None,
    )


def _joined_texts(first: Type, second: Type) -> Type:
    words = tuple(dict.fromkeys((*first.values, *second.values))) if first.values and second.values else ()
    if first.kind == second.kind == "enum":
        return Type.enum(words)
    if first.kind == second.kind:
        kind = first.kind
    else:
        kind = "text"
    sizes = [_longest(side) for side in (first, second)]
    most = None if None in sizes else max(size for size in sizes if size is not None)
    return Type.text(most, kind=kind, values=words)


def _longest(type: Type) -> int | None:
    if type.kind == "uuid":
        return 36
    if type.values:
        return max(map(len, type.values))
    return type.max


__all__ = ["allowed_words", "compare", "derive", "join", "member", "presence", "sequence", "unify"]
