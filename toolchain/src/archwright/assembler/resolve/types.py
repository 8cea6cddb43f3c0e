"""From the types that documents write to the types that expressions have, and on to those of the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ...language.expression import Type
from ...language.expression.types import TIME_KINDS
from ...language.fields import FieldType
from .. import plan


def of_field(written: FieldType, entity: Callable[[str], str]) -> Type:
    """The type of a value; names of entities are looked up by ``entity``."""
    kind = written.kind
    if kind == "int":
        made = Type.int()
    elif kind == "decimal":
        made = Type.decimal(written.digits or 15, written.scale or 0)
    elif kind == "money":
        made = Type.money(written.currency or "EUR", 2 if written.scale is None else written.scale)
    elif kind == "ref":
        return Type.ref(entity(written.entity or ""))
    elif kind in ("many", "reverse"):
        return Type.rows(entity(written.entity or ""))
    elif kind == "enum":
        return Type.enum(written.values)
    elif kind == "list":
        item = of_field(written.item, entity) if written.item else Type.text()
        return Type.list(item, written.max)
    elif kind in TIME_KINDS:
        return {"date": Type.date, "datetime": Type.datetime, "duration": Type.duration}[kind]()
    elif kind in ("file", "image"):
        return Type.file(written.max, written.media, kind=kind)
    else:
        return Type(kind, min=written.min, max=written.max, pattern=written.pattern)
    return _bounded(made, written)


def _bounded(made: Type, written: FieldType) -> Type:
    if written.low is None and written.high is None:
        return made
    assert made.low is not None and made.high is not None
    low = made.low if written.low is None else written.low
    return made.within(low, made.high if written.high is None else written.high)


def of_plan(type: Type) -> plan.Type:
    """The same type as the plan holds it."""
    data = type.to_plan()
    item = of_plan(type.item) if type.item is not None else None
    return plan.Type(
        **{**data, "item": item, "values": tuple(data.get("values", ())), "media": tuple(data.get("media", ()))}
    )


Generated = Literal["id", "version", "created", "updated"]

BUILT_IN: dict[str, Generated] = {
    "id": "id",
    "version": "version",
    "created_at": "created",
    "updated_at": "updated",
}
"""The fields of every entity, with how the runtime fills them."""


def of_built_in(name: str, entity: str) -> Type:
    """The type of a field that every entity has."""
    if name == "id":
        return Type.ref(entity)
    return Type.int() if name == "version" else Type.datetime()
