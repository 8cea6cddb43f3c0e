"""Selects that run: the statement of each variant is written at its first use and kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from ..authorization.policy import Standing
from ..errors import FieldProblem, Refusal
from ..expression import tree
from ..persistence.database import Record
from ..persistence.expressions import is_name
from ..persistence.select import PAGE, Page, Reader, Reading, Variant
from ..persistence.statement import Names
from ..plan import Column, Field, Select
from .call import FIRST_PAGE, PageRequest
from .calls import Calls
from .service import Service

Fetch = Callable[[str, Sequence[Any]], Awaitable[list[Record]]]
_VARIANTS = 500
_STANDINGS = 200
_SINGLE = Variant(single=True)
_DEEPEST_OFFSET = 100_000


class Found(msgspec.Struct):
    """Records of a page, not yet rows."""

    reading: Reading
    records: list[Record]
    next: str | None = None
    total: int | None = None
    filled: list[dict[str, Any]] | None = None
    flat: bool = False

    def wire(self) -> list[dict[str, Any]]:
        """The rows in wire form."""
        if self.filled is not None:
            return self.filled
        make = self.reading.wire
        rows = [make(record) for record in self.records]
        # A value that is absent, or that its reader may not see, is no row of a flat list.
        return [row for row in rows if row is not None] if self.flat else rows


class Reads:
    """One select of the plan for every standing that asks.

    Args:
        further: members that only expressions need.
        name: tells its cursors from those of others.
    """

    def __init__(self, service: Service, select: Select, further: Sequence[Column] = (), name: str = "") -> None:
        self._service = service
        self._select = select
        self._further = further
        self._name = name
        # With a number that it knows, PostgreSQL finds that a plan made once is as good as one made for each request.
        self._usual = frozenset({select.limit, select.most, 10, 20, 25, 50, 100})
        self._readers: dict[Standing, Reader] = {}
        self._singles: dict[Standing, Reading | None] = {}
        self._readings: dict[tuple[Standing, Variant], Reading] = {}
        self.calls = Calls(select, service.pure, service.report)

    @property
    def settled(self) -> bool:
        """Whether rows show nothing but their own stored fields, and so change with their version only."""
        fields = self._service.plan.entities[self._select.entity].fields
        return all(_is_stored(column, fields) for column in self._select.columns)

    def single(self, standing: Standing) -> Reading | None:
        """The statement for one row; None where nothing may be read."""
        if standing not in self._singles:
            if len(self._singles) >= _STANDINGS:
                self._singles.clear()
            reader = self._reader(standing)
            self._singles[standing] = reader.reading(_SINGLE) if reader.readable else None
        return self._singles[standing]

    async def page(self, fetch: Fetch, standing: Standing, names: Names, request: PageRequest | None) -> Found:
        """The part of the list that is asked for.

        Raises:
            Refusal: a filter, sort or cursor that the plan does not allow.
        """
        asked = request or FIRST_PAGE
        reader = self._reader(standing)
        page, after = self._place(reader, asked, standing, names)
        variant = self._variant(asked, after, page.limit)
        reading = self._reading(standing, reader, variant)
        names = {**names, PAGE: page}
        records = list(await fetch(reading.sql, reading.arguments(names))) if reader.readable else []
        found = Found(reading, records[: page.limit], flat=self._select.flat)
        if asked.follow and len(records) > page.limit and reading.keys:
            found.next = self._service.cursors.write(
                reading.cursor_keys(records[page.limit - 1]), self._context(standing, names, asked)
            )
        if asked.total:
            found.total = await self._total(fetch, reader, reading, variant, records, names)
        if self.calls:
            rows = found.wire()
            await self.calls.fill(rows, names["now"])
            found.filled = rows
        return found

    async def _total(
        self, fetch: Fetch, reader: Reader, reading: Reading, variant: Variant, records: list[Record], names: Names
    ) -> int:
        if not reader.readable:
            return 0
        if records and reading.total is not None:
            return int(records[0][reading.total])
        counting = reader.counting(variant)
        return int((await fetch(counting.sql, counting.arguments(names)))[0][0])

    def _reader(self, standing: Standing) -> Reader:
        found = self._readers.get(standing)
        if found is None:
            if len(self._readers) >= _STANDINGS:
                self._readers.clear()
            policy = self._service.policy
            found = self._readers[standing] = Reader(
                self._service.schema, lambda entity: policy.readable(entity, standing), self._select, self._further
            )
        return found

    def _reading(self, standing: Standing, reader: Reader, variant: Variant) -> Reading:
        key = (standing, variant)
        found = self._readings.get(key)
        if found is None:
            if len(self._readings) >= _VARIANTS:
                self._readings.pop(next(iter(self._readings)))
            found = self._readings[key] = reader.reading(variant)
        return found

    # -- what is asked for ---------------------------------------------------------------------------------------

    def _variant(self, asked: PageRequest, after: tuple[bool, ...] | None, limit: int) -> Variant:
        return Variant(
            filters=tuple(sorted(asked.filters)),
            search=bool(asked.search),
            sort=asked.sort,
            after=after,
            offset=bool(asked.offset),
            total=asked.total and not self._select.grouped,
            limit=limit if limit in self._usual else None,
        )

    def _place(
        self, reader: Reader, asked: PageRequest, standing: Standing, names: Names
    ) -> tuple[Page, tuple[bool, ...] | None]:
        self._check(reader, asked)
        wanted = asked.limit if asked.limit is not None else self._select.limit
        limit = max(1, min(wanted, self._select.most))
        page = Page(limit, asked.filters, asked.search, [], min(asked.offset or 0, _DEEPEST_OFFSET))
        if asked.cursor is None:
            return page, None
        if reader.grouped:
            raise _invalid("cursor", "this list has no cursors")
        length = reader.key_count(asked.sort, bool(asked.search))
        context = self._context(standing, names, asked)
        page.after = self._service.cursors.read(asked.cursor, context, length)
        return page, tuple(value is None for value in page.after)

    def _check(self, reader: Reader, asked: PageRequest) -> None:
        known = {one.name for one in self._select.filters}
        for name in asked.filters:
            if name not in known:
                raise _invalid(name, f"`{name}` is no filter of this list")
        for name in asked.sort:
            if name.removeprefix("-") not in reader.sort_names:
                raise _invalid("sort", f"this list cannot be sorted by `{name.removeprefix('-')}`")
        if asked.search and not self._select.search:
            raise _invalid("q", "this list cannot be searched")

    def _context(self, standing: Standing, names: Names, asked: PageRequest) -> bytes:
        filters = sorted((name, str(value)) for name, value in asked.filters.items())
        what = (self._name, standing.name, names["caller"], filters, asked.search, asked.sort)
        return msgspec.json.encode(what)


def _is_stored(column: Column, fields: Mapping[str, Field]) -> bool:
    if column.value is None:
        return False
    node = tree.decode(column.value)
    own = isinstance(node, tree.Field) and is_name(node.of, "this") and node.field in fields
    return own and fields[node.field].computed is None if isinstance(node, tree.Field) else False


def _invalid(name: str, message: str) -> Refusal:
    return Refusal("invalid", message, (FieldProblem(f"?{name}", "unknown", message),))
