"""What the product says by itself, made from the names of the assembly."""

from __future__ import annotations

from ..plan import Entity, Operation, Plan
from .labels import humanise

_DONE = {"create": "created", "update": "saved", "delete": "deleted"}


def entity_label(name: str, entity: Entity | None) -> str:
    """What one row of an entity is called."""
    return (entity.label if entity else None) or humanise(name)


def done(plan: Plan, operation: Operation, label: str) -> str:
    """What is said when a form has worked: what became of its row, else in the words of its button."""
    past = _DONE.get(operation.action or "")
    if past and operation.entity:
        return f"{entity_label(operation.entity, plan.entities.get(operation.entity))} {past}."
    return f"{label}: done."


def pressed(plan: Plan, operation: Operation, label: str) -> str:
    """What is said when a button has worked: in the button's own word, unless that is the usual one."""
    if operation.action == "delete" and operation.entity and label == "Delete":
        return f"{entity_label(operation.entity, plan.entities.get(operation.entity))} deleted."
    return f"{label}: done."


def submit_label(plan: Plan, operation: Operation, name: str) -> str:
    """What the button of a form says."""
    if operation.action == "create" and operation.entity:
        label = entity_label(operation.entity, plan.entities.get(operation.entity))
        return f"Create {label[:1].lower() + label[1:]}"
    if operation.action == "update":
        return "Save"
    return humanise(name)


def question(label: str, name: str) -> str:
    """What is asked before something that cannot be taken back."""
    return f"{label} “{name}”?" if name else f"{label}?"


GONE = "This is no longer possible: somebody may have changed it meanwhile."
FORBIDDEN = "You may not do this."
NO_ROWS = "Nothing here yet."
NO_MATCH = "Nothing matches. Try fewer filters."
"""Shown where filters leave nothing."""
