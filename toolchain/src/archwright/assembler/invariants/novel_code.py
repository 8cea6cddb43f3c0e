"""Novel code is the last tier: within the budget, explained, approved, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ..resolve.source import Place
from .proof import Proof, broken

BUDGET = 60
"""Lines in one assembly where no architecture says otherwise."""


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report novel code that is over budget, unapproved or expired."""
    budget = BUDGET if proof.law is None or proof.law.bounds.novel_lines is None else proof.law.bounds.novel_lines
    spent = 0
    for position, piece in enumerate(proof.assembly.model.novel):
        place = Place(proof.assembly, ("novel", position))
        spent += piece.lines
        if spent > budget:
            yield broken(
                "novel-over-budget",
                (place / "lines").location,
                "this assembly has more novel code than the architecture allows",
                expected=f"at most {budget} lines in all",
                found=f"{spent} lines",
                hint="look for a component that does it",
            )
        if len(piece.why.split()) < 4:
            yield broken(
                "novel-unexplained", (place / "why").location, f"`{piece.name}` does not say why no component does it",
                expected="a reason that somebody else understands", found=f"`{piece.why}`",
            )  # fmt: skip
        people = {" ".join(name.split()).casefold() for name in piece.approved_by}
        wanted = max(1, sum(proof.law.certification.approvals.values()) if proof.law is not None else 0)
        if len(people) < wanted:
            yield broken(
                "novel-unapproved",
                place.location,
                f"`{piece.name}` is not approved",
                expected=f"{wanted} different people under `approved_by`",
                found=f"{len(people)} people",
                hint="have somebody else read it",
            )
        if proof.today is not None and piece.expires <= proof.today.isoformat():
            yield broken(
                "novel-expired", (place / "expires").location, f"`{piece.name}` has expired", expected="a day to come",
                found=piece.expires, hint="replace it by a component, or have it approved anew",
            )  # fmt: skip
