"""Which code draws which kind of part."""

from __future__ import annotations

from collections.abc import Callable

from .part import Part
from .parts.bar_chart import BarChartPart
from .parts.data_table import TablePart
from .parts.detail import DetailPart
from .parts.form import FormPart
from .parts.links import LinksPart
from .parts.stat import StatPart
from .parts.text import TextPart
from .place import Place

KINDS: dict[str, Callable[[Place], Part]] = {
    "bar-chart": BarChartPart,
    "data-table": TablePart,
    "detail": DetailPart,
    "form": FormPart,
    "links": LinksPart,
    "stat": StatPart,
    "text": TextPart,
}


def compile_part(place: Place) -> Part:
    """The part that stands at a place.

    Raises:
        PlanError: this runtime does not know its kind, or the plan contradicts itself.
    """
    kind = KINDS.get(place.part.kind)
    if kind is None:
        raise place.error(f"is of a kind that this runtime does not draw; it draws {', '.join(sorted(KINDS))}")
    return kind(place)
