"""Random histories: whatever a service went through, its database is the one that a fresh build would create."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archwright.assembler.identity import Renames
from archwright.assembler.migration.changes import apply
from archwright.assembler.migration.ddl import Dialect
from archwright.assembler.migration.difference import Question, difference
from archwright.assembler.migration.schema import EMPTY, Schema, constants, derive
from archwright.assembler.plan import Entity, Field, Link, Plan, Relation, Type
from archwright.diagnostics import Location
from toolchain.tests import plans
from toolchain.tests.assembler.migration.databases import Database, differences
from toolchain.tests.assembler.migration.evolution import (
    MOMENT,
    Service,
    afresh,
    having,
    plan,
    table,
    without,
)

Draw = Any
WIDENINGS = {
    "text": [Type(kind="text", max=10), Type(kind="text", max=90), Type(kind="markdown", max=900)],
    "int": [Type(kind="int", low=0, high=9), Type(kind="int"), Type(kind="decimal", digits=18, scale=1)],
    "enum": [plans.choice("a"), plans.choice("a", "b"), Type(kind="text", max=50)],
    "date": [Type(kind="date"), Type(kind="datetime")],
    "bool": [Type(kind="bool")],
}
DEFAULTS = {
    "text": "a'b",
    "markdown": "",
    "int": 7,
    "decimal": 70,
    "enum": "a",
    "date": "2024-02-29",
    "datetime": "2024-02-29T00:00:00.000000Z",
    "bool": True,
}


@dataclass
class History:
    """A plan that is edited; what is renamed and what goes since the last build."""

    entities: dict[str, Entity] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    renamed_fields: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    built: dict[str, set[str]] = field(default_factory=dict)
    count: int = 0

    def plan(self) -> Plan:
        """The present version."""
        return plan(self.entities, self.links)

    def renames(self) -> Renames:
        """What is declared as renamed."""
        return Renames(dict(self.renamed), dict(self.renamed_fields))

    def next(self, prefix: str) -> str:
        """A name that was never used."""
        self.count += 1
        return f"{prefix}{self.count}"


def _new_field(draw: Draw, history: History) -> Field:
    family = draw(st.sampled_from(sorted(WIDENINGS)))
    type_ = WIDENINGS[family][draw(st.integers(0, len(WIDENINGS[family]) - 1))]
    return _field(type_, present=draw(st.booleans()))


def _field(type_: Type, present: bool) -> Field:
    default = plans.literal(DEFAULTS[type_.kind], type_.kind) if type_.kind in DEFAULTS else None
    return plans.field(type_, present=present, default=default)


def _stored(entity: Entity) -> list[str]:
    return [key for key, found in entity.fields.items() if found.generated is None]


def add_entity(draw: Draw, history: History) -> None:
    name = history.next("E")
    history.entities[name] = table(name, {history.next("f"): _new_field(draw, history)})


def add_field(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    history.entities[name] = having(history.entities[name], **{history.next("f"): _new_field(draw, history)})


def add_reference(draw: Draw, history: History) -> None:
    name, target = (draw(st.sampled_from(sorted(history.entities))) for _ in range(2))
    key = history.next("r")
    changed = having(history.entities[name], **{key: plans.field(plans.ref(target), present=False)})
    action = draw(st.sampled_from(["refuse", "cascade", "clear"]))
    history.entities[name] = replace(changed, on_delete={**changed.on_delete, key: action})


def drop_field(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    keys = _stored(history.entities[name])
    if keys:
        key = draw(st.sampled_from(keys))
        history.entities[name] = without(history.entities[name], key)
        if key not in (new for of, new in history.renamed_fields if of == name):
            history.gone.setdefault(name, []).append(key)


def drop_entity(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    del history.entities[name]
    for other, entity in history.entities.items():
        gone = [key for key, found in entity.fields.items() if found.type.entity == name and key != "id"]
        relations = {key: found for key, found in entity.relations.items() if found.entity != name}
        history.entities[other] = replace(without(entity, *gone), relations=relations)
    used = {found.table for entity in history.entities.values() for found in entity.relations.values()}
    history.links = {key: link for key, link in history.links.items() if key in used}


def rename_field(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    entity = history.entities[name]
    keys = [key for key in _stored(entity) if (name, key) not in history.renamed_fields]
    if not keys:
        return
    old = draw(st.sampled_from(keys))
    # A field that was built before may take the name of one that is dropped in the same version.
    free = history.gone.get(name) if old in history.built.get(name, ()) else None
    new = free.pop() if free and draw(st.booleans()) else history.next("f")

    def swap(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if key == old else key for key in names)

    history.entities[name] = replace(
        entity,
        fields={
            new if key == old else key: replace(found, column=new) if key == old else found
            for key, found in entity.fields.items()
        },
        unique=tuple(map(swap, entity.unique)),
        indexes=tuple(map(swap, entity.indexes)),
        on_delete={new if key == old else key: action for key, action in entity.on_delete.items()},
    )
    history.renamed_fields[name, new] = old


def rename_entity(draw: Draw, history: History) -> None:
    old = draw(st.sampled_from(sorted(history.entities)))
    if old in history.renamed or any(entity == old for entity, _ in history.renamed_fields):
        return
    new = history.next("E")
    history.renamed[new] = old
    renamed = {new if name == old else name: entity for name, entity in history.entities.items()}
    history.entities = {name: _pointing(entity, old, new) for name, entity in renamed.items()}
    history.entities[new] = replace(history.entities[new], table=new.lower())
    history.links = {
        key: replace(link, near=new if link.near == old else link.near, far=new if link.far == old else link.far)
        for key, link in history.links.items()
    }


def _pointing(entity: Entity, old: str, new: str) -> Entity:
    fields = {
        key: replace(found, type=replace(found.type, entity=new)) if found.type.entity == old else found
        for key, found in entity.fields.items()
    }
    relations = {
        key: replace(found, entity=new) if found.entity == old else found for key, found in entity.relations.items()
    }
    return replace(entity, fields=fields, relations=relations)


def widen(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    for key in _stored(history.entities[name]):
        found = history.entities[name].fields[key]
        family = next((of for of, types in WIDENINGS.items() if found.type in types), None)
        if family is not None and found.type != WIDENINGS[family][-1]:
            wider = WIDENINGS[family][WIDENINGS[family].index(found.type) + 1]
            history.entities[name] = having(
                history.entities[name], **{key: replace(_field(wider, found.present), column=key)}
            )
            return


def toggle_presence(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    keys = [key for key in _stored(history.entities[name]) if history.entities[name].fields[key].type.kind != "ref"]
    if keys:
        key = draw(st.sampled_from(keys))
        found = history.entities[name].fields[key]
        history.entities[name] = having(history.entities[name], **{key: replace(found, present=not found.present)})


def change_indexes(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    keys = [(key,) for key in _stored(history.entities[name])]
    chosen = st.lists(st.sampled_from(keys), max_size=2, unique=True) if keys else st.just([])
    # A unique key begins with the id, so that no row can violate it.
    unique = tuple(("id", *names) for names in draw(chosen))
    history.entities[name] = replace(history.entities[name], indexes=tuple(draw(chosen)), unique=unique)


def change_on_delete(draw: Draw, history: History) -> None:
    name = draw(st.sampled_from(sorted(history.entities)))
    entity = history.entities[name]
    action = draw(st.sampled_from(["refuse", "cascade", "clear"]))
    history.entities[name] = replace(entity, on_delete=dict.fromkeys(entity.on_delete, action))


def add_link(draw: Draw, history: History) -> None:
    near, far = (draw(st.sampled_from(sorted(history.entities))) for _ in range(2))
    key, joined = history.next("m"), history.next("link")
    relation = Relation(entity=far, table=joined, near="near", far="far")
    history.entities[near] = replace(
        history.entities[near], relations={**history.entities[near].relations, key: relation}
    )
    history.links[joined] = Link(id="", near=near, far=far)


EDITS = [
    add_entity,
    add_field,
    add_reference,
    add_link,
    drop_field,
    drop_entity,
    rename_field,
    rename_entity,
    widen,
    toggle_presence,
    change_indexes,
    change_on_delete,
]


@st.composite
def histories(draw: Draw) -> list[tuple[Plan, Renames]]:
    """Versions of a service with what each declares as renamed."""
    history = History()
    versions = []
    for _ in range(draw(st.integers(1, 4))):
        history.renamed, history.renamed_fields, history.gone = {}, {}, {}
        history.built = {name: set(entity.fields) for name, entity in history.entities.items()}
        for _ in range(draw(st.integers(1, 4))):
            edit = draw(st.sampled_from(EDITS)) if history.entities else add_entity
            edit(draw, history)
        versions.append((history.plan(), history.renames()))
    return versions


def everything(service: Service) -> frozenset[str]:
    """Leave to drop whatever the previous version has."""
    tables = service.lock.schema.tables if service.lock else ()
    names = {f"{table.entity}.{column.field}" for table in tables for column in table.columns}
    return frozenset(names | {table.entity for table in tables})


@settings(max_examples=300, deadline=None)
@given(histories())
def test_the_changes_lead_from_the_old_schema_to_the_new(versions: list[tuple[Plan, Renames]]) -> None:
    """Applying a difference to the old schema gives the new one, with nothing left behind."""
    service = Service()
    for to, renames in versions:
        old = service.lock.schema if service.lock else EMPTY
        allowed = everything(service)
        service.change(to, allow_drop=allowed, renames=renames)
        assert service.plan is not None
        new = derive(service.plan)

        found = difference(
            Question(
                old=old,
                new=new,
                constants=constants(service.plan),
                allow_drop=allowed,
                places={},
                elsewhere=Location("a"),
            )
        )

        reached = old
        for changes in found.phases.values():
            for change in changes:
                reached = apply(reached, change)
        assert _normal(reached) == _normal(new)


def _normal(schema: Schema) -> Any:
    """The schema without the order of its columns and indexes, which nothing depends on."""
    return {
        found.id: (
            replace(found, columns=(), indexes=()),
            {column.id: column for column in found.columns},
            frozenset(found.indexes),
        )
        for found in schema.tables
    }


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=histories())
def test_any_history_ends_where_a_fresh_database_begins(
    pair: tuple[Database, Database], versions: list[tuple[Plan, Renames]]
) -> None:
    """A migrated database equals a fresh one, and no row of a table that was kept is lost on the way."""
    migrated, fresh = pair
    migrated.clear()
    fresh.clear()
    service = Service()
    for to, renames in versions:
        service_before = service.lock.schema if service.lock else EMPTY
        counts = {found.id: migrated.rows(found.name) for found in service_before.tables}
        migrated.apply(service.change(to, allow_drop=everything(service), renames=renames))
        assert service.lock is not None
        for found in service.lock.schema.tables:
            assert migrated.rows(found.name) == counts.get(found.id, [(0,)])
        _populate(migrated, service.lock.schema)

    fresh.apply(afresh(versions[-1][0]))

    assert differences(migrated, fresh) == []


def _populate(database: Database, schema: Schema) -> None:
    """One more row in each table that is no link."""
    for found in schema.tables:
        if len(found.key) == 1:
            [(count,)] = database.rows(found.name)
            values = {
                column.name: _value(column.type, database.dialect) for column in found.columns if not column.nullable
            }
            around = {"id": f"r{count}", "created_at": MOMENT, "updated_at": MOMENT, "version": 1}
            database.insert(found.name, {**values, **around})


def _value(type_: Type, dialect: Dialect) -> Any:
    value = DEFAULTS.get(type_.kind, 1)
    return int(value) if isinstance(value, bool) and dialect is Dialect.SQLITE else value
