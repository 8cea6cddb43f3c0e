"""The account of a build: which parts, why, how far they were derived, and what a reviewer has to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .emitter import ComponentFacts, Facts
from .plan import Operation, Page, Part, Plan
from .wording import expression

TIERS = {0: "configure", 1: "compose", 2: "derive", 3: "extend"}
"""What an author supplied for an element; the higher, the more there is to review."""


def account(facts: Facts) -> dict[str, Any]:
    """Everything that was decided, as plain data."""
    plan = facts.plan
    return {
        "service": {"name": plan.name, "version": plan.version, "owner": plan.owner, "description": plan.description},
        "made_by": {"archwright": facts.archwright, "runtime": facts.runtime},
        "documents": dict(sorted(facts.documents.items())),
        "components": {name: _component(facts, name) for name in sorted(plan.components)},
        "tiers": tiers(facts),
        "public": {name: found.public for name, found in sorted(plan.operations.items()) if _anonymous(found)},
        "principals": _principals(plan),
        "personal": _personal(plan),
        "declassifications": [
            {"where": one.where, "to": one.to, "why": one.why, "transform": one.transform}
            for one in facts.declassifications
        ],
        "novel": dict(sorted(facts.novel.items())),
    }


def tiers(facts: Facts) -> dict[str, dict[str, int]]:
    """The tier of every element, by kind."""
    plan = facts.plan
    return {
        "components": dict.fromkeys(sorted(plan.components), 0),
        "entities": {name: 0 if found.component else 2 for name, found in sorted(plan.entities.items())},
        "operations": {name: found.tier for name, found in sorted(plan.operations.items())},
        "pages": {path: 0 if found.component else 1 for path, found in sorted(plan.pages.items())},
        "novel": dict.fromkeys(sorted(facts.novel), 3),
    }


def uses(plan: Plan, component: str) -> list[str]:
    """Where a component is used."""
    found = []
    if plan.identity is not None and plan.identity.component == component:
        found.append("says who a caller is")
    owned = {name for name, entity in plan.entities.items() if entity.component == component}
    referring = sorted(
        f"{name}.{key}"
        for name, entity in plan.entities.items()
        for key, field in entity.fields.items()
        if field.type.entity in owned and name not in owned
    )
    found += [
        f"`{name}` refers to `{plan.entities[name.rpartition('.')[0]].fields[name.rpartition('.')[2]].type.entity}`"
        for name in referring
    ]
    found += [f"`{name}` calls `{capability}`" for name, capability in _calls(plan, component)]
    own = sum(1 for operation in plan.operations.values() if operation.component == component)
    if own:
        found.append(f"brings {own} operations")
    pages = sorted(path for path, page in plan.pages.items() if page.component == component)
    if pages:
        found.append(f"brings the pages {', '.join(f'`{path}`' for path in pages)}")
    return found


def _calls(plan: Plan, component: str) -> Iterator[tuple[str, str]]:
    for name, operation in sorted(plan.operations.items()):
        for step in operation.steps:
            called = step.capability is not None and step.capability.partition(".")[0] == component
            if called and operation.component != component:
                yield name, step.capability or ""


def _component(facts: Facts, name: str) -> dict[str, Any]:
    plan = facts.plan
    chosen, known = plan.components[name], facts.components.get(name, ComponentFacts())
    return {
        "use": chosen.use,
        "version": chosen.version,
        "digest": chosen.digest,
        "summary": known.summary,
        "use_when": known.use_when,
        "avoid_when": known.avoid_when,
        "owner": known.owner,
        "licence": known.licence,
        "because": uses(plan, name),
        "config": chosen.config,
        "secrets": list(chosen.secrets),
        "egress": list(known.egress),
        "clears": list(known.clears),
        "claims": list(known.claims),
    }


def _anonymous(operation: Operation | Page | Part) -> bool:
    return any(access.role == "anyone" and access.when is None for access in operation.access)


def _principals(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Rights that an operation holds by itself, whoever runs it; and jobs, which run as a role."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, entity in sorted(plan.entities.items()):
        for grant in entity.grants:
            if grant.principal.startswith("operation:"):
                right = {
                    "entity": name,
                    "action": grant.action,
                    "fields": list(grant.fields),
                    "where": expression(grant.where),
                }
                found.setdefault(grant.principal.partition(":")[2], []).append(right)
    for name, operation in sorted(plan.operations.items()):
        if operation.principal is not None:
            found.setdefault(name, []).append({"runs_as": operation.principal})
    return found


def _personal(plan: Plan) -> dict[str, Any]:
    """Entities that hold classified values: whose they are, and how long they stay."""
    found = {}
    for name, entity in sorted(plan.entities.items()):
        classes = {key: list(field.classes) for key, field in entity.fields.items() if field.classes}
        if classes:
            kept = entity.retention
            retention = None if kept is None else {"days": kept.days, "from": expression(kept.start), "then": kept.then}
            found[name] = {"fields": classes, "subject": entity.subject, "retention": retention}
    return found
