"""The few expression trees that pages make themselves; see the reference of expression trees."""

from __future__ import annotations

from typing import Any

from ..plan import Column, Entity, Expr, Filter, Plan, Type

ROW = "_row"
"""The filter by the row's own id."""

_NODE_KINDS = frozenset({"decimal", "money", "list", "ref"})


def this(entity: str) -> Expr:
    """The row itself."""
    return {"op": "name", "type": {"kind": "row", "entity": entity}, "name": "this"}


def field(plan: Plan, entity: str, name: str) -> Expr:
    """``this.name``."""
    return _member(this(entity), entity, name, plan.entities[entity])


def through(plan: Plan, entity: str, reference: str, name: str) -> Expr:
    """``this.reference.name``; absent where the reference or the right to read is."""
    first = field(plan, entity, reference)
    target = plan.entities[entity].fields[reference].type.entity or ""
    return {**_member(first, target, name, plan.entities[target]), "optional": True}


def equals(plan: Plan, entity: str, name: str, filter: str) -> Filter:
    """A filter by one reference, or by the row's own ``id``, that pages set and addresses cannot."""
    target = entity if name == "id" else plan.entities[entity].fields[name].type.entity or entity
    return Filter(name=filter, operator="eq", value=field(plan, entity, name), type=Type(kind="ref", entity=target))


def column(name: str, value: Expr, type: Type | None = None) -> Column:
    """A column that pages add for themselves."""
    return Column(name=name, value=value, type=type)


def read_field(value: Expr | None) -> tuple[str, str] | None:
    """Entity and field where an expression is exactly ``this.field``."""
    if value is None or value.get("op") != "field" or "entity" not in value:
        return None
    of = value.get("of") or {}
    if of.get("op") != "name" or of.get("name") != "this":
        return None
    return value["entity"], value["field"]


def _member(of: Expr, entity: str, name: str, definition: Entity) -> Expr:
    node: dict[str, Any] = {"op": "field", "of": of, "field": name, "entity": entity}
    found = definition.fields.get(name)
    if found is None:
        return {**node, "type": {"kind": "ref", "entity": entity}}
    node["type"] = {"kind": "ref", "entity": entity} if name == "id" else _node_type(found.type)
    if not found.present and found.generated is None:
        node["optional"] = True
    if found.encrypted:
        node["encrypted"] = True
    return node


def _node_type(type: Type) -> Any:
    if type.kind not in _NODE_KINDS:
        return type.kind
    if type.kind == "list":
        return {"kind": "list", "item": _node_type(type.item)} if type.item else "list"
    if type.kind == "ref":
        return {"kind": "ref", "entity": type.entity}
    return {"kind": type.kind, "scale": type.scale or 0}
