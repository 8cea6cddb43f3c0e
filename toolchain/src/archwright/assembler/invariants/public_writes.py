"""An operation that anybody may run and that writes is named, with its reason; the law may forbid it."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from .. import plan
from ..resolve.roles import ANYONE
from ..resolve.source import Place
from .proof import Proof, broken

_WRITES = ("create", "update", "delete", "upsert")


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report anonymous writes without a reason, or under a law that denies them."""
    for name, written, planned, place in proof.operations():
        if not (_is_anonymous(planned) and _writes(proof, planned)):
            continue
        if written.public is None:
            yield broken(
                "public-write",
                (place / "access").location,
                f"anybody may run `{name}`, and it writes",
                expected="`public` with the reason",
                found="nothing",
                hint="name it: `public: people register themselves`; or take `anyone` out of `access`",
            )
        elif proof.law is not None and proof.law.bounds.public_writes == "deny" and not place.source.is_certified:
            yield broken(
                "public-write-denied",
                (place / "public").location,
                f"`{name}` writes for anybody, which the architecture denies",
                expected="no anonymous writes (`bounds: {public_writes: deny}`)",
                hint="ask for a signed-in caller",
            )
    yield from _expanded(proof)


def _expanded(proof: Proof) -> Iterator[Diagnostic]:
    """Operations that an exposure or a form stands for have nowhere to give a reason."""
    for name, planned in proof.plan.operations.items():
        if planned.entity is not None and planned.action in _WRITES and _is_anonymous(planned):
            entity = proof.resolution.world.entities[planned.entity]
            for place, part in entity.parts:
                permission = part.permissions.get(ANYONE)
                if permission is not None and getattr(permission, planned.action) is not None:
                    here = place / "permissions" / ANYONE / planned.action
                    yield _unnamed(name, planned, here)


def _unnamed(name: str, planned: plan.Operation, place: Place) -> Diagnostic:
    way = "over HTTP" if planned.trigger.kind == "http" else "from a page"
    return broken(
        "public-write",
        place.location,
        f"anybody may {planned.action} rows of `{planned.entity}` {way}",
        expected="an operation of its own, with `public` and the reason",
        found=f"a permission for `{ANYONE}` that `{name}` uses",
        hint=f"write the operation out, and grant `{planned.action}` to it instead",
    )


def _is_anonymous(operation: plan.Operation) -> bool:
    return any(access.role == ANYONE for access in operation.access)


def _writes(proof: Proof, operation: plan.Operation) -> bool:
    return any(
        step.kind in (*_WRITES, "send") or (step.kind == "call" and _has_effects(proof, step.capability or ""))
        for step in operation.steps
    )


def _has_effects(proof: Proof, capability: str) -> bool:
    alias, _, name = capability.partition(".")
    component = proof.plan.components.get(alias)
    known = component.capabilities.get(name) if component else None
    return known is not None and bool(known.effects)
