"""Every text, list, file, page and body has a bound, and none is above the law's."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ...language.fields import FieldType
from ..resolve.source import Place
from .proof import Proof, broken

_TEXTS = ("text", "markdown", "html")
_FILES = ("file", "image")
_EXAMPLES = {
    "text": "text(200)",
    "markdown": "markdown(20000)",
    "html": "html(20000)",
    "json": "json(64KB)",
    "file": "5MB",
    "image": "2MB",
}


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report values without a bound and bounds above the law's."""
    for _, field in proof.fields():
        if field.written is not None and field.relation is None:
            yield from _value(proof, field.written.spec.type, field.place)
    for _, written, planned, place in proof.operations():
        if isinstance(written.input, dict):
            for name, one in written.input.items():
                yield from _value(proof, one.spec.type, place / "input" / name)
        yield from _body(proof, planned.body_limit, place)
    yield from _pages(proof)


def _value(proof: Proof, type: FieldType, place: Place) -> Iterator[Diagnostic]:
    if type.kind in (*_TEXTS, "json", *_FILES) and type.max is None:
        yield broken(
            "unbounded-value",
            place.location,
            f"a `{type.kind}` of any size is accepted here",
            expected="a largest size",
            found="none",
            hint=f"bound it, for example `{_EXAMPLES[type.kind]}`",
        )
    if type.kind == "list":
        if type.max is None:
            yield broken(
                "unbounded-value",
                place.location,
                "a list of any length is accepted here",
                expected="`max`",
                found="none",
                hint="add `max: 50`",
            )
        if type.item is not None:
            yield from _value(proof, type.item, place)
    most = proof.law.bounds.upload if proof.law else None
    if type.kind in _FILES and most is not None and type.max is not None and type.max > most:
        yield _above("upload", place, most, type.max)


def _body(proof: Proof, limit: int, place: Place) -> Iterator[Diagnostic]:
    most = proof.law.bounds.body if proof.law else None
    written = place / "limits" / "body"
    declared = place.source.model.operations[place.path[-1]].limits
    if most is not None and declared is not None and declared.body is not None and declared.body > most:
        yield _above("body", written, most, limit)


def _pages(proof: Proof) -> Iterator[Diagnostic]:
    most = proof.law.bounds.page_size if proof.law else None
    if most is None:
        return
    for source in proof.resolution.sources:
        for name, view in source.model.views.items():
            if view.limit is not None and view.limit > most:
                yield _above("page_size", Place(source, ("views", name, "limit")), most, view.limit)
        for name, entity in source.entities.items():
            if entity.expose is not None and entity.expose.page_size is not None and entity.expose.page_size > most:
                yield _above(
                    "page_size", Place(source, ("entities", name, "expose", "page_size")), most, entity.expose.page_size
                )


def _above(bound: str, place: Place, most: int, found: int) -> Diagnostic:
    return broken(
        "above-bound",
        place.location,
        f"this is above the architecture's bound `{bound}`",
        expected=f"at most {most}",
        found=str(found),
        hint="an assembly may tighten a bound and never loosen it",
    )
