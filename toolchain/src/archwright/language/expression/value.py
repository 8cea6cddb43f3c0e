"""What the checker knows of one part of an expression, and how nodes of the tree are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .ranges import INT64
from .types import Type

Tree = dict[str, Any]
Path = tuple[str, ...]
"""A name and the members followed from it: what presence can be proven of."""

NOTHING: frozenset[Path] = frozenset()
BOOL = Type.bool()
UNKNOWN = Type("unknown")
"""The type of a part that has a problem; it silences what follows from it."""


@dataclass(slots=True)
class Value:
    """One typed part; only whoever makes one changes it.

    Attributes:
        type: as far as proofs of presence reach, not optional.
        path: where it names a value; None where it computes one.
        when_true: what is present whenever this (a bool) is true; ``when_false`` likewise.
        whole_days: a duration that is certainly a multiple of 24 hours.
        rows: the names of database rows that it depends on.
        read: the position of its own read in the checker's list.
        constant: the literal that it is.
    """

    node: Tree
    type: Type
    path: Path | None = None
    when_true: frozenset[Path] = NOTHING
    when_false: frozenset[Path] = NOTHING
    whole_days: bool = False
    rows: frozenset[str] = frozenset()
    read: int | None = None
    constant: bool = False

    @property
    def raw_optional(self) -> bool:
        """Whether it may be absent when it is computed without its guard, as a database may do."""
        return bool(self.node.get("optional", False))

    @property
    def unknown(self) -> bool:
        """Whether a problem has been reported for it."""
        return self.type.kind == "unknown"

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest value in stored form."""
        low, high = self.type.low, self.type.high
        if low is None or high is None:
            return INT64
        return low, high


FAILED = Value({}, UNKNOWN)


def tree(op: str, type: Type, optional: bool, /, **members: Any) -> Tree:
    """A node of the tree; ``optional`` is written only where it is true."""
    node: Tree = {"op": op, "type": type.to_node(), **members}
    if optional:
        node["optional"] = True
    return node


def derive(op: str, type: Type, parts: tuple[Value, ...], /, **members: Any) -> Value:
    """A value computed from parts: absent where a part is absent, and of every row that a part is of."""
    node = tree(op, type, any(part.raw_optional for part in parts), **members)
    return Value(node, type, rows=rows_of(parts))


def decide(op: str, parts: tuple[Value, ...], /, **members: Any) -> Value:
    """A truth computed from parts: false where one that it needs is absent, so never absent itself."""
    return Value(tree(op, BOOL, False, **members), BOOL, rows=rows_of(parts))


def rows_of(parts: tuple[Value, ...]) -> frozenset[str]:
    """The rows that any of the parts depends on."""
    return frozenset().union(*[part.rows for part in parts])


def literal(value: Any, type: Type) -> Value:
    """A constant in stored form."""
    optional = value is None
    return Value(tree("literal", type, optional, value=value), type, constant=True)


def prefixes(path: Path) -> frozenset[Path]:
    """The path and every shorter one: to be present is to be reachable."""
    return frozenset(path[:length] for length in range(1, len(path) + 1))


def present(value: Value) -> Value:
    """The same value, known to be present here."""
    return replace(value, type=value.type.maybe(False))
