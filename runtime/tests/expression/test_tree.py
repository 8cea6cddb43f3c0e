"""A tree of the plan is read strictly: what this runtime does not understand, it does not run."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import PlanError
from archwright_runtime.expression import compile_closure, decode, names, paths

ROW = {"op": "name", "name": "this", "type": {"kind": "row", "entity": "Ticket"}}
TITLE = {"op": "field", "of": ROW, "field": "title", "entity": "Ticket", "type": "text"}
OWNER = {"op": "field", "of": ROW, "field": "owner", "entity": "Ticket", "type": {"kind": "ref", "entity": "User"}}
NAME = {"op": "field", "of": OWNER, "field": "name", "entity": "User", "type": "text", "optional": True}
CALLER = {"op": "name", "name": "caller", "type": {"kind": "ref", "entity": "User"}, "optional": True}
TRUE = {"op": "literal", "type": "bool", "value": True}


def _deep(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = TRUE
    for _ in range(levels):
        tree = {"op": "not", "type": "bool", "value": tree}
    return tree


BROKEN: dict[str, Any] = {
    "an unknown operation": {"op": "divide", "type": "int", "left": TRUE, "right": TRUE},
    "no operation": {"type": "bool", "value": True},
    "an unknown member": {**TRUE, "hint": "x"},
    "a missing member": {"op": "not", "type": "bool"},
    "a missing type": {"op": "literal", "value": 1},
    "an unknown operator": {"op": "compare", "type": "bool", "operator": "<=>", "left": TITLE, "right": TITLE},
    "a member of the wrong shape": {"op": "and", "type": "bool", "args": TRUE},
    "a list instead of a node": {"op": "not", "type": "bool", "value": [TRUE]},
    "an unknown member of a type": {**TRUE, "type": {"kind": "bool", "size": 1}},
    "a number that leaves 64 bits": {"op": "literal", "type": "int", "value": 2**63},
    "a truth as a number": {"op": "literal", "type": "int", "value": True},
    "a number as a truth": {"op": "literal", "type": "bool", "value": 1},
    "a fraction": {"op": "literal", "type": "int", "value": 1.5},
    "a day that does not exist": {"op": "literal", "type": "date", "value": "2026-02-30"},
    "an instant that does not exist": {"op": "literal", "type": "datetime", "value": "2026-02-30T00:00:00.000000Z"},
    "digits that would fill the memory": {"op": "scale", "type": "decimal", "value": TITLE, "by": 10**9},
    "digits before the point": {"op": "scale", "type": "decimal", "value": TITLE, "by": -1},
    "a limit beyond 64 bits": {"op": "aggregate", "type": "int", "function": "sum", "value": TITLE, "limit": 2**63},
    "too many levels": _deep(1_000),
    "far too many levels": _deep(100_000),
    "a row that is computed and followed": {
        "op": "field", "field": "name", "entity": "User", "type": "text",
        "of": {"op": "if", "type": {"kind": "ref", "entity": "User"}, "test": TRUE, "then": OWNER, "otherwise": OWNER},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_refused(name: str) -> None:
    """A broken tree refuses to start, by an error that says so."""
    with pytest.raises(PlanError):
        compile_closure(BROKEN[name])


def test_deep_enough() -> None:
    """As many levels as the toolchain writes are read."""
    assert compile_closure(_deep(100))({}) is True


def test_names() -> None:
    """The free names of a tree are those of the scope, without the rows of its own loops."""
    inside = {"op": "name", "name": "c", "type": {"kind": "row", "entity": "Comment"}}
    author = {"op": "field", "of": inside, "field": "author", "entity": "Comment", "type": "ref", "optional": True}
    over = {
        "op": "field",
        "of": ROW,
        "field": "comments",
        "entity": "Ticket",
        "type": {"kind": "rows", "entity": "Comment"},
    }
    where = {"op": "compare", "type": "bool", "operator": "==", "left": author, "right": CALLER}
    tree = {"op": "exists", "type": "bool", "over": over, "var": "c", "entity": "Comment", "where": where}

    assert names(tree) == {"this", "caller"}
    assert paths(tree) == {"this": {"comments", "comments.author"}}


def test_paths() -> None:
    """What a closure looks up through references is named by dotted paths, the longest alone."""
    tree = {"op": "compare", "type": "bool", "operator": "==", "left": NAME, "right": TITLE}

    assert paths(tree) == {"this": {"owner.name", "title"}}


def test_decode_keeps_decoded() -> None:
    """A tree that was read is not read again."""
    node = decode(TITLE)

    assert decode(node) is node
