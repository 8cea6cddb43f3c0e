"""``openapi.json``: the interface that programs see."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.document import document
from ..emitter import Facts
from ..plan import canonical


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The OpenAPI document as canonical JSON."""
    return {"openapi.json": canonical(document(facts.plan))}
