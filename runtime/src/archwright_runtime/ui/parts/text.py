"""``text``: words of the assembly, in Markdown."""

from __future__ import annotations

from ..part import Part
from ..place import Place
from ..richtext import render_markdown
from ..views import Text
from ..visit import Visit


class TextPart(Part):
    """A paragraph or more."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        written = place.wording("text")
        if written is None:
            raise place.error("has no words: `text` is missing")
        self._view = Text(place.id, place.part.title, render_markdown(written))

    async def view(self, visit: Visit) -> Text | None:
        return self._view if await self.allowed(visit) else None
