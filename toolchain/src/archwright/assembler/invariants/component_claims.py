"""Every component with code is certified: no state in its process, telemetry, no data around the persistence."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ...language.component import Component
from ..resolve.source import Place
from .proof import Proof, broken

CLAIMS = {
    "stateless": ("process-state", "keeps state in its process, so its replicas would differ"),
    "telemetry": ("no-telemetry", "does not report what it does"),
    "no-direct-data-access": ("direct-data-access", "may reach data around the persistence layer"),
}


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report each component whose certificate lacks one of the claims."""
    for source in proof.components:
        if source.model.implementation is None:
            continue
        for claim, (code, why) in CLAIMS.items():
            if claim not in source.model.claims and not (claim == "stateless" and _keeps_state_outside(source.model)):
                yield broken(
                    code,
                    Place(proof.assembly, ("components", source.alias)).key,
                    f"`{source.alias}` {why}",
                    expected=f"a component certified as `{claim}`",
                    found=f"claims {', '.join(source.model.claims) or 'nothing'}",
                    hint="choose another component, or have this one certified",
                    path=(_declared(source),),
                )


def _keeps_state_outside(manifest: Component) -> bool:
    """Whether its state lies in a volume that all replicas share, so that none differs from another."""
    return "state-in-volume" in manifest.claims and bool(manifest.requires.volumes)


def _declared(source: object) -> Related:
    place = Place(source, ("claims",))  # type: ignore[arg-type]
    return Related(place.location, "what was certified")
