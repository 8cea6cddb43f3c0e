"""``bar-chart``: one bar per row of a view, which is a table to everybody who does not see bars."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ...errors import Refusal
from ...http.formats import Wrong, duration
from ...operations.call import PageRequest
from ..columns import Shown, shown, titled
from ..markup import escape
from ..part import Part
from ..place import Place
from ..views import Bar, Chart
from ..visit import Visit

_NUMBERS = frozenset({"int", "decimal", "money", "duration"})


class BarChartPart(Part):
    """Labels and lengths from two columns of a view."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        select = place.select()
        self._select = titled(place.plan, select)
        columns = shown(place.plan, select.columns)
        self._label = _named(place, columns, "label") or columns[0]
        measures = [one for one in columns if one is not self._label and one.type.kind in _NUMBERS]
        value = _named(place, columns, "value") or next(iter(measures), None)
        if value is None:
            raise place.error("has no column with numbers")
        self._value = value
        self._empty = place.wording("empty") or "Nothing to count yet."

    async def view(self, visit: Visit) -> Chart | None:
        if not await self.allowed(visit):
            return None
        try:
            rows = (await visit.engine.read(self._select, visit.call(), PageRequest(limit=self._select.limit))).items
        except Refusal as refusal:
            if refusal.kind in ("forbidden", "unauthenticated"):
                return None
            raise
        lengths = [_length(row.get(self._value.name)) for row in rows]
        longest = max((abs(length) for length in lengths), default=Decimal(0))
        return Chart(
            id=self.place.id,
            title=self.place.part.title,
            label=self._label.label,
            measure=self._value.label,
            bars=tuple(self._bar(row, length, longest) for row, length in zip(rows, lengths, strict=True)),
            empty=self._empty,
        )

    def _bar(self, row: Mapping[str, Any], length: Decimal, longest: Decimal) -> Bar:
        share = abs(length) * 100 / longest if longest else Decimal(0)
        label = escape(self._label.cell(row)).text if row.get(self._label.name) is not None else "Not set"
        return Bar(label, self._value.cell(row), f"{share:.2f}".rstrip("0").rstrip("."), length < 0)


def _named(place: Place, columns: tuple[Shown, ...], key: str) -> Shown | None:
    name = place.wording(key)
    if name is None:
        return None
    found = next((one for one in columns if one.name == name), None)
    if found is None:
        raise place.error(f"shows `{name}`, which its view does not have")
    return found


def _length(value: Any) -> Decimal:
    if value is None:
        return Decimal(0)
    try:
        return Decimal(duration(value)) if isinstance(value, str) and "P" in value else Decimal(str(value))
    except (InvalidOperation, Wrong):
        return Decimal(0)
