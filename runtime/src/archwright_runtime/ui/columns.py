"""Columns of a select as pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from ..plan import Column, Expr, Plan, Select, Type
from . import trees
from .formats import ABSENT, Format, byte_size, format_of
from .labels import humanise
from .markup import markup

Record = Mapping[str, Any]

_STYLES = {"int": "number", "decimal": "number", "money": "number", "date": "moment", "datetime": "moment"}
_WIDE = frozenset({"markdown", "html", "json"})
_LONG_TEXT = 200
_FILES = ("file", "image")
_GENERATED = {"created": "Created", "updated": "Changed"}
TITLE = "_title."
"""Before a reference's name: the column that holds what the reference's row is called."""


@dataclass(frozen=True)
class Shown:
    """One column that people see.

    Attributes:
        name: its member in a row.
        format: how its values look.
        style: the class of its cells.
        wide: takes a whole line on a record's own page.
        target: the entity that a reference points to.
        nested: columns of the rows that it holds.
    """

    name: str
    label: str
    type: Type
    format: Format
    style: str = ""
    wide: bool = False
    target: str | None = None
    nested: tuple[Shown, ...] = ()
    single: bool = False
    _plain: bool = field(init=False, repr=False, default=False)

    def __post_init__(self) -> None:
        # Looked at for every cell of every table.
        object.__setattr__(self, "_plain", not self.nested and self.target is None and not self.is_file)

    @property
    def is_file(self) -> bool:
        """Whether it leads to bytes."""
        return self.type.kind in _FILES

    def cell(self, row: Record, address: str = "", pages: Mapping[str, str] | None = None) -> str:
        """The value of a row as text or markup.

        Args:
            address: the page's own address, for files.
            pages: the address template of the page of each entity that the person may open.
        """
        value = row.get(self.name)
        if value is None:
            return ABSENT
        if self._plain:
            return self.format(value)
        if self.nested:
            return self._nested(value)
        if self.target is not None:
            return self._reference(row, str(value), pages or {})
        if address:
            size = value.get("size")
            link = markup('<a href="{}">{}</a>', address, value.get("name", "file"))
            return link if size is None else markup('{} <span class="quiet">{}</span>', link, byte_size(size))
        return self.format(value)

    def _reference(self, row: Record, value: str, pages: Mapping[str, str]) -> str:
        title = row.get(TITLE + self.name)
        shown = value if title is None else str(title)
        page = pages.get(self.target or "")
        return shown if page is None else markup('<a href="{}">{}</a>', row_address(page, value), shown)

    def _nested(self, value: Any) -> str:
        rows = [value] if isinstance(value, Mapping) else list(value)
        first = self.nested[0]
        if not rows:
            return ABSENT
        shown = [first.cell(row) for row in rows[:3]]
        more = [f"+{len(rows) - 3}"] if len(rows) > 3 else []
        return markup(", ".join(["{}"] * (len(shown) + len(more))), *shown, *more)


def row_address(template: str, row: str) -> str:
    """The page of one row: ``/tickets/{id}`` with its id."""
    start, brace, rest = template.partition("{")
    if not brace:
        return template
    return start + (row if row.isalnum() and row.isascii() else quote(row, safe="")) + rest.partition("}")[2]


def type_of(plan: Plan, column: Column) -> Type:
    """What a column holds, as exactly as the plan knows."""
    if column.type is not None:
        return column.type
    read = trees.read_field(column.value)
    if read is not None and read[0] in plan.entities and read[1] in plan.entities[read[0]].fields:
        return plan.entities[read[0]].fields[read[1]].type
    return type_of_node(column.value)


def column_of(plan: Plan, entity: str, name: str) -> Column:
    """The column that shows a field as it is."""
    return trees.column(name, trees.field(plan, entity, name), plan.entities[entity].fields[name].type)


def shown(plan: Plan, columns: Sequence[Column], *, block: bool = False) -> tuple[Shown, ...]:
    """How columns are shown; ids are addresses, not something to read."""
    kept = [column for column in columns if column.name != "id" and not column.name.startswith("_")]
    return tuple(_shown(plan, column, block) for column in (kept or columns))


def titled(plan: Plan, select: Select) -> Select:
    """The same select, with the title of every row that a column refers to."""
    if select.grouped:
        return select
    more = [extra for column in select.columns for extra in _title(plan, column)]
    return replace(select, columns=(*select.columns, *more))


def title_field(plan: Plan, entity: str) -> str | None:
    """The field that names a row of an entity."""
    definition = plan.entities[entity]
    if definition.title in definition.fields:
        return definition.title
    return next((name for name in ("title", "name", "subject", "label") if name in definition.fields), None)


def _title(plan: Plan, column: Column) -> list[Column]:
    read = trees.read_field(column.value)
    if read is None:
        return []
    field = plan.entities[read[0]].fields.get(read[1])
    if field is None or field.generated or field.type.kind != "ref" or field.type.entity not in plan.entities:
        return []
    title = title_field(plan, field.type.entity)
    if title is None:
        return []
    return [trees.column(TITLE + column.name, trees.through(plan, *read, title), Type(kind="text"))]


def _shown(plan: Plan, column: Column, block: bool) -> Shown:
    label = column.label or _label(plan, column.value) or humanise(column.name)
    if column.rows is not None:
        nested = shown(plan, column.rows.columns)
        return Shown(column.name, label, Type(kind="list"), str, wide=True, nested=nested, single=column.rows.single)
    kind = type_of(plan, column)
    return Shown(
        name=column.name,
        label=label,
        type=kind,
        format=format_of(kind, block=block),
        style=_STYLES.get(kind.kind, ""),
        wide=kind.kind in _WIDE or (kind.kind == "text" and (kind.max or 0) > _LONG_TEXT),
        target=kind.entity if kind.kind == "ref" else None,
    )


def _label(plan: Plan, value: Expr | None) -> str | None:
    read = trees.read_field(value)
    if read is None or read[0] not in plan.entities:
        return None
    field = plan.entities[read[0]].fields.get(read[1])
    if field is None:
        return None
    return field.label or _GENERATED.get(field.generated or "")


def type_of_node(value: Expr | None) -> Type:
    """What an expression holds, as far as its tree says."""
    node = (value or {}).get("type", "text")
    if isinstance(node, str):
        return Type(kind=node)
    known = {name: node[name] for name in ("kind", "scale", "entity") if name in node}
    return Type(**known)
