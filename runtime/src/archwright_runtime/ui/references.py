"""Rows to choose from, by their titles."""

from __future__ import annotations

from ..operations.call import PageRequest
from ..plan import Plan, Select, Sort, Type
from . import trees
from .columns import title_field
from .views import Option
from .visit import Visit

MOST = 200
"""More rows than this are no choice that a person makes in a list."""


class References:
    """The rows of one entity that a person may choose from.

    Args:
        entity: whose rows.
    """

    def __init__(self, plan: Plan, entity: str) -> None:
        title = title_field(plan, entity)
        shown = trees.field(plan, entity, title or "id")
        self._select = Select(
            entity=entity,
            columns=(
                trees.column("id", trees.field(plan, entity, "id"), Type(kind="ref", entity=entity)),
                trees.column("title", shown, Type(kind="text")),
            ),
            filters=(trees.equals(plan, entity, "id", trees.ROW),),
            order=(Sort(name="title", value=shown, optional=True),),
            limit=MOST,
            most=MOST,
        )

    async def options(self, visit: Visit, chosen: list[str]) -> tuple[tuple[Option, ...], bool]:
        """The choices, with the chosen rows among them wherever they would stand, and whether there are more."""
        found = await visit.engine.read(self._select, visit.call(), PageRequest(limit=MOST))
        rows = found.items
        known = {str(row["id"]) for row in rows if row.get("id") is not None}
        for value in chosen[:20]:
            if value and value not in known and len(value) <= 64:
                wanted = PageRequest(filters={trees.ROW: value}, limit=1)
                rows = (await visit.engine.read(self._select, visit.call(), wanted)).items + rows
        options = tuple(Option(str(row["id"]), str(row.get("title") or row["id"])) for row in rows)
        return options, found.next is not None

    async def title(self, visit: Visit, row: str) -> str | None:
        """What one row is called."""
        wanted = PageRequest(filters={trees.ROW: row}, limit=1)
        found = (await visit.engine.read(self._select, visit.call(), wanted)).items
        return str(found[0]["title"]) if found and found[0].get("title") is not None else None
