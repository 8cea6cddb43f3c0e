"""What leaves the service leaves through a declared effect, to a place that configuration and not data decides."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ..resolve.source import Place, Source
from .proof import Proof, broken

EFFECTS = frozenset({"persistence", "queue", "compute", "time", "random", "files", "subjects"})
"""Effects inside the service; everything else is written `egress:<kind>`, or `fetch:<kind>` where it comes first."""
_EGRESS, _FETCH = "egress:", "fetch:"


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report effects that nobody knows, and components that reach out although they claim not to."""
    for source in proof.components:
        yield from _hosts(proof, source)
        for name, capability in source.model.provides.capabilities.items():
            for effect in capability.effects:
                yield from _effect(proof, source, name, effect)
            yield from _alone(proof, source, name, capability.effects)


def _hosts(proof: Proof, source: Source) -> Iterator[Diagnostic]:
    """Hosts are declared for effects that there are, and HTTP reaches nothing that is not declared."""
    capabilities = source.model.provides.capabilities.values()
    effects = {effect for one in capabilities for effect in one.effects}
    for kind in source.model.egress:
        # A store of files is asked by the runtime and not by steps, so it has no capability that could say so.
        if not {_EGRESS + kind, _FETCH + kind} & effects and not source.model.provides.blobs:
            yield broken(
                "undeclared-egress",
                Place(proof.assembly, ("components", source.alias)).key,
                f"`{source.alias}` declares hosts for `{kind}`, and no capability has the effect `egress:{kind}`",
                expected=f"a capability with the effect `egress:{kind}`",
                path=(Related(Place(source, ("egress", kind)).key, "declared here"),),
            )


def _effect(proof: Proof, source: Source, name: str, effect: str) -> Iterator[Diagnostic]:
    use = Place(proof.assembly, ("components", source.alias)).key
    declared = (Related(Place(source, ("provides", "capabilities", name, "effects")).location, "declared here"),)
    if effect not in EFFECTS and not effect.startswith((_EGRESS, _FETCH)):
        yield broken(
            "undeclared-egress",
            use,
            f"`{name}` has an effect of no known kind, `{effect}`",
            expected="`egress:<kind>`, `fetch:<kind>`, or one of " + ", ".join(f"`{one}`" for one in sorted(EFFECTS)),
            path=declared,
        )
    claim = _contradicted(effect, source.model.claims)
    if claim is not None:
        yield broken(
            "undeclared-egress",
            use,
            f"`{source.alias}` is certified as `{claim}`, and `{name}` has the effect `{effect}`",
            expected="no effect `egress:...`" if claim == "no-egress" else "no effect",
            found=f"`{effect}`",
            hint="have the component certified anew, with the claims that hold",
            path=declared,
        )


def _alone(proof: Proof, source: Source, name: str, effects: tuple[str, ...]) -> Iterator[Diagnostic]:
    """What is asked before the transaction has no part in it."""
    if len(effects) > 1 and any(effect.startswith(_FETCH) for effect in effects):
        yield broken(
            "undeclared-egress",
            Place(proof.assembly, ("components", source.alias)).key,
            f"`{name}` asks another service before the transaction, and has other effects as well",
            expected="an effect `fetch:<kind>` alone",
            path=(Related(Place(source, ("provides", "capabilities", name, "effects")).location, "declared here"),),
        )


def _contradicted(effect: str, claims: tuple[str, ...]) -> str | None:
    """The claim that an effect contradicts: `pure` allows none, `no-egress` none to the outside."""
    if "pure" in claims:
        return "pure"
    return "no-egress" if effect.startswith((_EGRESS, _FETCH)) and "no-egress" in claims else None
