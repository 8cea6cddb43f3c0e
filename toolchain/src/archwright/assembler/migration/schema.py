"""The database schema that a plan implies, as values that the lock keeps.

Its rules:

* Everything is keyed by stable ids; names are what a rename changes.
* A column keeps its logical type, since two logical types may share one stored form and still need a conversion.
* Every reference has an index, unless another index begins with it: otherwise deleting the referenced row scans.
* The runtime's own tables (``archwright_...``) are not here: the runtime makes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ..plan import Entity, Expr, Field, Link, Plan, Type

OnDelete = Literal["refuse", "cascade", "clear"]
Stored = str | int | bool
"""A constant in stored form."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A foreign key to the id of another table."""

    table: str
    """The stable id of the table that is pointed to."""
    on_delete: OnDelete = "refuse"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One stored field."""

    id: str
    field: str
    """The name that people know it by."""
    name: str
    type: Type
    nullable: bool = False
    encrypted: bool = False
    numbered: bool = False
    """Counted by the database."""
    references: Reference | None = None
    default: Stored | None = None
    """What rows get that the previous plan writes, while both plans run; never in a finished schema."""


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index over columns, named by their stable ids."""

    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of some columns, from which rows are found."""

    name: str
    columns: tuple[str, ...]
    """Stable ids; the first one counts most."""
    language: Literal["simple", "english"] = "simple"


@dataclass(frozen=True, kw_only=True)
class Table:
    """The table of an entity, or of a many-to-many link."""

    id: str
    entity: str
    """The name that people know it by: ``Ticket``, or ``Ticket.tags`` for a link."""
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The primary key, as column ids."""
    indexes: tuple[Index, ...] = ()
    words: tuple[Words, ...] = ()
    """One in a finished schema; two while the plan before and the next one both run."""

    @property
    def owner(self) -> str:
        """The entity itself; for a link the entity that declares it."""
        return self.entity.rpartition(".")[0] if len(self.key) > 1 else self.entity

    def column(self, column_id: str) -> Column:
        """The column with a stable id."""
        return next(column for column in self.columns if column.id == column_id)

    def find(self, column_id: str) -> Column | None:
        """The column with a stable id, if there is one."""
        return next((column for column in self.columns if column.id == column_id), None)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """Every table of a plan."""

    tables: tuple[Table, ...] = ()

    def table(self, table_id: str) -> Table:
        """The table with a stable id."""
        return next(table for table in self.tables if table.id == table_id)

    def find(self, table_id: str) -> Table | None:
        """The table with a stable id, if there is one."""
        return next((table for table in self.tables if table.id == table_id), None)


EMPTY = Schema()


def derive(plan: Plan) -> Schema:
    """The schema that a plan's entities and links need."""
    entities = (_entity_table(plan, name, entity) for name, entity in plan.entities.items())
    links = (_link_table(plan, name, link) for name, link in plan.links.items())
    return Schema(tables=tuple(sorted((*entities, *links), key=lambda table: table.name)))


def constants(plan: Plan) -> Mapping[str, Stored]:
    """The constant default of each field that has one, by the field's stable id."""
    return {
        field.id: value
        for entity in plan.entities.values()
        for field in entity.fields.values()
        if (value := constant(field)) is not None
    }


def constant(field: Field) -> Stored | None:
    """The default of a field in stored form, where it is the same for every row."""
    if field.generated == "version":
        return 1
    if field.default is None or field.encrypted:
        return None
    value = _constant(field.default)
    if isinstance(value, list):
        # Lists are stored as JSON text, written as the runtime writes it.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _constant(tree: Expr) -> Stored | list[Stored] | None:
    if tree.get("op") == "literal":
        value = tree.get("value")
        return value if isinstance(value, (str, int, bool)) else None
    if tree.get("op") != "list":
        return None
    items = [_constant(item) for item in tree["items"]]
    known = [item for item in items if isinstance(item, (str, int, bool))]
    return known if len(known) == len(items) else None


def _entity_table(plan: Plan, name: str, entity: Entity) -> Table:
    columns = tuple(_column(plan, entity, key, field) for key, field in entity.fields.items() if field.computed is None)
    return Table(
        id=entity.id,
        entity=name,
        name=entity.table,
        columns=columns,
        key=tuple(field.id for field in entity.fields.values() if field.generated == "id"),
        indexes=tuple(_indexes(entity, columns)),
        words=tuple(_words(entity)),
    )


def _words(entity: Entity) -> Iterator[Words]:
    if entity.search is not None:
        search = entity.search
        yield Words(name=search.name, columns=_ids(entity, search.fields), language=search.language)


def _column(plan: Plan, entity: Entity, name: str, field: Field) -> Column:
    reference = None
    if field.type.kind == "ref" and field.type.entity is not None and field.generated is None:
        target = plan.entities[field.type.entity].id
        reference = Reference(table=target, on_delete=entity.on_delete.get(name, "refuse"))
    return Column(
        id=field.id,
        field=name,
        name=field.column,
        type=_without_entity(field.type),
        nullable=not field.present and field.generated is None,
        encrypted=field.encrypted,
        numbered=field.generated == "number",
        references=reference,
    )


def _without_entity(type_: Type) -> Type:
    """The type without the name of what it refers to: the reference itself is kept by stable id."""
    item = None if type_.item is None else _without_entity(type_.item)
    return replace(type_, entity=None, item=item)


def _indexes(entity: Entity, columns: tuple[Column, ...]) -> Iterator[Index]:
    """Declared and implied indexes, none of which another one makes superfluous."""
    unique = dict.fromkeys(_ids(entity, names) for names in entity.unique)
    plain = dict.fromkeys(ids for names in entity.indexes if (ids := _ids(entity, names)) not in unique)
    leading = {ids[0] for ids in (*unique, *plain)}
    implied = ((column.id,) for column in columns if column.references and column.id not in leading)
    for ids in sorted(unique):
        yield Index(columns=ids, unique=True)
    for ids in sorted((*plain, *implied)):
        yield Index(columns=ids)


def _ids(entity: Entity, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(entity.fields[name].id for name in names)


def _link_table(plan: Plan, name: str, link: Link) -> Table:
    """Both sides go away with the rows that they point to: a link without an end means nothing."""
    sides = {"near": link.near, "far": link.far}
    columns = tuple(
        Column(
            id=f"{link.id}.{side}",
            field=side,
            name=side,
            type=Type(kind="ref"),
            references=Reference(table=plan.entities[entity].id, on_delete="cascade"),
        )
        for side, entity in sides.items()
    )
    key = tuple(column.id for column in columns)
    indexes = (Index(columns=(f"{link.id}.far",)),)
    return Table(id=link.id, entity=_link_owner(plan, name), name=name, columns=columns, key=key, indexes=indexes)


def _link_owner(plan: Plan, table: str) -> str:
    """The relation that declares a link, as ``Entity.relation``."""
    for name, entity in plan.entities.items():
        for key, relation in entity.relations.items():
            if relation.table == table and relation.near == "near":
                return f"{name}.{key}"
    return table
