"""``summary.html``: the service on one page, for the people who answer for it."""

from __future__ import annotations

from collections.abc import Mapping

from ..emitter import Facts
from ..summary.page import page


def emit(facts: Facts) -> Mapping[str, bytes]:
    """The page."""
    return {"summary.html": page(facts)}
