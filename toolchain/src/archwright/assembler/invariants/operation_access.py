"""Every operation says who may run it, and every job as whom it runs."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ...language.operations import Operation
from ..resolve.source import Place
from .proof import Proof, broken


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report operations and exposed views without an access rule."""
    for name, written, planned, place in proof.operations():
        if _is_webhook(written):
            yield from _signed(name, written, place)
        elif planned.trigger.kind in ("http", "internal") and not written.access:
            yield broken(
                "no-access-rule",
                place.key,
                f"`{name}` does not say who may run it",
                expected="`access`",
                found="nothing",
                hint="add `access: [signed-in]`, or the roles that may run it",
            )
        if planned.trigger.kind in ("http", "internal") and written.as_ is not None and not _is_webhook(written):
            yield broken(
                "borrowed-rights",
                (place / "as").location,
                f"`{name}` is run by people and would lend them the rights of `{written.as_}`",
                expected="`as` only where no person starts the operation",
                found=f"`as: {written.as_}`",
                hint=f"grant the operation itself what it needs, under `permissions: {{{place.path[-1]}: ...}}`",
            )
        alone = planned.trigger.kind in ("schedule", "changed", "queue") and not planned.trigger.within
        if alone and written.as_ is None:
            yield broken(
                "no-principal",
                place.key,
                f"`{name}` runs by itself and does not say as whom",
                expected="`as`",
                found="nothing",
                hint="add `as: system` with a role `system` that holds just the rights it needs",
            )
    yield from _views(proof)


def _signed(name: str, written: Operation, place: Place) -> Iterator[Diagnostic]:
    """Another service has no role here: what it may do is what the operation's own principal may."""
    if written.access:
        yield broken(
            "borrowed-rights",
            (place / "access").location,
            f"`{name}` is run by another service, which nobody signs in as",
            expected="`as` alone",
            found="`access`",
            hint="remove `access`: the signature says who may call",
        )
    if written.as_ is None:
        yield broken(
            "no-principal",
            place.key,
            f"`{name}` is run by another service and does not say as whom",
            expected="`as`",
            found="nothing",
            hint="add `as: system` with a role `system` that holds just the rights it needs",
        )


def _is_webhook(written: Operation) -> bool:
    return written.trigger is not None and written.trigger.webhook is not None


def _views(proof: Proof) -> Iterator[Diagnostic]:
    for source in proof.resolution.sources:
        for name, view in source.model.views.items():
            if view.expose is not None and not view.access:
                yield broken(
                    "no-access-rule",
                    Place(source, ("views", name)).key,
                    f"the exposed view `{name}` does not say who may read it",
                    expected="`access`",
                    found="nothing",
                    hint="add `access: [signed-in]`, or the roles that may read it",
                )
