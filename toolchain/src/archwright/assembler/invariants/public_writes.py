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
        elif proof.law is not None and proof.law.bounds.public_writes == "deny" and not place.source.alias:
            yield broken(
                "public-write-denied",
                (place / "public").location,
                f"`{name}` writes for anybody, which the architecture denies",
                expected="no anonymous writes (`bounds: {public_writes: deny}`)",
                hint="ask for a signed-in caller",
            )
    for entity in proof.resolution.world.entities.values():
        for place, part in entity.parts:
            permission = part.permissions.get(ANYONE)
            for action in ("create", "update", "delete") if permission is not None else ():
                if (
                    getattr(permission, action) is not None
                    and part.expose is not None
                    and action in part.expose.operations
                ):
                    yield _exposed(entity.name, action, place / "permissions" / ANYONE / action)


def _exposed(entity: str, action: str, place: Place) -> Diagnostic:
    return broken(
        "public-write", place.location, f"anybody may {action} rows of `{entity}` over HTTP",
        expected="an operation of its own, with `public` and the reason", found="an exposed permission for `anyone`",
        hint=f"take `{action}` out of `expose` and write the operation out",
    )  # fmt: skip


def _is_anonymous(operation: plan.Operation) -> bool:
    return any(access.role == ANYONE for access in operation.access)


def _writes(proof: Proof, operation: plan.Operation) -> bool:
    return any(
        step.kind in _WRITES or (step.kind == "call" and _has_effects(proof, step.capability or ""))
        for step in operation.steps
    )


def _has_effects(proof: Proof, capability: str) -> bool:
    alias, _, name = capability.partition(".")
    component = proof.plan.components.get(alias)
    known = component.capabilities.get(name) if component else None
    return known is not None and bool(known.effects)
