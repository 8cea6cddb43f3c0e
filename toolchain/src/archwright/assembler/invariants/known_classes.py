"""Every data class that is used is one that the law names."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, did_you_mean
from ..resolve.source import Place
from .proof import Proof, broken

DEFAULT = ("internal", "personal", "health", "financial", "secret")
"""The classes where no architecture says otherwise."""


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report classes that nobody has defined; a typo would protect nothing."""
    known = (proof.law.data.classes if proof.law else ()) or DEFAULT
    allowed = {*known, "secret"}
    for _, field in proof.fields():
        for position, label in enumerate(field.classes):
            if label not in allowed:
                yield _unknown(label, field.place / "class" / position, known)
    for _, written, planned, place in proof.operations():
        for one in planned.input:
            for position, label in enumerate(one.classes):
                if label not in allowed:
                    yield _unknown(label, place / "input" / one.name / "class" / position, known)
        for position, step in enumerate(written.steps):
            named = step.declassify.to if step.declassify is not None else ()
            for index, label in enumerate(named):
                if label not in allowed:
                    yield _unknown(label, place / "steps" / position / "declassify" / "to" / index, known)
    for source in proof.resolution.sources:
        for name, role in source.model.roles.items():
            for position, label in enumerate(role.clears):
                here = Place(source, ("roles", name, "clears", position))
                if label == "secret":
                    yield _cleared_secret(name, here)
                elif label not in allowed:
                    yield _unknown(label, here, known)


def _cleared_secret(role: str, place: Place) -> Diagnostic:
    return broken(
        "cleared-secret",
        place.location,
        f"the role `{role}` would clear secrets, which are shown to nobody",
        expected="any other class",
        found="`secret`",
        hint="a component that keeps secrets compares them; people never read them",
    )


def _unknown(label: str, place: Place, known: tuple[str, ...]) -> Diagnostic:
    return broken(
        "unknown-class",
        place.location,
        f"there is no data class `{label}`",
        expected="one of " + ", ".join(f"`{one}`" for one in known),
        found=f"`{label}`",
        hint=did_you_mean(label, known) or "add it to `data: {classes: [...]}` of the architecture",
    )
