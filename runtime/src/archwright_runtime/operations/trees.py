"""Trees that the runtime itself makes, and what it looks for in those of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ..expression.hoisting import paths as looked_up
from ..plan import Column, Expr, Plan, Select, Type

_MANY = 1_000


def type_node(type: Type) -> Any:
    """A type as a tree states it."""
    if type.kind == "list":
        return {"kind": "list", "item": type_node(type.item)} if type.item else "list"
    if type.kind in ("decimal", "money"):
        return {"kind": type.kind, "scale": type.scale if type.scale is not None else 2}
    return {"kind": type.kind, "entity": type.entity} if type.entity else type.kind


def this(entity: str) -> Expr:
    """The row itself."""
    return {"op": "name", "name": "this", "type": {"kind": "row", "entity": entity}}


def own_row(entity: str) -> Expr:
    """The row whose id is given under the name ``$given``."""
    type = {"kind": "ref", "entity": entity}
    id = {"op": "field", "of": this(entity), "field": "id", "entity": entity, "type": type}
    given = {"op": "name", "name": "$given", "type": type, "optional": True}
    return {"op": "compare", "type": "bool", "operator": "==", "left": id, "right": given}


def member(plan: Plan, entity: str, name: str, of: Expr) -> Expr:
    """A field of a row."""
    field = plan.entities[entity].fields[name]
    node = {"op": "field", "of": of, "field": name, "entity": entity, "type": type_node(field.type)}
    return {**node, "optional": True} if of.get("optional") or not (field.present or field.generated) else node


def follow(plan: Plan, entity: str, path: str) -> tuple[Expr, Type]:
    """A dotted path from ``this``, and its type."""
    node, here = this(entity), entity
    for name in path.split("."):
        field = plan.entities[here].fields[name]
        node, type = member(plan, here, name, node), field.type
        here = type.entity or here
    return node, type


def field_column(plan: Plan, entity: str, name: str) -> Column:
    """A member that is a field."""
    node, type = follow(plan, entity, name)
    return Column(name=name, value=node, type=type)


def path_columns(plan: Plan, entity: str, wanted: Iterable[str]) -> Iterator[Column]:
    """Members for what expressions look up in a row: dotted paths, and the rows of relations."""
    inside: dict[str, set[str]] = {}
    for path in sorted(wanted):
        first, _, rest = path.partition(".")
        if first in plan.entities[entity].relations:
            inside.setdefault(first, {"id"}).update({rest} - {""})
        elif _exists(plan, entity, path):
            node, type = follow(plan, entity, path)
            yield Column(name=path, value=node, type=type)
    for name, further in inside.items():
        target = plan.entities[entity].relations[name].entity
        columns = tuple(path_columns(plan, target, further))
        yield Column(name=name, rows=Select(entity=target, columns=columns, via=name, limit=_MANY))


def _exists(plan: Plan, entity: str, path: str) -> bool:
    here = entity
    for name in path.split("."):
        field = plan.entities[here].fields.get(name)
        if field is None:
            return False
        here = field.type.entity or here
    return True


def expressions(value: Any) -> Iterator[Expr]:
    """Every expression in a part of the plan; a record counts as its members."""
    if isinstance(value, Mapping):
        if value.get("op") == "record":
            yield from expressions(value["fields"])
        elif "op" in value:
            yield dict(value)
        else:
            for part in value.values():
                yield from expressions(part)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from expressions(getattr(value, name))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from expressions(part)


def paths(found: Iterable[Expr]) -> dict[str, set[str]]:
    """For each name, what closures look up in its value."""
    wanted: dict[str, set[str]] = {}
    for expression in found:
        for name, dotted in looked_up(expression).items():
            wanted.setdefault(name, set()).update(dotted)
    return wanted


def plain_name(expression: Expr | None) -> str | None:
    """The name that an expression is, if it is nothing else."""
    if expression is not None and expression.get("op") == "name":
        return str(expression["name"])
    return None
