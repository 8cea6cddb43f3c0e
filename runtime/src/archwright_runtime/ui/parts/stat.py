"""``stat``: figures, each with what it counts."""

from __future__ import annotations

from ...errors import Refusal
from ...operations.call import PageRequest
from ..columns import shown
from ..formats import ABSENT
from ..part import Part
from ..place import Place
from ..views import Figure, Stats
from ..visit import Visit


class StatPart(Part):
    """The first row of a view, each column a figure."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._select = place.select()
        columns = {one.name: one for one in shown(place.plan, self._select.columns)}
        labels = place.config.get("values") or place.config.get("value")
        if isinstance(labels, str):
            labels = {place.wording("label") or columns[labels].label if labels in columns else labels: labels}
        wanted = labels if isinstance(labels, dict) else {one.label: one.name for one in columns.values()}
        missing = [name for name in wanted.values() if name not in columns]
        if missing:
            raise place.error(f"shows {', '.join(map(str, missing))}, which its view does not have")
        self._figures = tuple((label, columns[name]) for label, name in wanted.items())
        self._link = place.part.link

    async def view(self, visit: Visit) -> Stats | None:
        if not await self.allowed(visit):
            return None
        try:
            rows = (await visit.engine.read(self._select, visit.call(), PageRequest(limit=1))).items
        except Refusal as refusal:
            if refusal.kind in ("forbidden", "unauthenticated"):
                return None
            raise
        row = rows[0] if rows else {}
        return Stats(
            id=self.place.id,
            title=self.place.part.title,
            figures=tuple(
                Figure(
                    label, one.cell(row) if one.name in row else ("0" if one.style == "number" else ABSENT), self._link
                )
                for label, one in self._figures
            ),
        )
