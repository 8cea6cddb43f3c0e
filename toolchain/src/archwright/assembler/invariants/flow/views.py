"""What permissions cannot say about views and pages: secrets in them, and labels that a capability adds.

Columns are masked row by row by the permissions on what they read, also those that a pure capability makes. A class
that its result has and that none of its arguments had is in no permission, so no view may show it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....diagnostics import Diagnostic, Related
from ....language.views import Nested, PureCall, View
from ...resolve.capabilities import Capabilities
from ...resolve.source import Place
from ..proof import Proof
from .audience import SECRET, Audience, uncleared
from .labels import Facts, Labels, Mark

_EVERYBODY = Audience(("every reader",), (frozenset(),))


def secrets(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Report expressions of views and pages that read a secret."""
    for place, typed in proof.resolution.typed.items():
        if place.path[0] in ("views", "pages"):
            label = Labels(facts).of(typed, place)
            secret = {mark: path for mark, path in label.items() if mark.name == SECRET}
            yield from uncleared(secret, _EVERYBODY, place, "a view reads a value")


def introduced(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Report columns whose capability gives a labelled value that no permission is about."""
    capabilities = Capabilities(proof.resolution.world)
    for source in proof.resolution.sources:
        for name, view in source.model.views.items():
            for call, place in _calls(view, Place(source, ("views", name))):
                yield from _result(capabilities, facts, call, place)


def _calls(view: View | Nested, place: Place) -> Iterator[tuple[PureCall, Place]]:
    for position, field in enumerate(view.fields):
        here = place / "fields" / position
        if field.call is not None:
            yield field.call, here / "call"
        if field.rows is not None:
            yield from _calls(field.rows, here / "rows")


def _result(capabilities: Capabilities, facts: Facts, call: PureCall, place: Place) -> Iterator[Diagnostic]:
    known = capabilities.called(call.call, place.source)
    if known is None:
        return
    results = known.written.output
    taken = results.get(call.take or next(iter(results), ""))
    given = {mark.name for mark in Labels(facts).below(place)}
    note = Related(place.location, f"`{call.call}` gives such a value")
    added = {Mark(name): (note,) for name in (taken.class_ if taken is not None else ()) if name not in given}
    yield from uncleared(added, _EVERYBODY, place, "a view shows a value")
