"""What statements need to know of expression trees."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..expression import tree
from ..expression.tree import Form, Node
from ..plan import Expr, Type


def expression_type(value: Expr | Node) -> Type:
    """The type that an expression's tree states."""
    return _type(tree.decode(value).form)


def _type(form: Form) -> Type:
    item = _type(form.items) if form.kind == "list" else None
    return Type(kind=form.kind, scale=form.scale, entity=form.entity, item=item)


def own_fields(value: Expr | Node) -> Iterator[str]:
    """The fields of ``this`` itself that an expression reads; rows of a relation have rules of their own."""
    for node in tree.walk(tree.decode(value)):
        if isinstance(node, tree.Field) and node.entity and node.form.kind != "rows" and is_name(node.of, "this"):
            yield node.field


def is_name(node: Node, name: str) -> bool:
    """Whether a node is the name itself."""
    return isinstance(node, tree.Name) and node.name == name


def entity_fields(value: Expr | Node) -> Iterator[tuple[str, str]]:
    """Entity and field of everything that an expression reads of rows."""
    for node in tree.walk(tree.decode(value)):
        if isinstance(node, tree.Field) and node.entity:
            yield node.entity, node.field


def expression_key(value: Expr) -> bytes:
    """Equal for expressions that say the same."""
    return msgspec.json.encode(value, order="sorted")
