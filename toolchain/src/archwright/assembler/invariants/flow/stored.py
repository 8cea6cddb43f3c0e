"""Labels that a stored value would lose: a field is an audience too, whoever may read it later."""

from __future__ import annotations

from collections.abc import Iterator

from ....diagnostics import Diagnostic, Related
from ...resolve.source import Place
from ...resolve.world import EntityDraft
from ..proof import Proof, broken
from .audience import shown_to_all
from .labels import Facts, Label, Labels, classes


def lost(entity: EntityDraft, name: str, carried: Label, place: Place) -> Iterator[Diagnostic]:
    """A finding for each class of a value that the field which takes it does not have."""
    field = entity.fields.get(name)
    kept = set(field.classes) if field is not None else set()
    for label, path in classes(carried):
        if label not in kept:
            yield broken(
                "lost-label",
                place.location,
                f"a {label} value is stored in `{entity.name}.{name}`, which is not {label}",
                expected=f"a field of the class `{label}`",
                found=f"classes {sorted(kept) or 'none'}",
                hint=f"add `class: [{label}]` to the field, or declassify the value",
                path=(*path, Related(place.location, "and is stored here")),
            )


def defaults(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Defaults of fields that would store a labelled value in a field without the label."""
    for entity, field in proof.fields():
        place = field.place / "default"
        yield from lost(entity, field.name, Labels(facts).at(place), place)


def retention(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Rows that go at a time which tells their readers about a labelled value."""
    for entity in proof.resolution.world.entities.values():
        place = entity.place / "retention" / "from"
        for label, path in classes(Labels(facts).at(place)):
            if not shown_to_all(proof, entity, label):
                yield broken(
                    "lost-label",
                    place.location,
                    f"when a row of `{entity.name}` goes depends on a {label} value",
                    expected="a time that all readers of the entity may know",
                    hint="count from `this.created_at`, or from a field without the class",
                    path=(*path, Related(place.location, "and decides here")),
                )
