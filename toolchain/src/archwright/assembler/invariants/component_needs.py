"""Every capability that a component requires is provided by another one, or by the runtime."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Related
from ..resolve.components import short
from ..resolve.source import Place
from .proof import Proof, broken

RUNTIME = frozenset({"persistence", "files", "jobs", "outbox", "telemetry", "secrets", "clock", "pages"})
"""What every service has without a component."""


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report each capability that nothing provides."""
    provided = {f"{one.alias}.{short(name)}" for one in proof.components for name in one.model.provides.capabilities}
    provided |= {name for one in proof.components for name in one.model.provides.capabilities}
    for source in proof.components:
        for position, needed in enumerate(source.model.requires.capabilities):
            if needed not in RUNTIME and needed not in provided:
                yield broken(
                    "missing-capability",
                    Place(proof.assembly, ("components", source.alias)).key,
                    f"`{source.alias}` needs `{needed}`, which no component here provides",
                    expected=f"a component that provides `{needed}`",
                    hint="add one under `components`; see `archwright catalog`",
                    path=(Related(Place(source, ("requires", "capabilities", position)).location, "required here"),),
                )
