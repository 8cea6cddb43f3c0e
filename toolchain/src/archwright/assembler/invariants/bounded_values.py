"""Every text, list, file, page and body has a bound, and none is above the law's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from ...diagnostics import Diagnostic
from ...language.fields import FieldType
from ...language.operations import Operation
from ...language.steps import Step
from ...language.views import ViewField
from ..resolve.selects import MOST
from ..resolve.source import Place, Source
from .proof import Proof, broken

Bound = Literal["body", "upload", "page_size"]
BOUNDS: dict[Bound, int] = {"body": 16 * 1024**2, "upload": 256 * 1024**2, "page_size": MOST}
"""What holds where no architecture says otherwise."""
_TEXTS = ("text", "markdown", "html")
_FILES = ("file", "image")
_EXAMPLES = {
    "text": "text(200)",
    "markdown": "markdown(20000)",
    "html": "html(20000)",
    "json": "json(64KB)",
    "file": "file(5MB)",
    "image": "image(2MB)",
}


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report values without a bound and bounds above the law's."""
    for _, field in proof.fields():
        if field.written is not None and field.relation is None:
            yield from _value(proof, field.written.spec.type, field.place)
    for _, written, _, place in proof.operations():
        if isinstance(written.input, dict):
            for name, one in written.input.items():
                yield from _value(proof, one.spec.type, place / "input" / name)
        if written.limits is not None and written.limits.body is not None:
            yield from _above(proof, "body", place / "limits" / "body", written.limits.body)
        for position, step in enumerate(written.steps):
            # Rows that a component gets, or that steps run over, are no page: the language bounds them.
            if _is_page(step, written):
                yield from _above(proof, "page_size", place / "steps" / position / "limit", step.limit)
    for source in proof.resolution.sources:
        yield from _rows(proof, source)


def _is_page(step: Step, written: Operation) -> bool:
    """Whether the rows of a step may be in the answer."""
    if written.returns is None:
        return True
    shown = (written.returns.body, *written.returns.headers.values(), written.returns.redirect)
    return step.as_ is None or any(re.search(rf"\b{step.as_}\b", f"{one}") for one in shown if one is not None)


def _value(proof: Proof, type: FieldType, place: Place) -> Iterator[Diagnostic]:
    if type.kind in (*_TEXTS, "json", *_FILES) and type.max is None:
        article = "an" if type.kind in ("html", "image") else "a"
        yield broken(
            "unbounded-value",
            place.location,
            f"{article} `{type.kind}` of any size is accepted here",
            expected="a largest size",
            found="none",
            hint=f"bound it, for example `{_EXAMPLES[type.kind]}`",
        )
    if type.kind == "list":
        yield from _list(proof, type, place)
    if type.kind in _FILES:
        yield from _above(proof, "upload", place, type.max)


def _list(proof: Proof, type: FieldType, place: Place) -> Iterator[Diagnostic]:
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
        if type.item.kind in _FILES and type.max is not None and type.item.max is not None:
            yield from _above(proof, "upload", place, type.max * type.item.max)


def _rows(proof: Proof, source: Source) -> Iterator[Diagnostic]:
    """Views, what is nested in them, exposed lists and tables of pages."""
    for name, view in source.model.views.items():
        place = Place(source, ("views", name))
        yield from _above(proof, "page_size", place / "limit", view.limit)
        yield from _nested(proof, view.fields, place / "fields")
    for name, entity in source.entities.items():
        if entity.expose is not None:
            place = Place(source, ("entities", name, "expose", "page_size"))
            yield from _above(proof, "page_size", place, entity.expose.page_size)
    for path, page in source.model.pages.items():
        for position, part in enumerate(page.show):
            place = Place(source, ("pages", path, "show", position, "config", "page_size"))
            yield from _above(proof, "page_size", place, part.config.get("page_size"))


def _nested(proof: Proof, fields: tuple[ViewField, ...], place: Place) -> Iterator[Diagnostic]:
    for position, field in enumerate(fields):
        if field.rows is not None:
            here = place / position / "rows"
            yield from _above(proof, "page_size", here / "limit", field.rows.limit)
            yield from _nested(proof, field.rows.fields, here / "fields")


def _above(proof: Proof, bound: Bound, place: Place, found: int | None) -> Iterator[Diagnostic]:
    stated = getattr(proof.law.bounds, bound) if proof.law is not None else None
    most = BOUNDS[bound] if stated is None else stated
    if found is None or found <= most:
        return
    whose = "the architecture's bound" if stated is not None else "the bound that holds without an architecture,"
    yield broken(
        "above-bound",
        place.location,
        f"this is above {whose} `{bound}`",
        expected=f"at most {most}",
        found=str(found),
        hint="an assembly may tighten a bound and never loosen it",
    )
