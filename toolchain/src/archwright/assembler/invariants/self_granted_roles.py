"""Nobody gives themselves a role, a scope, or the place of the person whose data a row is.

A predicate role, a scope and a condition on the caller are decided by fields of the caller; a subject is decided by a
reference. Whoever may write these fields freely decides about their own rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...diagnostics import Diagnostic, Related
from ...language.expression import Typed
from ...language.steps import Step
from ..resolve.roles import ANYONE, SIGNED_IN
from ..resolve.source import Place
from ..resolve.world import EntityDraft
from .flow.audience import Granted, granted, holders
from .personal_data import PERSONAL
from .proof import Proof, broken

_EVERYBODY = (ANYONE, SIGNED_IN)


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report fields that decide about rights and that those may write whose rights they decide."""
    deciding = _deciding(proof)
    for entity in proof.resolution.world.entities.values():
        for grant in granted(proof, entity):
            if grant.planned.action == "update":
                yield from _direct(entity, grant, deciding)
                yield from _subject(proof, entity, grant)
    for _, written, planned, place in proof.operations():
        if any(access.role in _EVERYBODY for access in planned.access):
            for position, step in enumerate(written.steps):
                yield from _by_operation(proof, step, place / "steps" / position, deciding)


Deciding = Mapping[tuple[str, str], Related]
"""Fields of the caller that decide about rights, each with a place where it does."""


def _deciding(proof: Proof) -> Deciding:
    identity = proof.plan.identity
    if identity is None:
        return {}
    found: dict[tuple[str, str], Related] = {}
    for place, what in _conditions(proof):
        typed = proof.resolution.typed.get(place)
        for name in _of_caller(typed) if typed is not None else ():
            found.setdefault((identity.entity, name), Related(place.location, f"{what} depends on `{name}`"))
    return found


def _conditions(proof: Proof) -> Iterator[tuple[Place, str]]:
    for name, (place, _) in proof.resolution.roles.written.items():
        yield from ((place / key, f"the role `{name}`") for key in ("when", "where"))
    for entity in proof.resolution.world.entities.values():
        yield entity.place / "scope" / "$rule", f"the scope of `{entity.name}`"
        for place, _ in entity.parts:
            yield place / "narrows" / "where", f"what `{entity.name}` is narrowed to"
            yield place / "hold" / "where", f"what holds rows of `{entity.name}`"
        for grant in granted(proof, entity):
            yield from ((grant.place / key, f"a permission on `{entity.name}`") for key in ("where", "check"))


def _of_caller(typed: Typed) -> Iterator[str]:
    return (read.path[1] for read in typed.reads if read.path[:1] == ("caller",) and len(read.path) > 1)


def _direct(entity: EntityDraft, grant: Granted, deciding: Deciding) -> Iterator[Diagnostic]:
    if grant.planned.principal not in _EVERYBODY:
        return
    for name in grant.planned.fields:
        if (entity.name, name) in deciding:
            yield _self_granted(f"`{grant.name}` may write `{name}`", grant.place, deciding[entity.name, name])


def _by_operation(proof: Proof, step: Step, place: Place, deciding: Deciding) -> Iterator[Diagnostic]:
    if step.kind not in ("update", "upsert"):
        return
    entity = place.source.entity(step.target)
    for key, name, _ in step.values:
        here = place / key / name
        typed = proof.resolution.typed.get(here)
        said = typed is not None and any(read.path[:1] == ("input",) for read in typed.reads)
        if said and (entity, name) in deciding:
            yield _self_granted(f"everybody who may run this chooses `{name}`", here, deciding[entity, name])


def _subject(proof: Proof, entity: EntityDraft, grant: Granted) -> Iterator[Diagnostic]:
    """Whoever may put themselves into the place of the subject reads what only the subject may read."""
    subject = entity.written.subject
    if subject not in grant.planned.fields or grant.is_own:
        return
    labels = {label for field in entity.fields.values() for label in field.classes} & PERSONAL
    audience = holders(proof, grant.name, grant.place)
    lacking = sorted({name for label in labels for name in audience.lacking(label)})
    if lacking:
        field = entity.fields[subject]
        yield broken(
            "self-granted",
            grant.place.location,
            f"`{grant.name}` may make itself the person whose data a row of `{entity.name}` is",
            expected=f"`{subject}` in no update permission, or a role that clears {', '.join(sorted(labels))}",
            found=", ".join(f"`{name}`" for name in lacking),
            hint=f"add `immutable: true` to `{subject}`, or leave it out of the fields",
            path=(Related(field.place.key, "the subject is declared here"),),
        )


def _self_granted(what: str, place: Place, decides: Related) -> Diagnostic:
    return broken(
        "self-granted",
        place.location,
        f"{what}, which decides about their own rights",
        expected="a field that only others write",
        hint="have a role write it that is granted to people, or let the right depend on something else",
        path=(decides,),
    )
