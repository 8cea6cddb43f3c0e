"""What a parsed expression consists of; offsets count code points of the expression's text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(slots=True)
class Literal:
    """A constant; a ``Decimal`` keeps the digits as they were written."""

    value: str | int | Decimal | bool | None
    start: int
    end: int


@dataclass(slots=True)
class Name:
    """A name of the scope."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Select:
    """``of.field``."""

    of: Node
    field: str
    field_start: int
    start: int
    end: int


@dataclass(slots=True)
class Call:
    """``function(arguments)`` or ``receiver.function(arguments)``."""

    receiver: Node | None
    function: str
    arguments: tuple[Node, ...]
    function_start: int
    start: int
    end: int


@dataclass(slots=True)
class Sequence:
    """``[a, b]``."""

    items: tuple[Node, ...]
    start: int
    end: int


@dataclass(slots=True)
class Unary:
    """``!x`` or ``-x``."""

    operator: str
    value: Node
    start: int
    end: int


@dataclass(slots=True)
class Binary:
    """``a == b``, ``a + b``, ``a in b``."""

    operator: str
    left: Node
    right: Node
    start: int
    end: int


@dataclass(slots=True)
class Logical:
    """``a && b && c`` or ``a || b || c``: one node however long the chain."""

    operator: str
    arguments: tuple[Node, ...]
    start: int
    end: int


@dataclass(slots=True)
class Conditional:
    """``test ? then : otherwise``."""

    test: Node
    then: Node
    otherwise: Node
    start: int
    end: int


@dataclass(slots=True)
class Unsupported:
    """Something that CEL has and this language leaves out; it parses so that the finding can say so."""

    what: str
    hint: str | None
    start: int
    end: int


@dataclass(slots=True)
class Template:
    """Text with embedded expressions; every part becomes text."""

    parts: tuple[Node, ...]
    start: int
    end: int


Node = Literal | Name | Select | Call | Sequence | Unary | Binary | Logical | Conditional | Unsupported | Template


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed text, ready to be checked.

    Attributes:
        constant: it was written as a plain value, not as an expression; such text may become a date, an amount and so
            on where one is expected.
    """

    text: str
    root: Node
    constant: bool = False


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node in the order they are written."""
    match node:
        case Select():
            return (node.of,)
        case Call():
            return node.arguments if node.receiver is None else (node.receiver, *node.arguments)
        case Sequence():
            return node.items
        case Unary():
            return (node.value,)
        case Binary():
            return (node.left, node.right)
        case Logical():
            return node.arguments
        case Conditional():
            return (node.test, node.then, node.otherwise)
        case Template():
            return node.parts
        case Literal() | Name() | Unsupported():
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth; without recursion, so that it may be used before the depth is known to be bounded."""
    pending = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        yield node, depth
        pending.extend((child, depth + 1) for child in children(node))
