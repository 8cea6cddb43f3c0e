"""Plans in words: expression trees as people write them, types, and who may do what."""

from __future__ import annotations

import json
from typing import Any

from .plan import Expr, Type

_ARITHMETIC = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "between": "-"}
_CHOICES = frozenset({"and", "or", "if"})
_LOOSE = _CHOICES | {"compare", "present", "absent", "in", "concat", "add", "subtract", "between", "shift"}
"""What binds less than an operator around it."""
_METHODS = {"starts": "startsWith", "ends": "endsWith", "contains": "contains", "matches": "matches"}
_FUNCTIONS = frozenset(
    {"year", "month", "day", "weekday", "hour", "minute", "second", "truncate", "addMonths", "abs", "greatest", "least"}
)
"""Functions that are written before their arguments; the others stand behind the first."""


def expression(tree: Expr | None) -> str:
    """An expression as it could have been written; reading it back is not promised."""
    return "" if tree is None else _text(tree)


def type_name(type_: Type) -> str:
    """A type as it is written in an assembly."""
    match type_.kind:
        case "ref":
            return f"→ {type_.entity}"
        case "enum":
            return " | ".join(type_.values)
        case "list":
            return f"list of {type_name(type_.item)}" if type_.item else "list"
        case "money":
            return f"money({type_.currency})"
        case "decimal":
            return f"decimal({type_.digits}, {type_.scale})"
        case "text" | "markdown" | "html" | "slug" if type_.max is not None:
            return f"{type_.kind}({type_.max})"
        case _:
            return type_.kind


def _text(tree: Any) -> str:
    if not isinstance(tree, dict):
        return json.dumps(tree, ensure_ascii=False)
    match tree.get("op"):
        case "literal":
            return _literal(tree)
        case "name":
            return str(tree["name"])
        case "field":
            return f"{_part(tree['of'])}.{tree['field']}"
        case "compare":
            return f"{_part(tree['left'])} {tree['operator']} {_part(tree['right'])}"
        case "and" | "or":
            return (" && " if tree["op"] == "and" else " || ").join(_part(part, _CHOICES) for part in tree["args"])
        case "not":
            return f"!{_part(tree['value'])}"
        case "present" | "absent":
            return f"{_part(tree['value'])} {'!=' if tree['op'] == 'present' else '=='} null"
        case "in":
            return f"{_part(tree['value'])} in {_part(tree['list'])}"
        case _:
            return _other(tree)


def _other(tree: Expr) -> str:
    op = tree.get("op", "")
    match op:
        case "list":
            return "[" + ", ".join(_text(item) for item in tree["items"]) + "]"
        case "record":
            return "{" + ", ".join(f"{name}: {_text(value)}" for name, value in tree["fields"].items()) + "}"
        case "concat":
            return " + ".join(_part(part) for part in tree["parts"])
        case "if":
            return f"{_part(tree['test'])} ? {_part(tree['then'])} : {_part(tree['otherwise'])}"
        case "apply":
            return _applied(tree)
        case "map":
            return f"{_part(tree['over'])}.map({tree['var']}, {_text(tree['value'])})"
        case "exists" | "all" | "count" | "filter" if "over" in tree:
            return f"{_part(tree['over'])}.{op}({tree['var']}, {_text(tree['where'])})"
        case "fold":
            return f"{_part(tree['over'])}.{tree['function']}({tree['var']}, {_text(tree['value'])})"
        case "aggregate":
            inner = tree.get("value") or tree.get("where")
            return f"{tree['function']}({_text(inner) if inner else ''})"
        case "search":
            return f"{_part(tree['value'])}.{_METHODS.get(tree['mode'], 'contains')}({_text(tree['part'])})"
        case "shift":
            return f"{_part(tree['value'])} {'-' if tree.get('backwards') else '+'} {_part(tree['by'])}"
        case "negate":
            return f"-{_part(tree['value'])}"
        case "scale":
            return _text(tree["value"])
        case _ if op in _ARITHMETIC and "left" in tree:
            return f"{_part(tree['left'])} {_ARITHMETIC[op]} {_part(tree['right'])}"
        case _ if "value" in tree:
            return f"{op}({_text(tree['value'])})"
        case _:
            return f"{op}(…)"


def _applied(tree: Expr) -> str:
    function, (first, *rest) = tree["function"], tree["args"]
    arguments = ", ".join(map(_text, rest))
    if function in ("div", "mod"):
        return f"({_part(first)} {'/' if function == 'div' else '%'} {_part(rest[0])})"
    if function == "at":
        return f"{_part(first)}[{arguments}]"
    if function == "round":
        return f"round({_text(first)})"
    if function in _FUNCTIONS:
        return f"{function}({', '.join(map(_text, tree['args']))})"
    return f"{_part(first)}.{function}({arguments})"


def _part(tree: Any, loose: frozenset[str] = _LOOSE) -> str:
    """An operand, in brackets where it would otherwise be read differently."""
    text = _text(tree)
    return f"({text})" if isinstance(tree, dict) and tree.get("op") in loose else text


def _literal(tree: Expr) -> str:
    value = tree["value"]
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(value)
