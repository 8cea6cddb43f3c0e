"""The rows and roles of a component are its own: others add fields to them and use the operations that it brings."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ...language.entities import Entity, Permission
from ...language.steps import Step
from ..resolve.source import Place
from ..resolve.world import EntityDraft
from .proof import Proof, broken

_WRITES = ("create", "update", "delete", "upsert")
_READS = ("list", "get")
_DECLARED = ("subject", "retention", "scope", "title", "label", "renamed_from")
"""What only the document that declares an entity says about it."""


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report steps, permissions, exposures and roles that reach around a component."""
    for _, written, _, place in proof.operations():
        for position, step in enumerate(written.steps):
            if step.kind in _WRITES:
                entity = proof.resolution.world.entities.get(place.source.entity(step.target))
                if entity is not None and not _may_write(entity, place.source.alias, step):
                    what = f"writes rows of `{entity.component}`"
                    yield _around(entity, place / "steps" / position / step.kind, what)
    for entity in proof.resolution.world.entities.values():
        for place, part in entity.parts[1:] if entity.component is not None else ():
            yield from _part(entity, part, place)
    yield from _roles(proof)


def _may_write(entity: EntityDraft, alias: str, step: Step) -> bool:
    if entity.component is None or entity.component == alias:
        return True
    own = {name for place, part in entity.parts if place.source.alias == alias for name in part.fields}
    named = {name for _, name, _ in step.values}
    return step.kind == "update" and not isinstance(step.set, str) and named <= own


def _part(entity: EntityDraft, part: Entity, place: Place) -> Iterator[Diagnostic]:
    for name, permission in part.permissions.items():
        yield from _grants(entity, permission, place / "permissions" / name)
    for name, field in part.fields.items():
        if field.on_delete == "cascade":
            here = place / "fields" / name / "on_delete"
            yield _around(entity, here, f"deletes rows of `{entity.component}` along with others")
    if part.expose is not None:
        for operation in part.expose.operations:
            if operation not in _READS:
                yield _around(entity, place / "expose", f"exposes `{operation}` on rows of `{entity.component}`")
    for key in _DECLARED:
        if getattr(part, key) is not None:
            yield _around(entity, place / key, f"says `{key}`, which `{entity.component}` alone decides about")


def _grants(entity: EntityDraft, permission: Permission, place: Place) -> Iterator[Diagnostic]:
    alias = place.source.alias
    own = {name for part_place, part in entity.parts if part_place.source.alias == alias for name in part.fields}
    for action, grant in permission.grants:
        named = set(entity.fields) if grant.fields is None else set(grant.fields)
        foreign = sorted((named | set(grant.preset)) - own - {"id"})
        if action in ("create", "delete") or foreign:
            what = f"`{foreign[0]}`" if foreign else f"{action} rows"
            yield _around(entity, place / action, f"grants {what}, which `{entity.component}` alone decides about")


def _roles(proof: Proof) -> Iterator[Diagnostic]:
    """A role that a component declares keeps its condition; the assembly may add what it clears and includes."""
    for name, (place, _) in proof.resolution.roles.written.items():
        own = proof.assembly.model.roles.get(name)
        if own is None or place.source is proof.assembly:
            continue
        for key in ("when", "of", "where"):
            if getattr(own, key) is not None:
                yield broken(
                    "foreign-role",
                    Place(proof.assembly, ("roles", name, key)).location,
                    f"`{place.source.alias}` alone decides who holds the role `{name}`",
                    expected="`clears`, `includes` or `label`",
                    found=f"`{key}`",
                    hint="choose another name for a role of your own",
                    path=(Related(place.key, "declared here"),),
                )


def _around(entity: EntityDraft, place: Place, what: str) -> Diagnostic:
    return broken(
        "foreign-entity",
        place.location,
        f"this {what}",
        expected=f"an operation or capability of `{entity.component}`",
        found=f"direct access to `{entity.name}`",
        hint="use what the component provides, or only the fields that this document adds",
    )
