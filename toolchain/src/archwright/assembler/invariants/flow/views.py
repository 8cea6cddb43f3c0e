"""Secrets in views and on pages: no permission shows them, so a view that reads one is a mistake or worse."""

from __future__ import annotations

from collections.abc import Iterator

from ....diagnostics import Diagnostic
from ..proof import Proof
from .audience import SECRET, Audience, uncleared
from .labels import Facts, Labels

_EVERYBODY = Audience(("every reader",), (frozenset(),))


def secrets(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Report expressions of views and pages that read a secret."""
    for place, typed in proof.resolution.typed.items():
        if place.path[0] in ("views", "pages"):
            label = Labels(facts).of(typed, place)
            secret = {mark: path for mark, path in label.items() if mark.name == SECRET}
            yield from uncleared(secret, _EVERYBODY, place, "a view reads a value")
