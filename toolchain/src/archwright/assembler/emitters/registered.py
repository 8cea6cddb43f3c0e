"""Every emitter, in the order in which they run; a later one sees what the earlier ones made."""

from __future__ import annotations

from ..emitter import Emitter
from . import containerfile, decision, grants, kubernetes, openapi, plan, provenance, sbom, summary

EMITTERS: tuple[Emitter, ...] = (
    plan.emit,
    openapi.emit,
    decision.emit,
    grants.emit,
    containerfile.emit,
    kubernetes.emit,
    sbom.emit,
    summary.emit,
    # Last, since it speaks about all the others.
    provenance.emit,
)
