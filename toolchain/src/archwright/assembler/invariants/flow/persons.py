"""Whose data a row becomes: what is stored about one person must not become readable as another one's own."""

from __future__ import annotations

from collections.abc import Iterator

from ....diagnostics import Diagnostic, Related
from ....language.expression.check import Read
from ....language.steps import Step
from ... import plan
from ...resolve.source import Place
from ...resolve.world import EntityDraft
from ..personal_data import PERSONAL
from ..proof import Proof, broken
from .audience import granted, holders
from .labels import Facts, Mark, Origin, classes


def foreign(proof: Proof, facts: Facts, entity: EntityDraft, step: Step, place: Place) -> Iterator[Diagnostic]:
    """Report personal values of a row that are stored in a row whose subject is not seen to be the same person."""
    subject = entity.written.subject
    if subject is None or step.kind not in ("create", "update", "upsert") or not isinstance(step.set, dict):
        return
    for name in step.set:
        typed = facts.typed(place / "set" / name)
        for read in typed.reads if typed is not None and name != subject else ():
            label = {Mark(one.name): path for one, path in facts.of_field(*_field(read)).items() if _is_data(one)}
            exposed = [(one, path) for one, path in classes(label) if _own_readers(proof, entity, one)]
            if exposed and not _same_person(proof, facts, read, subject, step, place):
                one, path = exposed[0]
                yield broken(
                    "uncleared-flow",
                    (place / "set" / name).location,
                    f"a {one} value about one person is stored in a row of `{entity.name}` that may be another's own",
                    expected=f"the same person in `{subject}`",
                    found=", ".join(f"`{reader}`" for reader in _own_readers(proof, entity, one)),
                    hint=f"take `{subject}` from the same row as the value",
                    path=(*path, Related((place / "set" / name).location, "and becomes readable as one's own here")),
                )
                return


def _is_data(mark: Mark) -> bool:
    return mark.name in PERSONAL and mark.origin is Origin.DATA


def _field(read: Read) -> tuple[str, str]:
    return read.entity or "", read.field or ""


def _own_readers(proof: Proof, entity: EntityDraft, label: str) -> list[str]:
    """Those who may read a class only because the row is their own."""
    return [
        one.name
        for one in granted(proof, entity)
        if one.planned.action == "read" and one.is_own and holders(proof, one.name, one.place).lacking(label)
    ]


def _same_person(proof: Proof, facts: Facts, read: Read, subject: str, step: Step, place: Place) -> bool:
    """Whether a value's row and the row that takes it are seen to have the same subject."""
    root, owner = read.path[:-1], proof.resolution.world.entities.get(read.entity or "")
    if root == ("this",) and step.kind == "update":
        return True
    if owner is None or owner.written.subject is None:
        return False
    person = (*root, owner.written.subject) if owner.written.subject != "id" else root
    assert isinstance(step.set, dict)
    if subject in step.set:
        given = facts.typed(place / "set" / subject)
        return given is not None and _path(given.node) in (person, (*person, "id"))
    if step.kind == "update":
        where = facts.typed(place / "where")
        return where is not None and _equates(where.node, ("this", subject), person)
    return person == ("caller",) and root == ("caller",)  # the default of a subject is its caller


def _path(node: plan.Expr) -> tuple[str, ...]:
    """`a.b.c` as names; nothing for what is no path."""
    if node.get("op") == "name":
        return (node["name"],)
    if node.get("op") != "field":
        return ()
    below = _path(node["of"])
    return (*below, node["field"]) if below else ()


def _equates(where: plan.Expr, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if where.get("op") == "and":
        return any(_equates(part, one, other) for part in where["args"])
    if where.get("op") != "compare" or where.get("operator") != "==":
        return False
    return {_path(where["left"]), _path(where["right"])} in ({one, other}, {one, (*other, "id")})
