"""Audiences: who learns a value, and which classes may be shown to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from ....diagnostics import Diagnostic, Related
from ....language.entities import Grant
from ... import plan
from ...resolve.roles import ANYONE, BUILT_IN, SIGNED_IN
from ...resolve.source import Place
from ...resolve.world import EntityDraft
from ..personal_data import PERSONAL
from ..proof import Proof, broken
from .labels import Label, Origin, classes, is_subject, without

SECRET = "secret"


@dataclass(frozen=True)
class Audience:
    """Those who learn a value, each with the classes that may be shown to them; secrets are shown to nobody."""

    names: tuple[str, ...]
    clears: tuple[frozenset[str], ...]

    def lacking(self, label: str) -> tuple[str, ...]:
        """Those to whom a class may not be shown."""
        pairs = zip(self.names, self.clears, strict=True)
        return tuple(name for name, clears in pairs if label == SECRET or label not in clears)


NOBODY = Audience((), ())


def callers(proof: Proof, operation: str) -> Audience:
    """Everybody who may run an operation."""
    names = proof.access.get(operation, ())
    return Audience(names, tuple(proof.resolution.roles.clears(name) for name in names))


def authors(proof: Proof, trigger: plan.Trigger) -> Audience:
    """Everybody whose change starts an operation within its transaction, so who learns whether it refuses."""
    names: dict[str, None] = {}
    _authors(proof, trigger, names, set())
    return Audience(tuple(names), tuple(proof.resolution.roles.clears(name) for name in names))


def _authors(proof: Proof, trigger: plan.Trigger, names: dict[str, None], seen: set[str]) -> None:
    for name, operation in proof.plan.operations.items():
        writes = any(
            step.entity == trigger.entity and (step.kind in trigger.actions or step.kind == "upsert")
            for step in operation.steps
        )
        if not writes or name in seen:
            continue
        seen.add(name)
        written = proof.access.get(name)
        names.update(dict.fromkeys(written if written is not None else (one.role for one in operation.access)))
        if operation.trigger.within:
            _authors(proof, operation.trigger, names, seen)


def holders(proof: Proof, name: str, place: Place) -> Audience:
    """Those who hold a permission: a role, or everybody who may run the operation that holds it."""
    operation = place.source.name(name)
    if name not in BUILT_IN and operation in proof.plan.operations:
        return callers(proof, operation)
    return Audience((name,), (proof.resolution.roles.clears(name),))


@dataclass(frozen=True)
class Granted:
    """One permission as it is written and as the plan holds it."""

    name: str
    written: Grant
    planned: plan.Grant
    place: Place
    subject: str | None

    @property
    def is_own(self) -> bool:
        """Whether it reaches only rows whose subject is the caller."""
        return is_subject(self.planned.where, self.subject)


def granted(proof: Proof, entity: EntityDraft) -> tuple[Granted, ...]:
    """The permissions on an entity."""
    known = proof.remembered.get(entity.name)
    if known is None:
        known = proof.remembered[entity.name] = tuple(_granted(proof, entity))
    return known


def _granted(proof: Proof, entity: EntityDraft) -> Iterator[Granted]:
    planned = iter(proof.plan.entities[entity.name].grants)
    for place, part in entity.parts:
        for name, permission in part.permissions.items():
            for action, grant in permission.grants:
                here = place / "permissions" / name / action
                yield Granted(name, grant, next(planned), here, entity.written.subject)


def shown_to_all(proof: Proof, entity: EntityDraft, label: str) -> bool:
    """Whether everybody who sees that a row is there may also see a class: readers, and the person whose row it is."""
    if label == SECRET or entity.name in proof.watched:
        return False
    readers = (one for one in granted(proof, entity) if one.planned.action == "read")
    return all(
        (one.is_own and label in PERSONAL) or not holders(proof, one.name, one.place).lacking(label) for one in readers
    )


def uncleared(label: Label, audience: Audience, place: Place, what: str) -> Iterator[Diagnostic]:
    """A finding for each class that reaches somebody to whom it may not be shown."""
    for name, path in classes(label):
        lacking = audience.lacking(name)
        if lacking:
            location = place.location
            yield broken(
                "uncleared-flow",
                location,
                f"{what}, which is {name}",
                expected=f"an audience that clears `{name}`" if name != SECRET else "no way for a secret",
                found=", ".join(f"`{one}`" for one in lacking),
                path=(*path, Related(location, "and reaches them here")),
                hint=_hint(name),
            )


def permitted(proof: Proof, operation: str) -> Callable[[str, str], bool]:
    """Whether some permission shows a field to everybody who may run an operation, for some rows.

    Steps read with the caller's rights, row by row; the permission itself has been proved to be cleared.
    """
    groups = [_principals(proof, access.role, operation) for access in proof.plan.operations[operation].access]

    @cache
    def may_read(entity: str, field: str) -> bool:
        holding = {
            grant.principal
            for grant in proof.plan.entities[entity].grants
            if grant.action == "read" and field in grant.fields
        }
        return bool(groups) and all(holding & principals for principals in groups)

    return may_read


def _principals(proof: Proof, role: str, operation: str) -> frozenset[str]:
    known = proof.plan.roles.get(role)
    included = known.includes if known is not None else ()
    signed_in = () if role == ANYONE else (SIGNED_IN,)
    return frozenset((role, *included, *signed_in, ANYONE, f"operation:{operation}"))


def unknown_to_callers(label: Label) -> Label:
    """What callers do not know: neither said by them, nor about themselves, nor shown to them; secrets always count."""
    kept = without(label, Origin.OWN, Origin.PERMITTED, Origin.INPUT)
    return {**kept, **{mark: path for mark, path in label.items() if mark.name == SECRET}}


def _hint(label: str) -> str:
    if label == SECRET:
        return "leave it out: a secret is compared by the component that keeps it, and shown to nobody"
    return f"leave it out, add `clears: [{label}]` to the role, narrow the rows to the person's own, or declassify it"
