"""``detail``: one record, its buttons and the rows that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec.structs import replace

from ...errors import Refusal
from ...http.forms import Form as SentForm
from ...operations.call import PageRequest
from ...plan import Select, Type
from .. import trees, wording
from ..actions import Actions, pressed
from ..answers import Answer
from ..columns import Shown, column_of, shown, title_field, titled
from ..markup import escape, markup
from ..part import Part
from ..place import Place
from ..views import Detail, Entry, Heading, Link, Row, Table
from ..visit import Visit
from .data_table import pages_of

_HEADING = "_heading"


class DetailPart(Part):
    """The record whose id stands in the page's address."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        written = place.select()
        columns = shown(place.plan, written.columns, block=True)
        self._lists = tuple(one for one in columns if one.nested and not one.single)
        self._entries = tuple(one for one in columns if one not in self._lists)
        self._title = title_field(place.plan, written.entity)
        self._actions = Actions(place)
        self._select = self._compiled(written)
        self._pages = pages_of(place, columns)
        self._below = [
            (page.title, template.removeprefix(place.template), page.access)
            for template, page in sorted(place.plan.pages.items())
            if place.page.entity is not None and template.startswith(place.template + "/") and template.count("{") == 1
        ]

    @property
    def operations(self) -> Iterable[str]:
        return self._actions.operations

    def notices(self) -> dict[str, str]:
        return self._actions.notices()

    async def view(self, visit: Visit) -> Detail | None:
        if not await self.allowed(visit):
            return None
        row = await self._row(visit)
        name = self._name(row)
        visit.heading = name or visit.heading
        usable = await self._actions.usable(visit)
        buttons = self._actions.buttons(usable, row, visit.row or "")
        pages = {entity: page for entity, (page, access) in self._pages.items() if await visit.may(access)}
        return Detail(
            id=self.place.id,
            title=self.place.part.title,
            entries=tuple(
                self._entry(visit, one, row, pages)
                for one in sorted(self._entries, key=lambda one: one.wide)
                # The name stands above the record already.
                if one.name in row and (one.name != self._title or self.place.part.title)
            ),
            buttons=buttons,
            action=visit.here,
            hidden=self._actions.hidden(visit) if buttons else (),
            links=tuple(
                [Link(title, visit.address + rest) for title, rest, access in self._below if await visit.may(access)]
            ),
            related=tuple(self._related(index, one, row) for index, one in enumerate(self._lists) if one.name in row),
        )

    async def submit(self, visit: Visit, form: SentForm) -> Answer:
        pressed(form)
        if not await self.allowed(visit):
            raise Refusal("not-found")
        row = await self._row(visit)
        return await self._actions.submit(visit, form, row, visit.row or "", self._name(row), "/")

    async def file(self, visit: Visit, column: str, row: str) -> dict[str, Any]:
        known = {one.name for one in self._entries if one.is_file}
        if column not in known or row != visit.row or not await self.allowed(visit):
            raise Refusal("not-found")
        value = (await self._row(visit)).get(column)
        if not isinstance(value, dict):
            raise Refusal("not-found")
        return value

    def _compiled(self, written: Select) -> Select:
        plan, entity = self.place.plan, written.entity
        select = titled(plan, replace(written, whole=False))
        more = [*self._actions.columns]
        if self._title is not None:
            more.append(trees.column(_HEADING, trees.field(plan, entity, self._title), Type(kind="text")))
        have = {column.name for column in written.columns}
        asked = {name for action in self.place.part.actions for name in action.fields} - have
        more += [column_of(plan, entity, name) for name in sorted(asked & set(plan.entities[entity].fields))]
        return replace(
            select,
            columns=(*select.columns, *more),
            filters=(*select.filters, trees.equals(plan, entity, "id", trees.ROW)),
        )

    async def _row(self, visit: Visit) -> Mapping[str, Any]:
        if visit.row is None:
            found = await visit.engine.read(self._select, visit.call(), PageRequest(limit=1))
        else:
            wanted = PageRequest(filters={trees.ROW: visit.row}, limit=1)
            found = await visit.engine.read(self._select, visit.call({"id": visit.row}), wanted)
        if not found.items:
            raise Refusal("not-found")
        return found.items[0]

    def _name(self, row: Mapping[str, Any]) -> str:
        title = row.get(_HEADING)
        if title:
            return str(title)
        first = next((one for one in self._entries if one.name in row and one.type.kind == "text"), None)
        return escape(first.cell(row)).text[:120] if first and row.get(first.name) else ""

    def _entry(self, visit: Visit, one: Shown, row: Mapping[str, Any], pages: Mapping[str, str]) -> Entry:
        if not one.is_file or row.get(one.name) is None:
            return Entry(one.label, one.cell(row, "", pages), one.wide)
        address = f"{visit.address}?{urlencode({'_file': f'{self.place.index}.{visit.row}.{one.name}'})}"
        cell = one.cell(row, address)
        if one.type.kind == "image":
            name = row[one.name].get("name", "")
            picture = markup('<a href="{}"><img class="picture" src="{}" alt="{}"></a>', address, address, name)
            return Entry(one.label, picture, wide=True)
        return Entry(one.label, cell)

    def _related(self, index: int, one: Shown, row: Mapping[str, Any]) -> Table:
        rows = [item for item in row.get(one.name) or [] if isinstance(item, Mapping)]
        return Table(
            id=f"{self.place.id}-{index + 1}",
            title=one.label,
            headings=tuple(Heading(column.label, column.style) for column in one.nested),
            rows=tuple(Row(tuple(column.cell(item) for column in one.nested)) for item in rows),
            empty=wording.NO_ROWS,
        )
