"""What a write tells by being refused: checks that read labelled values, and keys that must be unique."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ....language.expression import Typed
from ...resolve.source import Place
from ...resolve.world import EntityDraft
from .labels import NOTHING, Facts, Label, Labels, join


def failing(facts: Facts, entity: EntityDraft, written: frozenset[str], given: Mapping[str, Label] | None) -> Label:
    """What a failing check tells to the one who writes some fields.

    Args:
        written: the fields that may change.
        given: for a new row, what the fields carry that are given; the others have their default. None for a change.
    """
    return join(*(_of_check(facts, place, typed, written, given) for place, typed in checks(facts, entity)))


def checks(facts: Facts, entity: EntityDraft) -> tuple[tuple[Place, Typed], ...]:
    """The checks of an entity and of its fields, with the ones that the resolver adds."""
    if entity.name not in facts.checks:
        facts.checks[entity.name] = tuple(_checks(facts, entity))
    return facts.checks[entity.name]


def _checks(facts: Facts, entity: EntityDraft) -> Iterator[tuple[Place, Typed]]:
    for place, part in entity.parts:
        for position in range(len(part.check)):
            yield from _typed(facts, place / "check" / position / "says")
    for field in entity.fields.values():
        for key in ("check", "$bounds"):
            yield from _typed(facts, field.place / key)


def unique(facts: Facts, entity: EntityDraft, written: frozenset[str]) -> Label:
    """What a refused duplicate tells: that another row has the value."""
    alone = ((field.name,) for field in entity.fields.values() if field.written is not None and field.written.unique)
    groups = (group for _, part in entity.parts for group in part.unique)
    keys = [key for key in (*alone, *groups) if written & set(key)]
    return join(*(facts.of_field(entity.name, name) for key in keys for name in key))


def referring(facts: Facts, entity: EntityDraft) -> Label:
    """What a refused deletion tells: that another row still refers to this one."""
    return join(*(facts.of_field(*field) for field in facts.refusing.get(entity.name, ())))


def _typed(facts: Facts, place: Place) -> Iterator[tuple[Place, Typed]]:
    typed = facts.typed(place)
    if typed is not None:
        yield place, typed


def _of_check(
    facts: Facts, place: Place, typed: Typed, written: frozenset[str], given: Mapping[str, Label] | None
) -> Label:
    if given is not None:
        return of_new_row(facts, typed, place, given)
    direct = {read.path[1] for read in typed.reads if read.path[:1] == ("this",) and len(read.path) > 1}
    if direct and not direct & written:
        return NOTHING  # it held before, and nothing that it reads changes
    return Labels(facts, own=frozenset({"caller"})).of(typed, place)


def of_new_row(facts: Facts, typed: Typed | None, place: Place, given: Mapping[str, Label]) -> Label:
    """What a condition on a row that is being created carries: of its own fields what was given for them."""
    if typed is None:
        return NOTHING
    labels = Labels(facts, own=frozenset({"caller"}))
    near = [read for read in typed.reads if read.path[:1] == ("this",) and len(read.path) == 2]
    far = tuple(read for read in typed.reads if read not in near)
    return join(*(given.get(read.path[1], NOTHING) for read in near), labels.of(replace(typed, reads=far), place))
