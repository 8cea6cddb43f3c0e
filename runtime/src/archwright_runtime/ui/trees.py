"""The few expression trees that pages make themselves; see the reference of expression trees."""

from __future__ import annotations

from ..operations.trees import follow, this
from ..plan import Column, Expr, Filter, Plan, Type

ROW = "_row"
"""The filter by the row's own id."""

__all__ = ["ROW", "column", "equals", "field", "is_own_row", "read_field", "this", "through"]


def field(plan: Plan, entity: str, name: str) -> Expr:
    """``this.name``."""
    return follow(plan, entity, name)[0]


def through(plan: Plan, entity: str, reference: str, name: str) -> Expr:
    """``this.reference.name``; absent where the reference or the right to read is."""
    return {**follow(plan, entity, f"{reference}.{name}")[0], "optional": True}


def equals(plan: Plan, entity: str, name: str, filter: str) -> Filter:
    """A filter by one reference, or by the row's own ``id``, that pages set and addresses cannot."""
    value, type = follow(plan, entity, name)
    return Filter(name=filter, operator="eq", value=value, type=type)


def column(name: str, value: Expr, type: Type | None = None) -> Column:
    """A column that pages add for themselves."""
    return Column(name=name, value=value, type=type)


def is_own_row(where: Expr | None) -> bool:
    """Whether a condition keeps exactly the row of the caller: ``this.id == caller``, perhaps among others."""
    if where is None:
        return False
    if where.get("op") == "and":
        return any(is_own_row(part) for part in where["args"])
    if where.get("op") != "compare" or where.get("operator") != "==":
        return False
    sides = (where["left"], where["right"])
    names_caller = any(side.get("op") == "name" and side.get("name") == "caller" for side in sides)
    return names_caller and any((read_field(side) or ("", ""))[1] == "id" for side in sides)


def read_field(value: Expr | None) -> tuple[str, str] | None:
    """Entity and field where an expression is exactly ``this.field``."""
    if value is None or value.get("op") != "field" or "entity" not in value:
        return None
    of = value.get("of") or {}
    if of.get("op") != "name" or of.get("name") != "this":
        return None
    return value["entity"], value["field"]
