"""Where a part stands: everything that a part is compiled from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import plan as model
from ..errors import PlanError

PAGE_ROW = "${page.id}"
"""Stands for the id in the page's address."""


@dataclass(frozen=True)
class Place:
    """One part of one page of a plan.

    Attributes:
        template: the page's address in the plan, e.g. ``/tickets/{id}``.
        index: the part's position on the page.
        lone: it is the only part of its kind on the page, so its parameters need no prefix in the address.
    """

    plan: model.Plan
    template: str
    page: model.Page
    index: int
    lone: bool = True

    @property
    def part(self) -> model.Part:
        """The part itself."""
        return self.page.parts[self.index]

    @property
    def id(self) -> str:
        """The part's element."""
        return f"part-{self.index + 1}"

    @property
    def config(self) -> Mapping[str, Any]:
        """How the part is configured."""
        return self.part.config

    def wording(self, name: str) -> str | None:
        """A text of the configuration."""
        value = self.config.get(name)
        return value if isinstance(value, str) and value else None

    def page_row(self) -> dict[str, str]:
        """The input that takes the id of the page's record, where the part says which."""
        name = self.wording("row")
        return {} if name is None else {name: PAGE_ROW}

    def select(self) -> model.Select:
        """What the part reads.

        Raises:
            PlanError: the plan does not say.
        """
        if self.part.select is None:
            raise self.error("has nothing to show: `select` is missing")
        return self.part.select

    def operation(self, name: str | None) -> tuple[str, model.Operation]:
        """An operation that the part runs.

        Raises:
            PlanError: there is none of that name.
        """
        found = self.plan.operations.get(name or "")
        if name is None or found is None:
            raise self.error(f"runs the operation `{name}`, which the plan does not have")
        return name, found

    def error(self, message: str) -> PlanError:
        """A problem of the plan at this part."""
        return PlanError(f"page {self.template}, part {self.index + 1} ({self.part.kind}): {message}")


def page_of(plan: model.Plan, entity: str) -> str | None:
    """The address of the page that shows a row of an entity, e.g. ``/tickets/{id}``."""
    found = [
        (not any(part.kind == "detail" for part in page.parts), template)
        for template, page in plan.pages.items()
        if page.entity == entity and template.count("{") == 1
    ]
    return min(found)[1] if found else None
