"""Roles, reduced to what the runtime knows: named groups of callers, and conditions.

A predicate role (`when`) is `signed-in` with its condition on the caller; a relative one (`of`, `where`) is `signed-in`
with its condition on the row. So the plan has no third kind of role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...diagnostics import did_you_mean
from ...language.assembly import Role
from .. import plan
from .source import Place
from .world import World

ANYONE, SIGNED_IN = "anyone", "signed-in"
BUILT_IN = (ANYONE, SIGNED_IN)


@dataclass(frozen=True)
class Holder:
    """Who holds a right: a principal of the plan, and what must hold besides."""

    principal: str
    condition: plan.Expr | None = None


def _is_conditional(role: Role) -> bool:
    return role.when is not None or role.of is not None


def _extended(declared: Role, further: Role) -> Role:
    """A role of a component with what another document adds; who holds it is decided by the first."""
    added = {
        "clears": tuple(dict.fromkeys((*declared.clears, *further.clears))),
        "includes": tuple(dict.fromkeys((*declared.includes, *further.includes))),
        "label": further.label or declared.label,
    }
    return declared.model_copy(update=added)


def conjunction(*conditions: plan.Expr | None) -> plan.Expr | None:
    """All of the conditions; those that are absent hold anyway."""
    given = [condition for condition in conditions if condition is not None]
    if len(given) < 2:
        return given[0] if given else None
    return {"op": "and", "type": "bool", "args": given}


def negation(condition: plan.Expr | None) -> plan.Expr | None:
    """Where the condition does not hold; absent where it is."""
    return None if condition is None else {"op": "not", "type": "bool", "value": condition}


class Roles:
    """The roles of an assembly, its components' included."""

    def __init__(self, world: World, operations: Iterable[str]) -> None:
        self._world = world
        self._operations = frozenset(operations)
        self._written: dict[str, tuple[Place, Role]] = {}
        for source in world.sources:
            for name, role in source.model.roles.items():
                declared = self._written.get(name)
                mine = (Place(source, ("roles", name)), role)
                self._written[name] = mine if declared is None else (declared[0], _extended(declared[1], role))

    @property
    def written(self) -> Mapping[str, tuple[Place, Role]]:
        """Every role with the place that declares it."""
        return self._written

    def names(self) -> tuple[str, ...]:
        """Every name that `access` and `permissions` may use."""
        return (*BUILT_IN, *self._written)

    def clears(self, name: str) -> frozenset[str]:
        """The data classes that may be shown to a role, those of the roles it includes too."""
        return frozenset(
            label
            for each in (name, *self._closure(name))
            if each in self._written
            for label in self._written[each][1].clears
        )

    def plain(self) -> dict[str, plan.Role]:
        """The roles of the plan: those that are granted to people."""
        return {
            name: plan.Role(includes=self._closure(name), clears=tuple(sorted(self.clears(name))), label=role.label)
            for name, (_, role) in sorted(self._written.items())
            if role.when is None and role.of is None
        }

    def check(self) -> None:
        """Report what the roles themselves get wrong."""
        for name, (place, role) in self._written.items():
            if name in BUILT_IN:
                self._world.findings.error(
                    "assembly/bad-name", place.key, f"`{name}` is built in", hint="choose another name"
                )
            for position, included in enumerate(role.includes):
                if included not in self._written:
                    self._unknown(included, place / "includes" / position, self._written)
                elif _is_conditional(role) or _is_conditional(self._written[included][1]):
                    self._conditional(name, included, place / "includes" / position)
            if name in self._closure(name):
                self._world.findings.error("assembly/role-cycle", place.key, f"`{name}` includes itself")
            if role.when is not None:
                self._predicate(name)

    def holder(self, name: str, place: Place, *, entity: str | None = None) -> Holder | None:
        """Who holds a right that a document gives to `name`; for rows of `entity` where that is what is granted."""
        if name in BUILT_IN:
            return Holder(name)
        operation = place.source.name(name) if name[:1].isupper() else name
        if operation in self._operations:
            return Holder(f"operation:{operation}")
        if name not in self._written:
            self._unknown(name, place, (*self.names(), *self._operations))
            return None
        role = self._written[name][1]
        if role.when is not None:
            return Holder(SIGNED_IN, self._predicate(name))
        if role.of is not None and role.where is not None:
            return self._relative(name, place, entity)
        return Holder(name)

    def access(self, written: Iterable[str], place: Place) -> tuple[plan.Access, ...]:
        """Who may run an operation or open a page."""
        found: list[plan.Access] = []
        for position, name in enumerate(written):
            here = place / position
            holder = self.holder(name, here)
            if holder is None:
                continue
            if holder.principal.startswith("operation:"):
                self._world.findings.error(
                    "assembly/not-a-role", here.location, f"`{name}` is an operation, not a role", expected="a role",
                    hint="people run operations; operations hold rights only in `permissions`",
                )  # fmt: skip
                continue
            found.append(plan.Access(role=holder.principal, when=holder.condition))
        return tuple(dict.fromkeys(found)) if all(one.when is None for one in found) else tuple(found)

    def _relative(self, name: str, place: Place, entity: str | None) -> Holder | None:
        here, role = self._written[name]
        target = here.source.entity(role.of or "")
        if entity is None:
            return Holder(SIGNED_IN)
        if entity != target:
            self._world.findings.error(
                "assembly/other-entity",
                place.location,
                f"the role `{name}` is held towards rows of `{target}`, not of `{entity}`",
                expected=f"a role, or a relative role of `{entity}`",
            )
            return None
        condition = self._world.expressions.condition(role.where, here / "where", self._world.scope(this=target))
        return Holder(SIGNED_IN, condition)

    def _predicate(self, name: str) -> plan.Expr | None:
        place, role = self._written[name]
        return self._world.expressions.condition(role.when, place / "when", self._world.scope())

    def _closure(self, name: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        waiting = [name]
        while waiting:
            role = self._written.get(waiting.pop())
            for included in role[1].includes if role else ():
                if included not in found:
                    found[included] = None
                    waiting.append(included)
        return tuple(sorted(found))

    def _conditional(self, name: str, included: str, place: Place) -> None:
        held = name if _is_conditional(self._written[name][1]) else included
        self._world.findings.error(
            "assembly/conditional-role",
            place.location,
            f"`{held}` is held where a condition holds, so `{name}` cannot include `{included}`",
            expected="roles that are granted to people",
            found=f"a role with `{'when' if self._written[held][1].when is not None else 'of'}`",
            hint=f"give `{name}` its rights in `permissions`, and its classes in `clears`",
        )

    def _unknown(self, name: str, place: Place, known: Iterable[str]) -> None:
        self._world.findings.error(
            "assembly/unknown-role",
            place.location,
            f"there is no role `{name}`",
            expected="a role of this assembly",
            found=f"`{name}`",
            hint=did_you_mean(name, known) or f"declare it under `roles`: `{name}: {{}}`",
        )
