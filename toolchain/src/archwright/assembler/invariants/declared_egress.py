"""What leaves the service leaves through a declared effect, to a place that configuration and not data decides."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ..resolve.source import Place
from .proof import Proof, broken

EFFECTS = frozenset({"persistence", "compute", "time", "random", "files"})
"""Effects inside the service; everything else is written `egress:<kind>`."""


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report effects that nobody knows, and components that reach out although they claim not to."""
    for source in proof.components:
        use = Place(proof.assembly, ("components", source.alias)).key
        for name, capability in source.model.provides.capabilities.items():
            place = Place(source, ("provides", "capabilities", name, "effects"))
            for effect in capability.effects:
                if effect not in EFFECTS and not effect.startswith("egress:"):
                    yield broken(
                        "undeclared-egress", use, f"`{name}` has an effect of no known kind, `{effect}`",
                        expected="`egress:<kind>`, or one of " + ", ".join(f"`{one}`" for one in sorted(EFFECTS)),
                        path=(Related(place.location, "declared here"),),
                    )  # fmt: skip
                if effect.startswith("egress:") and "no-egress" in source.model.claims:
                    yield broken(
                        "undeclared-egress",
                        use,
                        f"`{source.alias}` is certified as `no-egress`, and `{name}` reaches out",
                        expected="no effect `egress:...`",
                        found=f"`{effect}`",
                        path=(Related(place.location, "declared here"),),
                    )
