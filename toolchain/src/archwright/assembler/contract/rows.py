"""What rows look like in an answer, whoever asks.

A field that some grant leaves out may be absent, since an unreadable field is absent and not null; so only what every
reader of the entity may read is required.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..plan import Column, Entity, Expr, Field, Plan, Select, Type
from .absence import may_be_absent
from .readers import Readers
from .types import JsonSchema, answered, nullable

_UNSEEN = frozenset({"version"})


@dataclass(frozen=True)
class Rows:
    """Schemas of a plan's rows."""

    plan: Plan
    readers: Readers

    def entities(self) -> dict[str, JsonSchema]:
        """A component schema for each entity that somebody may read."""
        linked = _linked(self.plan)
        return {
            name: self._entity(name, entity, linked.get(name, {}))
            for name, entity in self.plan.entities.items()
            if _readable(entity)
        }

    def entity(self, name: str) -> JsonSchema:
        """A whole row, as far as its reader may see it."""
        if not _readable(self.plan.entities[name]):
            return {"type": "object", "additionalProperties": False}
        return {"$ref": f"#/components/schemas/{name}"}

    def select(self, select: Select) -> JsonSchema:
        """One row of a view."""
        if select.whole:
            return self.entity(select.entity)
        if select.flat and select.columns:
            return self._column(select, select.columns[0])
        properties = {column.name: self._column(select, column) for column in select.columns}
        return self._seen(properties, [column.name for column in select.columns if self._certain(select, column)])

    def _seen(self, properties: JsonSchema, certain: list[str]) -> JsonSchema:
        """Members that some reader may not see are absent, or null where the plan says so."""
        if not self.plan.wire.nulls:
            return _object(properties, certain)
        members = {name: one if name in certain else _or_null(one) for name, one in properties.items()}
        return _object(members, list(members))

    def certain(self, tree: Any, rows: Mapping[str, Expr | None]) -> bool:
        """Whether every field that an expression reads may be read by every reader, of rows that were read so."""
        return self.readers.certain(tree, rows)

    def _entity(self, name: str, entity: Entity, linked: dict[str, Select]) -> JsonSchema:
        always = self.readers.sure(name)
        properties = {name: self._field(entity.fields[name]) for name in entity.fields if name in _readable(entity)}
        properties |= {name: self._nested(rows) for name, rows in linked.items() if name not in properties}
        return self._seen(properties, [name for name in properties if name in always and name in entity.fields])

    def _column(self, select: Select, column: Column) -> JsonSchema:
        if column.rows is not None:
            return self._nested(column.rows, select.entity)
        if column.call is not None:
            return nullable(
                answered(column.type or Type(kind="json"), self.plan.wire)
            )  # null without an argument, or when it fails
        tree = column.value or {}
        schema = answered(column.type or type_of(tree), self.plan.wire)
        return nullable(schema) if may_be_absent(tree) else schema

    def _field(self, field: Field) -> JsonSchema:
        schema = answered(field.type, self.plan.wire)
        if field.label:
            schema = {**schema, "title": field.label}
        present = field.present or field.generated is not None
        return schema if present else nullable(schema)

    def _nested(self, select: Select, outer: str | None = None) -> JsonSchema:
        row = self.select(select)
        if select.single:
            there = outer is not None and select.where is None and self._present(outer, select.via or "")
            return row if there and self.readers.sees_all(select.entity) else {"anyOf": [row, {"type": "null"}]}
        return {"type": "array", "items": row, "maxItems": select.limit}

    def _present(self, entity: str, reference: str) -> bool:
        field = self.plan.entities[entity].fields.get(reference)
        return field is not None and field.present

    def _certain(self, select: Select, column: Column) -> bool:
        this = {"this": select.where}
        if column.rows is not None:
            followed = column.rows.via
            entity = self.plan.entities[select.entity]
            if followed in entity.fields:
                return followed in self.readers.sure(select.entity, select.where)
            return _also_read(entity, self.plan.entities[column.rows.entity])
        values = column.arguments.values() if column.call else (column.value,)
        return all(self.certain(value, this) for value in values)


def _linked(plan: Plan) -> dict[str, dict[str, Select]]:
    """Many-to-many relations that whole rows show, by entity."""
    found: dict[str, dict[str, Select]] = {}
    for operation in plan.operations.values():
        for step in operation.steps:
            if step.select is not None and step.select.whole:
                nested = {column.name: column.rows for column in step.select.columns if column.rows is not None}
                found.setdefault(step.select.entity, {}).update(nested)
    return found


def type_of(tree: Expr) -> Type:
    """The type that a node of an expression carries."""
    return _type(tree.get("type", "json"))


def _type(node: Any) -> Type:
    if isinstance(node, str):
        return Type(kind=node)
    item = _type(node["item"]) if node.get("item") is not None else None
    known = {key: value for key, value in node.items() if key in ("kind", "scale", "entity", "digits", "currency")}
    return Type(**known, item=item)


def _readable(entity: Entity) -> set[str]:
    """Fields that somebody may read."""
    return {name for grant in entity.grants if grant.action == "read" for name in grant.fields} - _UNSEEN


def _also_read(entity: Entity, nested: Entity) -> bool:
    """Whether whoever may read rows of an entity may read some of the nested one's; to others these are absent."""
    readers, others = _readers(entity), _readers(nested)
    return readers <= others or "anyone" in others or ("signed-in" in others and "anyone" not in readers)


def _readers(entity: Entity) -> set[str]:
    return {grant.principal for grant in entity.grants if grant.action == "read"}


def _or_null(schema: JsonSchema) -> JsonSchema:
    """The same, or null, unless null is among it already."""
    kinds = schema.get("type")
    known = (isinstance(kinds, list) and "null" in kinds) or {"type": "null"} in schema.get("anyOf", ())
    return schema if known else nullable(schema)


def _object(properties: JsonSchema, required: list[str]) -> JsonSchema:
    schema: JsonSchema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    return schema
