"""Flows through permissions: columns that may be read, and conditions that tell something by holding."""

from __future__ import annotations

from collections.abc import Iterator

from ....diagnostics import Diagnostic
from ...resolve.source import Place
from ...resolve.world import EntityDraft
from ..personal_data import PERSONAL
from ..proof import Proof
from .audience import Granted, granted, holders, uncleared
from .constraints import failing, of_new_row, referring, unique
from .labels import NOTHING, Facts, Label, Labels, Mark, Origin, is_subject, join
from .stored import lost


def permissions(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Report what permissions give away."""
    for entity in proof.resolution.world.entities.values():
        for grant in granted(proof, entity):
            yield from _grant(proof, facts, entity, grant)


def roles(proof: Proof, facts: Facts) -> Iterator[Diagnostic]:
    """Report roles whose condition tells those who hold it about others."""
    for name, (place, role) in proof.resolution.roles.written.items():
        own = {"caller"} if facts.people is not None else set()
        target = proof.resolution.world.entities.get(place.source.entity(role.of or ""))
        typed = facts.typed(place / "where")
        if target is not None and typed is not None and is_subject(typed.node, target.written.subject):
            own.add("this")
        labels = Labels(facts, own=frozenset(own))
        label = _foreign(join(labels.at(place / "when"), labels.at(place / "where")))
        audience = holders(proof, name, place)
        yield from uncleared(label, audience, place, f"holding the role `{name}` tells about a value")


def _grant(proof: Proof, facts: Facts, entity: EntityDraft, grant: Granted) -> Iterator[Diagnostic]:
    audience = holders(proof, grant.name, grant.place)
    labels = Labels(facts, own=frozenset({"caller", "this"} if grant.is_own else {"caller"}))
    action = grant.planned.action
    if action == "read":
        for field in grant.planned.fields:
            label = facts.of_field(entity.name, field)
            shown = {mark: path for mark, path in label.items() if not (grant.is_own and mark.name in PERSONAL)}
            where = _field_place(grant, field)
            yield from uncleared(shown, audience, where, f"`{grant.name}` may read `{entity.name}.{field}`")
    narrowing = (
        labels.at(place / key / "where")
        for place, part in entity.parts
        for key, written in (("narrows", part.narrows), ("hold", part.hold if action != "read" else None))
        if written is not None and grant.name not in written.except_
    )
    control = _foreign(join(labels.at(grant.place / "where"), _check(facts, entity, grant, labels), *narrowing))
    tells = "which rows are there" if action == "read" else f"whether it may {action} a row"
    here = (grant.place / "where") if grant.written.where else grant.place
    yield from uncleared(control, audience, here, f"`{grant.name}` learns from {tells}")
    if action == "delete":
        told = referring(facts, entity)
        yield from uncleared(told, audience, grant.place, f"`{grant.name}` learns from a refused delete")
    if action in ("create", "update"):
        yield from _written(proof, facts, entity, grant, labels)


def _check(facts: Facts, entity: EntityDraft, grant: Granted, labels: Labels) -> Label:
    place = grant.place / "check"
    if grant.planned.action == "create":
        return of_new_row(facts, facts.typed(place), place, _given(facts, entity, grant, labels))
    return labels.at(place)


def _given(facts: Facts, entity: EntityDraft, grant: Granted, labels: Labels) -> dict[str, Label]:
    """What the fields of a row carry that is written directly: what the caller sends, and the presets."""
    given: dict[str, Label] = {name: _said(facts, entity, name) for name in grant.planned.fields}
    return {**given, **{name: labels.at(grant.place / "preset" / name) for name in grant.planned.preset}}


def _written(proof: Proof, facts: Facts, entity: EntityDraft, grant: Granted, labels: Labels) -> Iterator[Diagnostic]:
    """What a direct write tells by failing, and what its presets store."""
    audience = holders(proof, grant.name, grant.place)
    given = _given(facts, entity, grant, labels)
    fields = frozenset(given)
    creating = grant.planned.action == "create"
    told = join(failing(facts, entity, fields, given if creating else None), unique(facts, entity, fields))
    what = f"`{grant.name}` learns from a refused {grant.planned.action}"
    yield from uncleared(_foreign(told), audience, grant.place, what)
    for name in grant.planned.preset:
        here = grant.place / "preset" / name
        yield from lost(entity, name, labels.at(here), here)


def _said(facts: Facts, entity: EntityDraft, name: str) -> Label:
    """A field that the caller gives is as an input."""
    return {Mark(mark.name, Origin.INPUT): path for mark, path in facts.of_field(entity.name, name).items()}


def _foreign(label: Label) -> Label:
    return {mark: path for mark, path in label.items() if mark.origin is Origin.DATA} or NOTHING


def _field_place(grant: Granted, field: str) -> Place:
    named = grant.written.fields is not None and field in grant.written.fields
    return grant.place / "fields" / field if named else grant.place
