"""``links``: places to go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...http.response import local_address
from ..part import Part
from ..place import Place
from ..views import Link, Links
from ..visit import Visit


class LinksPart(Part):
    """Pages of this service, each shown to those who may open it."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._links = tuple(_link(place, item) for item in place.config.get("links", ()))

    async def view(self, visit: Visit) -> Links | None:
        if not await self.allowed(visit):
            return None
        pages = self.place.plan.pages
        open = [link for link in self._links if link.href not in pages or await visit.may(pages[link.href].access)]
        return Links(self.place.id, self.place.part.title, tuple(open)) if open else None


def _link(place: Place, item: Any) -> Link:
    target = item.get("to") if isinstance(item, Mapping) else None
    if not isinstance(target, str) or local_address(target) != target:
        raise place.error("links to somewhere that is no address of this service")
    page = place.plan.pages.get(target)
    label = item.get("label") or (page.title if page else None)
    if not isinstance(label, str):
        raise place.error(f"has no `label` for {target}")
    return Link(label, target)
