"""What whoever may run an operation reads for certain: rules that all of them hold, for the rows that are read.

A field is answered where some rule of the reader holds for the row and has the field. So it is always answered when a
rule without a condition has it, when the condition is one that the read rows fulfil anyway, or when every rule of the
entity has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..plan import Entity, Expr, Grant, Operation, Plan

ANYONE = "anyone"
SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class Readers:
    """The callers of an operation.

    Attributes:
        held: for each way to have access, the principals whose rules such a caller has at least.
    """

    plan: Plan
    held: tuple[frozenset[str], ...] = (frozenset({ANYONE}),)

    @classmethod
    def of(cls, plan: Plan, name: str, operation: Operation) -> Readers:
        """Those who may run an operation."""
        ways = [_principals(plan, one.role) | {f"operation:{name}"} for one in operation.access]
        return cls(plan, tuple(ways) or (frozenset({ANYONE}),))

    def sees_all(self, entity: str) -> bool:
        """Whether they read every row of an entity."""
        return all(any(grant.where is None for grant in self._grants(entity, way)) for way in self.held)

    def certain(self, tree: Any, rows: Mapping[str, Expr | None]) -> bool:
        """Whether everything that an expression reads is theirs to read.

        Args:
            rows: for each row that the expression names, the condition under which it was read.
        """
        return all(self._field(node, rows) for node in _fields(tree))

    def sure(self, entity: str, where: Expr | None = None) -> frozenset[str]:
        """Fields that they read of every row for which a condition holds."""
        known = list(_conjuncts(where))
        always = _always(self.plan.entities[entity])
        return frozenset.intersection(*(always | self._fulfilled(entity, way, known) for way in self.held))

    def reach(self, entity: str) -> frozenset[str]:
        """Fields that they read of some rows."""
        always = _always(self.plan.entities[entity])
        ways = [{name for grant in self._grants(entity, way) for name in grant.fields} for way in self.held]
        return frozenset(always | set.intersection(*ways))

    def _fulfilled(self, entity: str, way: frozenset[str], known: list[Expr]) -> frozenset[str]:
        fulfilled = (
            grant.fields
            for grant in self._grants(entity, way)
            if all(part in known for part in _conjuncts(grant.where))
        )
        return frozenset(name for names in fulfilled for name in names)

    def _grants(self, entity: str, way: frozenset[str]) -> Iterator[Grant]:
        for grant in self.plan.entities[entity].grants:
            if grant.action == "read" and grant.principal in way:
                yield grant

    def _field(self, node: Mapping[str, Any], rows: Mapping[str, Expr | None]) -> bool:
        entity = self.plan.entities.get(node["entity"])
        if entity is None or node["field"] not in entity.fields:
            return True  # The rows of a relation have rules of their own.
        name = str(node["of"].get("name")) if node["of"].get("op") == "name" else ""
        if name == "caller":
            return True
        if name in rows:
            return node["field"] in self.sure(node["entity"], rows[name])
        return node["field"] in self.reach(node["entity"])


def _principals(plan: Plan, role: str) -> frozenset[str]:
    if role == ANYONE:
        return frozenset({ANYONE})
    known = plan.roles.get(role)
    return frozenset({ANYONE, SIGNED_IN, role, *(known.includes if known is not None else ())})


def _always(entity: Entity) -> frozenset[str]:
    """Fields that whoever sees a row may read."""
    grants = [frozenset(grant.fields) for grant in entity.grants if grant.action == "read"]
    return frozenset.intersection(*grants) if grants else frozenset()


def _conjuncts(where: Expr | None) -> Iterator[Expr]:
    """The conditions that hold when all of it holds."""
    if where is None:
        return
    if where.get("op") == "and":
        for part in where.get("args", ()):
            yield from _conjuncts(part)
    else:
        yield where


def _fields(tree: Any) -> Iterator[Mapping[str, Any]]:
    """Every node that reads a field of a row."""
    if isinstance(tree, dict):
        if tree.get("op") == "field" and isinstance(tree.get("entity"), str) and isinstance(tree.get("of"), dict):
            yield tree
        for value in tree.values():
            yield from _fields(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _fields(value)
