"""Who may do what: one table per entity, a column for each role."""

from __future__ import annotations

from collections.abc import Iterator

from ..plan import Entity, Grant, Plan
from ..wording import expression
from .markup import Markup, code, join, table, tag

_ACTIONS = ("read", "create", "update", "delete")
_HIDDEN = "version"


def permissions(plan: Plan) -> Markup:
    """The table of every entity."""
    return join(
        tag("article", tag("h3", entity.label or name, id=f"may-{name}"), _table(plan, name, entity))
        for name, entity in sorted(plan.entities.items(), key=lambda item: item[1].component is not None)
        if entity.grants
    )


def _table(plan: Plan, name: str, entity: Entity) -> Markup:
    principals = _principals(plan, entity)
    rows = []
    for action in _ACTIONS:
        rows.append([action.capitalize(), *(_cell(entity, action, principal) for principal in principals)])
    head = ["Action", *(_heading(plan, principal) for principal in principals)]
    return table(head, rows, caption=f"Who may do what with {entity.label or name}")


def _principals(plan: Plan, entity: Entity) -> list[str]:
    """Everybody who holds a right on it: the built-in names first, then roles as declared, then operations."""
    held = {grant.principal for grant in entity.grants}
    order = ["anyone", "signed-in", *plan.roles]
    known = [name for name in order if name in held]
    return known + sorted(held - set(known))


def _heading(plan: Plan, principal: str) -> Markup | str:
    if principal.startswith("operation:"):
        return join((tag("small", "operation"), tag("br"), principal.partition(":")[2]))
    role = plan.roles.get(principal)
    return (role.label if role else None) or principal


def _cell(entity: Entity, action: str, principal: str) -> Markup:
    grants = [grant for grant in entity.grants if grant.action == action and grant.principal == principal]
    if not grants:
        return tag("span", "–", class_="no", title="not allowed")
    return join(tag("div", _grant(entity, grant), class_="grant") for grant in grants)


def _grant(entity: Entity, grant: Grant) -> Iterator[Markup]:
    whole = grant.where is None and grant.check is None
    yield tag("strong", _verb(grant, whole), class_="yes" if whole else "some")
    if grant.action != "delete":
        yield tag("small", " ", _fields(entity, grant))
    for label, tree in (("where", grant.where), ("provided", grant.check)):
        if tree is not None:
            yield tag("div", tag("small", f"{label} "), code(expression(tree)), class_="rule")
    for key, tree in grant.preset.items():
        yield tag("div", tag("small", f"sets {key} to "), code(expression(tree)), class_="rule")


def _verb(grant: Grant, whole: bool) -> str:
    if grant.action == "create":
        return "yes" if whole else "if"
    return "every row" if whole else "some rows"


def _fields(entity: Entity, grant: Grant) -> str:
    own = [key for key in entity.fields if key != _HIDDEN]
    named = [key for key in grant.fields if key != _HIDDEN]
    if grant.action == "read" and set(own) <= set(named):
        return "with every field"
    return f"of {', '.join(named)}" if grant.action != "create" else f"with {', '.join(named)}"
