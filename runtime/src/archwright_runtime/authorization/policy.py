"""The permission table: which grants the principals of a request hold.

Its rules:

* Nothing is allowed unless a grant allows it.
* Grants unite as pairs of (row rule, columns): rows of one never meet columns of another.
* A condition is told apart by what it says, so grants with the same rule are one.
* Principals without any grant make no difference, so there are as few sets of principals as the plan's roles allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from ..caller import Caller
from ..plan import Access, Expr, Grant, Plan

Action = Literal["read", "create", "update", "delete"]


@dataclass(frozen=True)
class Rule:
    """Rows that may be read and the fields that may be read of them.

    Attributes:
        where: over ``this`` and ``caller``; None: every row.
    """

    where: Expr | None
    fields: frozenset[str]


class Standing:
    """A set of principals, made once; compiled statements are remembered by it.

    Attributes:
        principals: only those for which the plan has a grant or an access rule.
    """

    __slots__ = ("name", "principals")

    def __init__(self, principals: frozenset[str]) -> None:
        self.principals = principals
        self.name = " ".join(sorted(principals))

    def __repr__(self) -> str:
        return f"Standing({self.name})"


class Policy:
    """The grants of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._grants = {name: entity.grants for name, entity in plan.entities.items()}
        self._roles = {name: frozenset((name, *role.includes)) for name, role in plan.roles.items()}
        self._meaningful = frozenset(_principals(plan))
        self._standings: dict[frozenset[str], Standing] = {}
        self._of_callers: dict[tuple[frozenset[str], bool], Standing] = {}
        self._rules: dict[tuple[str, Standing], tuple[Rule, ...]] = {}
        self._everything = {
            name: (Rule(None, frozenset((*entity.fields, *entity.relations))),)
            for name, entity in plan.entities.items()
        }

    def expand(self, roles: Iterable[str]) -> frozenset[str]:
        """Roles with everything they include; names that the plan does not know are dropped."""
        return frozenset().union(*(self._roles.get(role, frozenset()) for role in roles))

    def standing(self, caller: Caller) -> Standing:
        """The one standing of every caller with the same principals."""
        key = (caller.roles, caller.id is None)
        found = self._of_callers.get(key)
        if found is None:
            found = self.of(caller.principals)
            if len(self._of_callers) < 4096:
                self._of_callers[key] = found
        return found

    def of(self, principals: frozenset[str]) -> Standing:
        """The standing with exactly these principals."""
        meaningful = principals & self._meaningful
        return self._standings.setdefault(meaningful, Standing(meaningful))

    def joined(self, standing: Standing, principal: str) -> Standing:
        """The same, with one more principal."""
        return self.of(standing.principals | {principal})

    def grants(self, entity: str, action: Action, standing: Standing) -> tuple[Grant, ...]:
        """What the principals may do, in the plan's order."""
        held = standing.principals
        return tuple(grant for grant in self._grants[entity] if grant.action == action and grant.principal in held)

    def everything(self, entity: str) -> tuple[Rule, ...]:
        """The rule of the service itself, for what nobody is shown."""
        return self._everything[entity]

    def readable(self, entity: str, standing: Standing) -> tuple[Rule, ...]:
        """What the principals may read, without rules that another one covers."""
        key = (entity, standing)
        found = self._rules.get(key)
        if found is None:
            found = self._rules[key] = unite(self.grants(entity, "read", standing))
        return found


def unite(grants: Iterable[Grant]) -> tuple[Rule, ...]:
    """The fewest rules that allow the same."""
    by_rule: dict[bytes, Rule] = {}
    for grant in grants:
        key = msgspec.json.encode(grant.where, order="sorted")
        before = by_rule.get(key, Rule(grant.where, frozenset()))
        by_rule[key] = Rule(grant.where, before.fields | frozenset(grant.fields))
    everywhere = next((rule.fields for rule in by_rule.values() if rule.where is None), frozenset())
    return tuple(rule for rule in by_rule.values() if rule.where is None or not rule.fields <= everywhere)


def access_roles(access: Iterable[Access]) -> Mapping[str, tuple[Expr | None, ...]]:
    """For each role that may have access: the conditions under which it has it."""
    found: dict[str, tuple[Expr | None, ...]] = {}
    for rule in access:
        found[rule.role] = (*found.get(rule.role, ()), rule.when)
    return found


def _principals(plan: Plan) -> Iterable[str]:
    for entity in plan.entities.values():
        for grant in entity.grants:
            yield grant.principal
    for operation in plan.operations.values():
        yield from (rule.role for rule in operation.access)
        if operation.principal is not None:
            yield operation.principal
    for page in plan.pages.values():
        yield from (rule.role for rule in page.access)
        yield from (rule.role for part in page.parts for rule in part.access)
