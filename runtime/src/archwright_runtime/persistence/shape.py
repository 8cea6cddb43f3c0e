"""From records of a statement to rows as dictionaries.

Its rules:

* The members of a row are neighbours in the select list, so one ``zip`` makes the row; only what needs it is converted.
* A member whose flag says that the reader may not see it for this row is absent, not null.
* A followed reference lies flat in the same record; a list of rows is JSON in one column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from .forms import Convert

Mode = Literal["wire", "value"]
Make = Callable[[Sequence[Any]], Any]
Row = dict[str, Any]
_decode = msgspec.json.Decoder().decode


class Layout:
    """A select list while it grows."""

    def __init__(self) -> None:
        self.columns: list[str] = []

    def reserve(self, columns: Sequence[str]) -> int:
        """Add neighbours; returns the place of the first."""
        start = len(self.columns)
        self.columns += columns
        return start

    def extra(self, sql: str) -> int:
        """The place of a hidden column, added unless it is there."""
        if sql in self.columns:
            return self.columns.index(sql)
        return self.reserve([sql])


@dataclass
class Shape:
    """How one row is made of a part of a record."""

    names: tuple[str, ...]
    start: int
    converts: list[tuple[str, Convert | None, Convert | None]] = field(default_factory=list)
    """Name, conversion to the wire, conversion to the runtime's value."""
    makers: list[tuple[str, Callable[[Mode], Make]]] = field(default_factory=list)
    flags: list[tuple[str, int]] = field(default_factory=list)

    def function(self, mode: Mode) -> Callable[[Sequence[Any]], Row]:
        """What makes rows."""
        base = self._base()
        converts = self._converts(mode)
        makers = [(name, make(mode)) for name, make in self.makers]
        flags = self.flags
        if not converts and not makers and not flags:
            return base

        def shape(record: Sequence[Any]) -> Row:
            row = base(record)
            for name, convert in converts:
                value = row[name]
                if value is not None:
                    row[name] = convert(value)
            for name, make in makers:
                row[name] = make(record)
            for name, place in flags:
                if not record[place]:
                    del row[name]
            return row

        return shape

    def _converts(self, mode: Mode) -> list[tuple[str, Convert]]:
        found = []
        for name, wire, value in self.converts:
            convert = wire if mode == "wire" else value
            if convert is not None:
                found.append((name, convert))
        return found

    def _base(self) -> Callable[[Sequence[Any]], Row]:
        names, start = self.names, self.start
        if start == 0:
            return lambda record: dict(zip(names, record))  # noqa: B905  # the record goes on with hidden columns
        stop = start + len(names)
        return lambda record: dict(zip(names, record[start:stop], strict=True))


def record_maker(shape: Shape, presence: int) -> Callable[[Mode], Make]:
    """Makes a followed reference's row, or null where there is none that may be read."""

    def maker(mode: Mode) -> Make:
        make = shape.function(mode)
        return lambda record: make(record) if record[presence] is not None else None

    return maker


def list_maker(shape: Shape, place: int) -> Callable[[Mode], Make]:
    """Makes the rows of a nested list."""

    def maker(mode: Mode) -> Make:
        make = shape.function(mode)

        def rows(record: Sequence[Any]) -> list[Row]:
            found = record[place]
            items = _decode(found) if isinstance(found, str) else found
            return [make(item) for item in items or ()]

        return rows

    return maker


def opened_maker(
    place: int, id_place: int, opens: Callable[[str, str], Any], wire: Convert | None
) -> Callable[[Mode], Make]:
    """Makes an encrypted field's value."""

    def maker(mode: Mode) -> Make:
        def opened(record: Sequence[Any]) -> Any:
            sealed = record[place]
            if sealed is None:
                return None
            value = opens(record[id_place], sealed)
            return wire(value) if mode == "wire" and wire is not None and value is not None else value

        return opened

    return maker
