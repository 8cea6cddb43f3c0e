"""What everything that runs operations shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..authorization.policy import Policy
from ..persistence.cursor import Cursors
from ..persistence.database import Database
from ..persistence.schema import Schema
from ..plan import Column, Plan, Select
from .trees import field_column

Report = Callable[[str, Mapping[str, Any]], None]


@dataclass
class Service:
    """One plan on one database.

    Attributes:
        wholes: for each entity, the members that exposing it gives.
    """

    plan: Plan
    database: Database
    schema: Schema
    policy: Policy
    cursors: Cursors
    settings: Mapping[str, Any]
    report: Report
    attempts: int = 20
    wholes: dict[str, Select] = field(default_factory=dict)

    def whole(self, entity: str) -> Select:
        """Every field of an entity, as exposing it gives."""
        if entity not in self.wholes:
            self.wholes[entity] = self._stated(entity) or own_fields(self.plan, entity)
        return self.wholes[entity]

    def _stated(self, entity: str) -> Select | None:
        for operation in self.plan.operations.values():
            for step in operation.steps:
                if step.select is not None and step.select.whole and step.select.entity == entity:
                    return Select(entity=entity, columns=step.select.columns, whole=True)
        return None


def own_fields(plan: Plan, entity: str) -> Select:
    """Every field of an entity, stored or computed."""
    columns: tuple[Column, ...] = tuple(
        field_column(plan, entity, name)
        for name, one in plan.entities[entity].fields.items()
        if one.generated != "version"
    )
    return Select(entity=entity, columns=columns, whole=True)
