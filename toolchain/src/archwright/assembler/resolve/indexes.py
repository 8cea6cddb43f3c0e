"""The indexes that lists need: one for each stored field by which readers may narrow or order rows.

Nobody has to remember them: a filter or a sort that is allowed is a lookup that will happen.
A field that leads a declared index or a unique key has one already; a reference is indexed by the migration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
        if name not in leading and name != "id" and not (field.written is not None and field.written.encrypted):
            yield (name,)


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
