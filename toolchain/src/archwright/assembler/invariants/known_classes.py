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
    for _, _, planned, place in proof.operations():
        for one in planned.input:
            for position, label in enumerate(one.classes):
                if label not in allowed:
                    yield _unknown(label, place / "input" / one.name / "class" / position, known)
    for source in proof.resolution.sources:
        for name, role in source.model.roles.items():
            for position, label in enumerate(role.clears):
                if label not in allowed:
                    yield _unknown(label, Place(source, ("roles", name, "clears", position)), known)


def _unknown(label: str, place: Place, known: tuple[str, ...]) -> Diagnostic:
    return broken(
        "unknown-class",
        place.location,
        f"there is no data class `{label}`",
        expected="one of " + ", ".join(f"`{one}`" for one in known),
        found=f"`{label}`",
        hint=did_you_mean(label, known) or "add it to `data: {classes: [...]}` of the architecture",
    )
