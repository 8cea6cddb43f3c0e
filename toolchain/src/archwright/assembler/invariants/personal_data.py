"""Personal data has a subject, a time after which it goes, and so a way to be exported and erased."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ..resolve.world import EntityDraft, FieldDraft
from .proof import Proof, broken

PERSONAL = frozenset({"personal", "health"})


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report entities with personal fields that lack a subject or a retention."""
    for entity in proof.resolution.world.entities.values():
        personal = [field for field in entity.fields.values() if PERSONAL & set(field.classes)]
        if not personal:
            continue
        because = Related(personal[0].place.key, f"`{personal[0].name}` is {_label(personal[0])}")
        if entity.written.subject is None:
            yield broken(
                "no-subject",
                entity.place.key,
                f"`{entity.name}` holds personal data of nobody in particular",
                expected="`subject`",
                hint="name the reference to the person: `subject: owner`",
                path=(because,),
            )
        else:
            yield from _reference(proof, entity)
        if entity.written.retention is None:
            yield broken(
                "no-retention",
                entity.place.key,
                f"`{entity.name}` keeps personal data for ever",
                expected="`retention`",
                hint="add `retention: {for: 3y, from: this.created_at, then: anonymise}`",
                path=(because,),
            )


def _reference(proof: Proof, entity: EntityDraft) -> Iterator[Diagnostic]:
    """The subject is a person: somebody whom the identity component knows."""
    identity = proof.plan.identity
    subject = entity.fields.get(entity.written.subject or "")
    if subject is None or subject.type is None:
        return
    if identity is None:
        yield broken(
            "no-subject",
            (entity.place / "subject").location,
            f"`{entity.written.subject}` cannot refer to a person, since no component here says who people are",
            expected="a component that provides an identity",
            hint="add `accounts: std/accounts@^1` under `components`",
        )
    elif subject.type.kind != "ref" or subject.type.entity != identity.entity:
        yield broken(
            "no-subject",
            (entity.place / "subject").location,
            f"`{entity.written.subject}` does not refer to a person",
            expected=f"a reference to `{identity.entity}`",
            found=str(subject.type),
            path=(Related(subject.place.key, "declared here"),),
        )


def _label(field: FieldDraft) -> str:
    return ", ".join(sorted(PERSONAL & set(field.classes)))
