"""The rows of a component are changed by that component alone, through the operations that it brings."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ...language.entities import Permission
from ..resolve.source import Place
from ..resolve.world import EntityDraft
from .proof import Proof, broken

_WRITES = ("create", "update", "delete", "upsert")


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report steps and permissions that reach around a component."""
    for _, written, _, place in proof.operations():
        for position, step in enumerate(written.steps):
            if step.kind in _WRITES:
                entity = proof.resolution.world.entities.get(place.source.entity(step.target))
                if entity is not None and not _may_write(entity, place.source.alias, step):
                    yield _around(
                        entity, place / "steps" / position / step.kind, f"writes rows of `{entity.component}`"
                    )
    for entity in proof.resolution.world.entities.values():
        for place, part in entity.parts[1:]:
            for name, permission in part.permissions.items():
                yield from _grants(entity, permission, place / "permissions" / name)


def _may_write(entity: EntityDraft, alias: str, step: object) -> bool:
    if entity.component is None or entity.component == alias:
        return True
    own = {name for place, part in entity.parts if place.source.alias == alias for name in part.fields}
    given = getattr(step, "set", None)
    return getattr(step, "kind", "") == "update" and isinstance(given, dict) and set(given) <= own


def _grants(entity: EntityDraft, permission: Permission, place: Place) -> Iterator[Diagnostic]:
    own = {name for part_place, part in entity.parts if part_place.source is place.source for name in part.fields}
    for action, grant in permission.grants:
        foreign = sorted(set(grant.fields or entity.fields) - own - {"id"})
        if action in ("create", "delete") or foreign:
            what = f"`{foreign[0]}`" if foreign else f"{action} rows"
            yield _around(entity, place / action, f"grants {what}, which `{entity.component}` alone decides about")


def _around(entity: EntityDraft, place: Place, what: str) -> Diagnostic:
    return broken(
        "foreign-entity",
        place.location,
        f"this {what}",
        expected=f"an operation or capability of `{entity.component}`",
        found=f"direct access to `{entity.name}`",
        hint="use what the component provides, or only the fields that this document adds",
    )
