"""From records of a statement to rows as dictionaries.

Its rules:

* The members of a row are neighbours in the select list; a function made for them builds the row in one go.
* A member whose flag says that the reader may not see it for this row is absent, not null.
* A followed reference lies flat in the same record; a list of rows is JSON in one column.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import CodeType, FunctionType
from typing import Any, Literal

import msgspec

from .forms import Convert

Mode = Literal["wire", "value"]
Make = Callable[[Sequence[Any]], Any]
Row = dict[str, Any]
_decode = msgspec.json.Decoder().decode
WIDEST = 90
"""Functions of databases take a hundred arguments; a wider row of JSON is an array of arrays."""


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Stands in a row for what a pure capability will make of these arguments, in the runtime's own values."""

    arguments: Mapping[str, Any]


@dataclass
class Shape:
    """How one row is made of a part of a record."""

    names: tuple[str, ...]
    start: int
    converts: list[tuple[str, Convert | None, Convert | None]] = field(default_factory=list)
    """Name, conversion to the wire, conversion to the runtime's value."""
    makers: list[tuple[str, Callable[[Mode], Make]]] = field(default_factory=list)
    flags: list[tuple[str, int]] = field(default_factory=list)
    whole: dict[str, None] | None = None
    """On the wire every row has these members, null where they may not be seen."""
    flat: bool = False
    """Rows are the values of their only member."""
    wide: bool = False
    """In a nested list: a row has too many columns for one array."""

    def function(self, mode: Mode) -> Callable[[Sequence[Any]], Any]:
        """What makes rows."""
        made = self._row(mode)
        if not self.flat or mode == "value":
            return made
        return lambda record: next(iter(made(record).values()), None)

    def _row(self, mode: Mode) -> Callable[[Sequence[Any]], Row]:
        base = self._literal(mode)
        flags = self.flags
        if self.whole is not None and mode == "wire":
            return _filled(base, self.whole, flags)
        if not flags:
            return base

        def shape(record: Sequence[Any]) -> Row:
            row = base(record)
            for name, place in flags:
                if not record[place]:
                    del row[name]
            return row

        return shape

    def _literal(self, mode: Mode) -> Callable[[Sequence[Any]], Row]:
        """``lambda r: {"id": r[0], "ends": text(r[1]), ...}``, made as a syntax tree: no text is ever evaluated."""
        converts = {name: wire if mode == "wire" else value for name, wire, value in self.converts}
        makers = {name: make(mode) for name, make in self.makers}
        functions: dict[str, Any] = {}
        values: list[ast.expr] = []
        for number, name in enumerate(self.names):
            stored = ast.Subscript(_name("r"), ast.Constant(self.start + number), ast.Load())
            convert = converts.get(name)
            if name in makers:
                values.append(_called(functions, makers[name], _name("r")))
            elif convert is None:
                values.append(stored)
            else:
                values.append(_converted(functions, convert, stored))
        body = ast.Dict([ast.Constant(name) for name in self.names], values)
        return _function(body, functions)


def _filled(base: Make, whole: dict[str, None], flags: Sequence[tuple[str, int]]) -> Callable[[Sequence[Any]], Row]:
    def shape(record: Sequence[Any]) -> Row:
        row: Row = {**whole, **base(record)}
        for name, place in flags:
            if not record[place]:
                row[name] = None
        return row

    return shape


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _called(functions: dict[str, Any], function: Any, argument: ast.expr) -> ast.expr:
    name = f"f{len(functions)}"
    functions[name] = function
    return ast.Call(_name(name), [argument], [])


def _converted(functions: dict[str, Any], convert: Convert, stored: ast.expr) -> ast.expr:
    """The value converted, unless it is absent."""
    kept = ast.NamedExpr(ast.Name("v", ast.Store()), stored)
    absent = ast.Compare(kept, [ast.Is()], [ast.Constant(None)])
    return ast.IfExp(absent, ast.Constant(None), _called(functions, convert, _name("v")))


def _function(body: ast.expr, names: dict[str, Any]) -> Callable[[Sequence[Any]], Row]:
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg("r")], kwonlyargs=[], kw_defaults=[], defaults=[])
    program = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    code = compile(program, "<shape>", "eval")
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **names}, "shape")


def record_maker(shape: Shape, presence: int) -> Callable[[Mode], Make]:
    """Makes a followed reference's row, or null where there is none that may be read."""

    def maker(mode: Mode) -> Make:
        make = shape.function(mode)
        return lambda record: make(record) if record[presence] is not None else None

    return maker


def list_maker(shape: Shape, place: int) -> Callable[[Mode], Make]:
    """Makes the rows of a nested list."""

    def maker(mode: Mode) -> Make:
        make, wide = shape.function(mode), shape.wide

        def rows(record: Sequence[Any]) -> list[Any]:
            found = record[place]
            items = _decode(found) if isinstance(found, str) else found
            return [make([*chain(*item)] if wide else item) for item in items or ()]

        if not shape.flat:
            return rows
        return lambda record: [one for one in rows(record) if one is not None]

    return maker


def waiting_maker(arguments: Shape) -> Callable[[Mode], Make]:
    """Makes what stands for a call until it has run; rows that expressions see hold nothing there."""

    def maker(mode: Mode) -> Make:
        if mode == "value":
            return lambda record: None
        make = arguments.function("value")
        return lambda record: Waiting(make(record))

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
