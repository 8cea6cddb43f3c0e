"""The indexes that lists need: one for each stored field by which readers may narrow or order rows, and one for each
ordered list of rows inside a view.

Nobody has to remember them: a filter or a sort that is allowed is a lookup that will happen.
A field that leads a declared index or a unique key has one already; a reference is indexed by the migration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...language.views import ViewField
from .source import Source
from .world import EntityDraft, World

_NEWEST = "created_at"


def derived(world: World, entity: EntityDraft, declared: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The indexes to add to those that lead with the same field already."""
    leading = {group[0] for group in declared}
    for name in dict.fromkeys(_looked_up(world, entity)):
        field = entity.fields.get(name)
        if (
            field is None
            or not field.is_stored
            or field.type is None
            or field.type.kind in ("ref", "bool", "list", "json")
        ):
            continue
        if name not in leading and name != "id" and not _encrypted(entity, name):
            yield (name,)
    nested = dict.fromkeys(group for source in world.sources for group in _nested(world, source, entity))
    yield from (group for group in nested if all(_ordered(entity, name) for name in group))


def _encrypted(entity: EntityDraft, name: str) -> bool:
    written = entity.fields[name].written
    return written is not None and written.encrypted


def _ordered(entity: EntityDraft, name: str) -> bool:
    field = entity.fields.get(name)
    return field is not None and field.is_stored and not _encrypted(entity, name)


def _nested(world: World, source: Source, entity: EntityDraft) -> Iterator[tuple[str, ...]]:
    """The reference and the order by which views gather rows of the entity behind rows of another one."""
    for view in source.model.views.values():
        yield from _gathered(world, source.entity(view.of), view.fields, entity)


def _gathered(world: World, outer: str, columns: Iterable[ViewField], entity: EntityDraft) -> Iterator[tuple[str, ...]]:
    owner = world.entities.get(outer)
    for column in columns:
        followed = owner.fields.get(column.rows.of) if owner is not None and column.rows is not None else None
        if followed is None or column.rows is None:
            continue
        relation = followed.relation
        inner = relation.entity if relation is not None else followed.type.entity if followed.type is not None else None
        if relation is not None and relation.field is not None and relation.entity == entity.name and column.rows.sort:
            yield (relation.field, *(name.removeprefix("-") for name in column.rows.sort))
        yield from _gathered(world, inner or "", column.rows.fields, entity)


def _looked_up(world: World, entity: EntityDraft) -> Iterator[str]:
    for _, part in entity.parts:
        if part.expose is not None:
            yield from (*part.expose.filter, *part.expose.sort, _NEWEST)
    for source in world.sources:
        for view in source.model.views.values():
            if source.entity(view.of) == entity.name and not view.group:
                plain = {field.name: field.value for field in view.fields}
                for name in (*view.filter, *view.sort):
                    bare = name.removeprefix("-")
                    if plain.get(bare) in (None, f"this.{bare}"):
                        yield bare
