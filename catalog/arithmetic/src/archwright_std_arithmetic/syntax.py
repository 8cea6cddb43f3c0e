"""The grammar: numbers, names, ``+ - * / % ^``, brackets, and a few functions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from archwright_runtime.errors import Refusal

_DEEPEST = 40
_GRAMMAR = r"""
?start: sum
?sum: product | sum "+" product -> add | sum "-" product -> subtract
?product: sign | product "*" sign -> multiply | product "/" sign -> divide | product "%" sign -> remainder
?sign: power | "-" sign -> negate | "+" sign
?power: atom | atom "^" sign -> raised
?atom: NUMBER -> number | NAME -> name | NAME "(" sum ("," sum)* ")" -> call | "(" sum ")"
NUMBER: /[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?|\.[0-9]+/
NAME: /[a-z][a-z0-9_]{0,39}/
%ignore /[ \t]+/
"""


@lru_cache(maxsize=1)
def _parser() -> Any:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr")


def parse(text: str) -> Any:
    """The tree of an expression.

    Raises:
        Refusal: it is none, or nested too deeply.
    """
    from lark.exceptions import LarkError

    text = text.replace("×", "*").replace("÷", "/").replace("−", "-").replace("**", "^")
    if _depth(text) > _DEEPEST:
        raise bad("it is nested too deeply")
    try:
        return _parser().parse(text)
    except LarkError as error:
        place = getattr(error, "column", None)
        known = isinstance(place, int) and place > 0
        raise bad(f"it cannot be read at character {place}" if known else "it ends too early") from None


def _depth(text: str) -> int:
    """How deep the tree can become: brackets, and signs and powers in a row."""
    deepest = depth = row = 0
    for one in text:
        depth += (one == "(") - (one == ")")
        row = row + 1 if one in "-+^" else (row if one in " \t" or one.isalnum() or one in "._" else 0)
        deepest = max(deepest, depth + row)
    return deepest


def names_of(tree: Any) -> list[str]:
    """The names of values in an expression, each once, sorted."""
    return sorted({str(part.children[0]) for part in tree.iter_subtrees() if part.data == "name"})


def bad(why: str) -> Refusal:
    """What is no expression."""
    return Refusal("bad-expression", f"this is no arithmetic: {why}")
