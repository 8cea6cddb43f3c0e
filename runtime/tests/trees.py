"""Expression trees written by hand, for plans that no assembler made."""

from __future__ import annotations

from typing import Any

from archwright_runtime.plan import Entity, Expr, Type

Entities = dict[str, Entity]


def type_node(type: Type) -> Any:
    """A type as a tree states it."""
    if type.kind in ("decimal", "money"):
        return {"kind": type.kind, "scale": type.scale or 2}
    if type.kind == "list" and type.item is not None:
        return {"kind": "list", "item": type_node(type.item)}
    return {"kind": type.kind, "entity": type.entity} if type.entity else type.kind


def row(name: str, entity: str) -> Expr:
    """A name that stands for a row."""
    return {"op": "name", "name": name, "type": {"kind": "row", "entity": entity}}


def rows(name: str, entity: str) -> Expr:
    """A name that stands for rows."""
    return {"op": "name", "name": name, "type": {"kind": "rows", "entity": entity}}


def caller(entity: str = "User") -> Expr:
    """Who asks; may be absent."""
    return {"op": "name", "name": "caller", "type": {"kind": "ref", "entity": entity}, "optional": True}


def now() -> Expr:
    """The instant of the request."""
    return {"op": "name", "name": "now", "type": "datetime"}


def of(entities: Entities, entity: str, path: str, name: str = "this") -> Expr:
    """A dotted path from a row, e.g. ``owner.manager``."""
    node, here = row(name, entity), entity
    for part in path.split("."):
        owner = entities[here]
        if part in owner.relations:
            target = owner.relations[part].entity
            node = {
                "op": "field",
                "of": node,
                "field": part,
                "entity": here,
                "type": {"kind": "rows", "entity": target},
            }
            here = target
            continue
        field = owner.fields[part]
        optional = node.get("optional", False) or not (field.present or field.generated)
        node = {"op": "field", "of": node, "field": part, "entity": here, "type": type_node(field.type)}
        if optional:
            node["optional"] = True
        here = field.type.entity or here
    return node


def given(name: str, type: Type, optional: bool = False) -> Expr:
    """An input."""
    record = {"op": "name", "name": "input", "type": "record"}
    node = {"op": "field", "of": record, "field": name, "type": type_node(type)}
    return {**node, "optional": True} if optional else node


def literal(value: Any, kind: str | None = None) -> Expr:
    """A constant in stored form."""
    kinds = {bool: "bool", int: "int", str: "text", type(None): "null"}
    node = {"op": "literal", "value": value, "type": kind or kinds[type(value)]}
    return {**node, "optional": True} if value is None else node


def compare(left: Expr, operator: str, right: Expr) -> Expr:
    """A comparison."""
    return {"op": "compare", "type": "bool", "operator": operator, "left": left, "right": right}


def equal(left: Expr, right: Expr) -> Expr:
    """Equality."""
    return compare(left, "==", right)


def both(*parts: Expr) -> Expr:
    """All of the parts."""
    return {"op": "and", "type": "bool", "args": list(parts)}


def either(*parts: Expr) -> Expr:
    """One of the parts."""
    return {"op": "or", "type": "bool", "args": list(parts)}


def add(left: Expr, right: Expr) -> Expr:
    """A sum of two whole numbers."""
    return {"op": "add", "type": "int", "left": left, "right": right}


def count() -> Expr:
    """How many rows a group has."""
    return {"op": "aggregate", "type": "int", "function": "count"}


def total(value: Expr) -> Expr:
    """The sum over a group."""
    return {"op": "aggregate", "type": value["type"], "function": "sum", "value": value}


def size(value: Expr) -> Expr:
    """How many rows a relation has."""
    return {"op": "size", "type": "int", "value": value}


def concat(*parts: Expr) -> Expr:
    """Texts, one after the other."""
    node = {"op": "concat", "type": "text", "parts": list(parts)}
    return {**node, "optional": True} if any(part.get("optional") for part in parts) else node
