"""Stable ids: given from the first name, kept by the lock, moved by a declared rename."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..diagnostics import Collector, Diagnostic, Location
from .lock import Lock, LockedEntity
from .plan import Entity, Field, Plan, Search
from .renames import Renames

_LENGTH = 16
"""Hexadecimal digits: 64 bits, far more than the names of one assembly can collide in."""


NONE = Renames()


def assign_ids(plan: Plan, previous: Lock | None, renames: Renames = NONE) -> Plan:
    """The plan with the stable id of every entity, field and link.

    A declared rename counts once; when it has been built it may stay in the document or go.
    """
    locked = dict(previous.entities) if previous else {}
    kept = _kept(plan.entities, locked, renames.entities)
    taken = {entity.id for entity in kept.values()}
    entities: dict[str, Entity] = {}
    links = dict(plan.links)
    for name, entity in plan.entities.items():
        before = kept.get(name) or LockedEntity(id=_fresh(taken, plan.name, "entity", name))
        fields = _fields(name, entity, before, renames)
        entities[name] = replace(entity, id=before.id, fields=fields, search=_search(before.id, entity, fields))
        for relation, link_id in _links(name, entity, before, renames).items():
            table = entity.relations[relation].table
            if table in links:
                links[table] = replace(links[table], id=link_id)
    return replace(plan, entities=entities, links=links)


def claimed_twice(renames: Renames, places: Mapping[str, Location], elsewhere: Location) -> tuple[Diagnostic, ...]:
    """A finding for each name that claims a former one which another name claims too.

    Args:
        places: of entities and fields, by ``Entity`` and ``Entity.field``.
        elsewhere: the place of what is not among them.
    """
    collector = Collector()
    entities = {name: ("", former) for name, former in renames.entities.items()}
    fields = {f"{entity}.{name}": (entity, former) for (entity, name), former in renames.fields.items()}
    for claims in (entities, fields):
        first: dict[tuple[str, str], str] = {}
        for name, claim in claims.items():
            if first.setdefault(claim, name) != name:
                collector.error(
                    "lock/claimed-twice",
                    places.get(name, elsewhere),
                    f"`{name}` and `{first[claim]}` both claim to be the former `{claim[1]}`",
                    hint="keep `renamed_from` at the one that continues the stored values",
                )
    return collector.findings()


def locked_entities(plan: Plan) -> dict[str, LockedEntity]:
    """The ids of a plan, as the lock keeps them."""
    return {
        name: LockedEntity(
            id=entity.id,
            fields={key: found.id for key, found in entity.fields.items()},
            links={key: plan.links[table].id for key, table in _declared_links(entity) if table in plan.links},
        )
        for name, entity in plan.entities.items()
    }


def _kept(
    names: Iterable[str], locked: Mapping[str, LockedEntity], renames: Mapping[str, str]
) -> dict[str, LockedEntity]:
    """Which locked holder each present name continues."""
    present = list(names)
    moved = _moved(present, locked, renames)
    taken = set(moved.values())
    kept = {name: locked[name] for name in present if name in locked and name not in moved and name not in taken}
    return kept | {name: locked[former] for name, former in moved.items()}


def _moved(present: Iterable[str], locked: Mapping[str, object], renames: Mapping[str, str]) -> dict[str, str]:
    """The former name of each name that continues another holder; the first of several that claim one has it.

    A declaration that was built already changes nothing: its former name is gone from the lock, or has become the name
    of something else that is still there.
    """
    names = set(present)
    found: dict[str, str] = {}
    for name in present:
        former = renames.get(name)
        if former is None or former not in locked or former in found.values():
            continue
        if name not in locked or former not in names:
            found[name] = former
    return found


def _fields(name: str, entity: Entity, before: LockedEntity, renames: Renames) -> dict[str, Field]:
    ids = _names(name, entity.fields, before.id, before.fields, renames)
    return {key: replace(found, id=ids[key]) for key, found in entity.fields.items()}


def _search(owner: str, entity: Entity, fields: Mapping[str, Field]) -> Search | None:
    """Named after what it holds, so that another definition is another index and never this one changed."""
    if entity.search is None:
        return None
    parts = (owner, entity.search.language, *(fields[name].id for name in entity.search.fields))
    return replace(entity.search, name="search_" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_LENGTH])


def _links(name: str, entity: Entity, before: LockedEntity, renames: Renames) -> dict[str, str]:
    return _names(name, [key for key, _ in _declared_links(entity)], before.id, before.links, renames)


def _declared_links(entity: Entity) -> list[tuple[str, str]]:
    """Many-to-many relations that this entity declares; the other side sees the same table from ``far``."""
    return [
        (key, relation.table)
        for key, relation in entity.relations.items()
        if relation.table is not None and relation.near == "near"
    ]


def _names(
    entity: str, names: Iterable[str], owner: str, locked: Mapping[str, str], renames: Renames
) -> dict[str, str]:
    """The id of each name within an entity."""
    present = list(names)
    former = {key: old for (of, key), old in renames.fields.items() if of == entity}
    moved = _moved(present, locked, former)
    gone = set(moved.values())
    kept = {key: locked[key] for key in present if key in locked and key not in gone}
    kept |= {key: locked[old] for key, old in moved.items()}
    taken = set(kept.values())
    return {key: kept.get(key) or _fresh(taken, owner, "member", key) for key in present}


def _fresh(taken: set[str], *parts: str) -> str:
    """An id from the first name; counted on when a renamed holder has it already."""
    number = 0
    while True:
        text = "\0".join((*parts, str(number)))
        made = hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
        if made not in taken:
            taken.add(made)
            return made
        number += 1
