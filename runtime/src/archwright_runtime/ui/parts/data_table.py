"""``data-table``: rows of an entity or view, searched, filtered, sorted and paged by the address alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from msgspec.structs import replace

from ...errors import Refusal
from ...http.forms import Form as SentForm
from ...operations.call import PageRequest
from ...plan import Column, Select, Type
from .. import trees, wording
from ..actions import Actions, pressed
from ..answers import Answer
from ..columns import Shown, column_of, row_address, shown, titled
from ..filters import Filters
from ..markup import Markup, escape
from ..part import Part
from ..place import Place, page_of
from ..tables import Addresses, Wanted
from ..views import Heading, Link, Row, Table, Tools
from ..visit import Visit

_ID = "_id"
_OF = "_of"
"""The filter that keeps the rows that belong to the page's record."""


class TablePart(Part):
    """Rows with headings that sort, filters, a pager and buttons."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        written = place.select()
        self._written = written
        self._filters = Filters(place, written)
        self._addresses = Addresses(written, "" if place.lone else f"t{place.index + 1}.", self._filters.clean)
        self._actions = Actions(place)
        self._owner = place.wording("row")
        self._select = self._compiled(written)
        self._shown = shown(place.plan, written.columns)
        self._sorts = {sort.name for sort in written.sorts}
        self._link = place.part.link or (None if written.grouped else page_of(place.plan, written.entity))
        self._links_need = place.plan.pages[self._link].access if self._link in place.plan.pages else None
        self._pages = pages_of(place, self._shown)
        self._empty = place.wording("empty") or wording.NO_ROWS
        self._create = _create_link(place)

    @property
    def operations(self) -> Iterable[str]:
        return self._actions.operations

    def notices(self) -> dict[str, str]:
        return self._actions.notices()

    async def view(self, visit: Visit) -> Table | None:
        if not await self.allowed(visit):
            return None
        wanted = self._addresses.read(visit.query)
        try:
            rows, following = await self._read(visit, wanted.page)
        except Refusal as refusal:
            if refusal.kind in ("forbidden", "unauthenticated"):
                return None
            if refusal.kind != "invalid":
                raise
            # A cursor of somebody else, or from before a change: the first page is what is left of the address.
            rows, following = await self._read(visit, replace(wanted.page, cursor=None))
        return await self._table(visit, wanted, rows, following)

    async def submit(self, visit: Visit, form: SentForm) -> Answer:
        _, _, id = pressed(form)
        row = await self._row(visit, id)
        return await self._actions.submit(visit, form, row, id, self._name(row), visit.here)

    async def file(self, visit: Visit, column: str, row: str) -> dict[str, Any]:
        known = {one.name for one in self._shown if one.is_file}
        if not await self.allowed(visit) or column not in known:
            raise Refusal("not-found")
        value = (await self._row(visit, row)).get(column)
        if not isinstance(value, dict):
            raise Refusal("not-found")
        return value

    async def _row(self, visit: Visit, id: str) -> Mapping[str, Any]:
        """One of the rows that this person sees here."""
        if not await self.allowed(visit) or self._written.grouped:
            raise Refusal("not-found")
        rows, _ = await self._read(visit, PageRequest(filters={trees.ROW: id}, limit=1))
        found = next((row for row in rows if row.get(_ID) == id), None)
        if found is None:
            raise Refusal("not-found")
        return found

    def _compiled(self, written: Select) -> Select:
        if written.grouped:
            return written
        plan, entity = self.place.plan, written.entity
        id = trees.column(_ID, trees.field(plan, entity, "id"), Type(kind="ref", entity=entity))
        asked = _asked(self.place, written)
        select = titled(plan, replace(written, whole=False))
        select = replace(
            select,
            columns=(*select.columns, id, *asked, *self._actions.columns),
            filters=(*select.filters, trees.equals(plan, entity, "id", trees.ROW)),
        )
        if self._owner is not None:
            if self._owner not in plan.entities[entity].fields:
                raise self.place.error(f"belongs to the page's record by `{self._owner}`, which is no field")
            return replace(select, filters=(*select.filters, trees.equals(plan, entity, self._owner, _OF)))
        return select

    async def _read(self, visit: Visit, page: PageRequest) -> tuple[list[dict[str, Any]], str | None]:
        if self._owner and visit.row is None:
            raise Refusal("not-found")
        if self._owner:
            page = replace(page, filters={**page.filters, _OF: visit.row})
        values = {"id": visit.row} if visit.row is not None else {}
        found = await visit.engine.read(self._select, visit.call(values), page)
        return found.items, found.next

    async def _table(self, visit: Visit, wanted: Wanted, rows: list[dict[str, Any]], following: str | None) -> Table:
        usable = await self._actions.usable(visit) if rows else ()
        visible = _readable(self._shown, rows)
        link = self._link if self._link and await _open(visit, self._links_need) else None
        pages = {
            entity: template
            for entity, (template, access) in self._pages.items()
            if rows and await _open(visit, access)
        }
        create = self._create
        # A guessed link is not worth a bar of its own above the table.
        named = self.place.part.title is not None or self.place.wording("create") is not None
        tools = await self._tools(visit, wanted, bool(rows))
        made = tuple(self._made(visit, row, visible, link, pages, usable) for row in rows)
        return Table(
            id=self.place.id,
            title=self.place.part.title,
            headings=tuple(self._heading(visit, wanted, one) for one in visible),
            rows=made,
            empty=wording.NO_MATCH if wanted.narrowed else self._empty,
            action=visit.here,
            hidden=self._actions.hidden(visit) if usable else (),
            tools=tools,
            pager=self._pager(visit, wanted, following),
            actions=any(row.buttons for row in made),
            create=create[0] if create and (named or tools) and await visit.may(create[1]) else None,
        )

    def _made(
        self,
        visit: Visit,
        row: Mapping[str, Any],
        visible: tuple[Shown, ...],
        link: str | None,
        pages: Mapping[str, str],
        usable: Iterable[Any],
    ) -> Row:
        id = str(row.get(_ID) or row.get("id") or "")
        cells = [one.cell(row, self._file_address(visit, one, id) if one.is_file else "", pages) for one in visible]
        name = self._name(row)
        if link and id:
            # A link within a link is none: the row's own link wins.
            cells[0] = visible[0].cell(row) if "<a " in cells[0] else cells[0]
        return Row(
            cells=tuple(cells),
            link=escape(row_address(link, id)) if link and id else None,
            buttons=self._actions.buttons(usable, row, id) if usable else (),
            name=name,
        )

    def _file_address(self, visit: Visit, one: Shown, id: str) -> str:
        if not id:
            return ""
        return f"{visit.address}?{urlencode({'_file': f'{self.place.index}.{id}.{one.name}'})}"

    def _name(self, row: Mapping[str, Any]) -> str:
        first = self._shown[0]
        if first.name not in row:
            return ""
        shown = first.cell(row)
        return (shown.text if isinstance(shown, Markup) else shown)[:80]

    def _heading(self, visit: Visit, wanted: Wanted, one: Shown) -> Heading:
        if one.name not in self._sorts:
            return Heading(one.label, one.style)
        usual = self._written.order[0] if self._written.order else None
        order = wanted.sort or (f"{'-' if usual.descending else ''}{usual.name}" if usual else "")
        now = {one.name: "ascending", "-" + one.name: "descending"}.get(order, "none")
        target = "-" + one.name if now == "ascending" else one.name
        pairs = self._addresses.sorted(wanted, target)
        return Heading(
            one.label, one.style, self._addresses.link(visit.address, visit.query, pairs, self.place.id), now
        )

    async def _tools(self, visit: Visit, wanted: Wanted, any_rows: bool) -> Tools | None:
        if not any_rows and not wanted.given:
            return None
        return await self._filters.tools(visit, self._addresses, wanted, self.place.id)

    def _pager(self, visit: Visit, wanted: Wanted, following: str | None) -> Any:
        return self._addresses.pager(visit.address, visit.query, wanted, following, self.place.id)


def pages_of(place: Place, columns: Iterable[Shown]) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """The pages of the rows that columns refer to: address template and access, by entity."""
    found = {}
    for one in columns:
        template = page_of(place.plan, one.target) if one.target else None
        if one.target and template:
            found[one.target] = (template, place.plan.pages[template].access)
    return found


async def _open(visit: Visit, access: tuple[Any, ...] | None) -> bool:
    return access is None or await visit.may(access)


def _readable(columns: tuple[Shown, ...], rows: list[dict[str, Any]]) -> tuple[Shown, ...]:
    """Columns that this person may read in at least one row: an unreadable field is absent, not null."""
    if not rows or (len(rows[0]) >= len(columns) and all(one.name in rows[0] for one in columns)):
        return columns
    known = {name for row in rows for name in row}
    return tuple(one for one in columns if one.name in known) or columns[:1]


def _asked(place: Place, written: Select) -> tuple[Column, ...]:
    """Fields that buttons ask for, so that what is stored stands in them."""
    fields = place.plan.entities[written.entity].fields
    have = {column.name for column in written.columns}
    wanted = {name for action in place.part.actions for name in action.fields}
    return tuple(
        column_of(place.plan, written.entity, name)
        for name in sorted(wanted - have)
        if name in fields and "secret" not in fields[name].classes
    )


def _create_link(place: Place) -> tuple[Link, tuple[Any, ...]] | None:
    """The page that makes new rows of this kind: the one that is named, else one that does nothing else."""
    named = place.wording("create")
    if named is not None:
        if named not in place.plan.pages:
            raise place.error(f"creates rows on the page {named}, which the plan does not have")
        return Link(place.plan.pages[named].title, named), place.plan.pages[named].access
    entity = place.select().entity
    if place.select().grouped or _creates(place, entity, place.page.parts):
        return None
    for template, page in sorted(place.plan.pages.items()):
        if "{" not in template and len(page.parts) == 1 and _creates(place, entity, page.parts):
            return Link(page.title, template), page.access
    return None


def _creates(place: Place, entity: str, parts: Iterable[Any]) -> bool:
    operations = (place.plan.operations.get(part.operation or "") for part in parts if part.kind == "form")
    return any(one is not None and one.action == "create" and one.entity == entity for one in operations)
