"""``plan.json``: the compiled service, as the runtime reads it."""

from __future__ import annotations

from collections.abc import Mapping

from ..emitter import Facts
from ..plan import canonical, to_data


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The plan as canonical JSON."""
    return {"plan.json": canonical(to_data(facts.plan))}
