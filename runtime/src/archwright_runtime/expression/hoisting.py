"""Decides which parts of an expression are computed before the statement runs, and bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import tree
from .tree import Node

Origin = tuple[str, str]
"""A name of the request and the relation of it that a loop runs over, as in ``("leave", "comments.")``."""


class Hoisting:
    """What the names of the request can answer.

    Args:
        is_row: whether a name stands for a row of the statement.
        holds: whether the value of a name holds what is reached through references or relations, by its dotted path.
    """

    def __init__(self, is_row: Callable[[str], bool], holds: Callable[[str, str], bool]) -> None:
        self._is_row = is_row
        self._holds = holds

    def possible(self, node: Node, origins: Mapping[str, Origin] | None = None) -> bool:
        """Whether a closure can compute the node; ``origins`` are the loops around it that run over values."""
        origins = origins or {}
        if isinstance(node, tree.Name):
            return node.name in origins or not self._is_row(node.name)
        if isinstance(node, tree.Field):
            return self._field(node, origins)
        if isinstance(node, tree.Quantifier):
            inside = {**origins, node.var: _origin(node.over, origins)}
            return self.possible(node.over, origins) and self.possible(tree.body(node), inside)
        if isinstance(node, tree.Aggregate):
            return False
        return all(self.possible(child, origins) for child in tree.children(node))

    def _field(self, node: tree.Field, origins: Mapping[str, Origin]) -> bool:
        base, fields = tree.chain(node)
        if not self.possible(base, origins):
            return False
        if len(fields) == 1 and base.form.kind != "ref" and node.form.kind != "rows":
            return True
        if not isinstance(base, tree.Name):
            return False
        name, prefix = origins.get(base.name, (base.name, ""))
        return self._holds(name, prefix + ".".join(field.field for field in fields))


def _origin(over: Node, origins: Mapping[str, Origin]) -> Origin:
    base, fields = tree.chain(over)
    name, prefix = origins.get(base.name, (base.name, "")) if isinstance(base, tree.Name) else ("", "")
    return name, prefix + "".join(f"{field.field}." for field in fields)


def paths(source: Mapping[str, Any] | Node) -> dict[str, frozenset[str]]:
    """For each name the dotted paths that a closure looks up in its value: ``owner.email``, ``comments.author``."""
    found: dict[str, set[str]] = {}
    _collect(tree.decode(source), {}, found)
    return {name: frozenset(dotted) for name, dotted in sorted(found.items())}


def _collect(node: Node, origins: Mapping[str, Origin], found: dict[str, set[str]]) -> None:
    if isinstance(node, tree.Field):
        base, fields = tree.chain(node)
        if isinstance(base, tree.Name):
            name, prefix = origins.get(base.name, (base.name, ""))
            found.setdefault(name, set()).add(prefix + ".".join(field.field for field in fields))
        else:
            _collect(base, origins, found)
    elif isinstance(node, tree.Quantifier):
        _collect(node.over, origins, found)
        _collect(tree.body(node), {**origins, node.var: _origin(node.over, origins)}, found)
    else:
        for child in tree.children(node):
            _collect(child, origins, found)
