"""A unique key tells nobody that a hidden row exists, unless the document says that it may.

A refused duplicate reveals that such a row is there. That is no news to those who may read the key of every row, and
none where the key holds the writer's own scope or the writer; anywhere else `reveals` says why people may learn it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Location, Related
from .. import plan
from ..resolve.world import EntityDraft
from .proof import Proof, broken

_OPERATION = "operation:"
_CALLER = {"op": "name", "name": "caller"}


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report unique keys that somebody writes who may not read them on every row."""
    for entity in proof.resolution.world.entities.values():
        planned = proof.plan.entities[entity.name]
        for group in planned.unique:
            if not any(_reveals(entity, name) for name in group):
                yield from _group(proof, entity, planned, group)


def _group(proof: Proof, entity: EntityDraft, planned: plan.Entity, group: tuple[str, ...]) -> Iterator[Diagnostic]:
    for grant in planned.grants:
        given = set(grant.fields) & set(group)
        if grant.action not in ("create", "update") or not given or _own(planned, group, grant):
            continue
        blind = [name for name in _writers(proof, grant.principal) if not _reads_all(proof, planned, name, group)]
        if blind:
            yield broken(
                "reveals-existence",
                _place(entity, group),
                f"a duplicate of {_named(group)} tells `{blind[0]}` that a row exists which it may not read",
                expected="a key within the writer's own scope, or `reveals` with the reason",
                found=f"a key over all rows of `{entity.name}`",
                hint="put the writer into the key, `unique: [[owner, code]]`, or add `reveals: <why>` to the field",
                path=(Related(entity.place.key, f"`{blind[0]}` may {grant.action} it"),),
            )
            return


def _reveals(entity: EntityDraft, name: str) -> bool:
    written = entity.fields[name].written
    return written is not None and written.reveals is not None


def _own(planned: plan.Entity, group: tuple[str, ...], grant: plan.Grant) -> bool:
    """Whether the key holds what every write takes from the caller: the scope, or the caller as the fixed owner."""
    return any(_from_caller(planned, name, grant) for name in group)


def _from_caller(planned: plan.Entity, name: str, grant: plan.Grant) -> bool:
    field = planned.fields[name]
    value = grant.preset.get(name, field.default)
    if grant.check is not None and any(_says_caller(part, name) for part in _parts(grant.check)):
        return True
    fixed = name not in grant.fields and (grant.action == "create" or field.immutable)
    return fixed and value is not None and _is_caller(value)


def _parts(condition: plan.Expr) -> list[plan.Expr]:
    return condition["args"] if condition.get("op") == "and" else [condition]


def _says_caller(part: plan.Expr, name: str) -> bool:
    """Whether it is `this.<name> == caller`."""
    if part.get("op") != "compare" or part.get("operator") != "==":
        return False
    sides = (part["left"], part["right"])
    own = any(side.get("op") == "field" and side.get("field") == name for side in sides)
    return own and any(_is_caller(side) for side in sides)


def _is_caller(value: plan.Expr) -> bool:
    node = value.get("of", value) if value.get("op") == "field" else value
    return bool({key: node.get(key) for key in _CALLER} == _CALLER)


def _writers(proof: Proof, principal: str) -> tuple[str, ...]:
    """The roles that write with a grant: its own, or those that may run the operation which holds it."""
    if not principal.startswith(_OPERATION):
        return (principal,)
    operation = proof.plan.operations[principal.removeprefix(_OPERATION)]
    return tuple(access.role for access in operation.access)


def _reads_all(proof: Proof, planned: plan.Entity, role: str, group: tuple[str, ...]) -> bool:
    """Whether a role may read the whole key of every row."""
    known = proof.plan.roles.get(role)
    held = {role, *(known.includes if known else ()), "anyone", *(("signed-in",) if role != "anyone" else ())}
    granted = [one for one in planned.grants if one.action == "read" and one.where is None and one.principal in held]
    return all(any(name in one.fields for one in granted) for name in group)


def _place(entity: EntityDraft, group: tuple[str, ...]) -> Location:
    return entity.fields[group[-1]].place.key


def _named(group: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in group)
