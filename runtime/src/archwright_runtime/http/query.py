"""Query parameters: an operation's own, and for lists which part of the list is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import FieldProblem
from ..operations.call import FIRST_PAGE, PageRequest
from ..plan import Filter, Input, Paging, Select
from .formats import Wrong
from .request import parse_pairs
from .suggest import suggestion
from .values import codec

MAX_OFFSET = 10_000
_DEEPEST_PAGE = 100_000
_MAX_CURSOR = 4_096
_MAX_SEARCH = 200
_MAX_VALUES = 100
# What one operation remembers of addresses that it read before.
_MOST_REMEMBERED = 256
_LONGEST_REMEMBERED = 256

Reader = Callable[[list[str]], Any]
Result = tuple[dict[str, Any], PageRequest | None, list[FieldProblem]]


class Query:
    """Reads the query of one operation."""

    def __init__(
        self,
        inputs: Sequence[Input],
        select: Select | None,
        paging: Paging | None = None,
        *,
        counted: bool = False,
        lenient: bool = False,
    ) -> None:
        self._select = select
        self._paging = paging
        self._lenient = lenient
        self._fixed = _fixed(paging, counted=counted)
        self._inputs: dict[str, tuple[str, Reader]] = {}
        for entry in inputs:
            self._inputs[entry.wire or entry.name] = (entry.name, _reader(entry))
        self._required = {entry.wire or entry.name: entry for entry in inputs if entry.required}
        self._filters: dict[str, Reader] = {}
        self._page: dict[str, tuple[str, Reader]] = {}
        if select is not None:
            self._page = _page_readers(select, paging)
            self._filters = {one.name: _filter_reader(one) for one in select.filters}
        first = PageRequest(**self._fixed) if self._fixed else FIRST_PAGE
        self._empty = first if select is not None else None
        self._remembered: dict[bytes, Result] = {}

    @property
    def names(self) -> list[str]:
        """Every parameter that is known."""
        return [*self._inputs, *self._page, *self._filters]

    def read(self, raw: bytes) -> Result:
        """Values by input name, the page wanted, and every problem; do not change what is returned.

        Raises:
            Refusal: the query is not well formed.
        """
        if not raw and not self._required:
            return {}, self._empty, []
        known = self._remembered.get(raw)
        if known is not None:
            return known
        result = self._read(raw)
        if len(raw) <= _LONGEST_REMEMBERED:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[raw] = result
        return result

    def _read(self, raw: bytes) -> Result:
        values: dict[str, Any] = {}
        filters: dict[str, Any] = {}
        page: dict[str, Any] = {}
        problems: list[FieldProblem] = []
        given = parse_pairs(raw)
        for name, texts in given.items():
            try:
                if name in self._inputs:
                    target, reader = self._inputs[name]
                    values[target] = reader(texts)
                elif name in self._page:
                    target, reader = self._page[name]
                    page[target] = reader(texts)
                elif name in self._filters:
                    filters[name] = self._filters[name](texts)
                elif not self._lenient:
                    hint = suggestion(name, self.names)
                    problems.append(
                        FieldProblem(f"?{name[:100]}", "unknown", f"There is no such parameter here.{hint}")
                    )
            except Wrong as wrong:
                problems.append(FieldProblem(f"?{name}", wrong.code, wrong.message))
        problems += [
            FieldProblem(f"?{name}", "required", "This is required.") for name in self._required if name not in given
        ]
        if "cursor" in page and "offset" in page:
            problems.append(FieldProblem("?offset", "conflict", "Use either a cursor or an offset."))
        if self._select is None:
            return values, None, problems
        if "page" in page:
            page["offset"] = (page.pop("page") - 1) * page.get("limit", self._select.limit)
            if page["offset"] > _DEEPEST_PAGE:
                problems.append(FieldProblem("?page", "range", f"At most {_DEEPEST_PAGE} rows can be skipped."))
        return values, PageRequest(filters=filters, **{**self._fixed, **page}), problems


def _fixed(paging: Paging | None, *, counted: bool) -> dict[str, Any]:
    """What every page of this list has, whatever is asked for."""
    fixed: dict[str, Any] = {"total": True} if counted else {}
    if paging is not None and paging.by != "cursor":
        fixed["follow"] = False
    return fixed


def _page_readers(select: Select, paging: Paging | None) -> dict[str, tuple[str, Reader]]:
    readers: dict[str, tuple[str, Reader]] = {}
    if paging is None:
        readers["limit"] = ("limit", _bounded(1, select.most))
        readers["total"] = ("total", _flag)
        if not select.group:
            readers["cursor"] = ("cursor", _cursor)
            readers["offset"] = ("offset", _bounded(0, MAX_OFFSET))
    elif paging.by != "none":
        readers[paging.limit] = ("limit", _at_most(select.most) if paging.clamp else _bounded(1, select.most))
        if paging.by == "offset":
            readers[paging.offset] = ("offset", _bounded(0, MAX_OFFSET))
        elif paging.by == "page":
            readers[paging.page] = ("page", _bounded(1, MAX_OFFSET))
        elif not select.group:
            readers[paging.cursor] = ("cursor", _cursor)
    if select.sorts:
        readers["sort"] = ("sort", _sort_reader(select))
    if select.search:
        readers["q"] = ("search", _search)
    return readers


def _reader(entry: Input) -> Reader:
    if entry.type.kind == "list":
        return _many(codec(entry.type).from_text)
    read = codec(entry.type).from_text
    return lambda texts: read(_only(texts))


def _filter_reader(one: Filter) -> Reader:
    if one.operator == "in":
        item = one.type.item if one.type.kind == "list" and one.type.item is not None else one.type
        read = codec(item).from_text

        def several(texts: list[str]) -> list[Any]:
            parts = [part for text in texts for part in text.split(",")]
            if len(parts) > _MAX_VALUES:
                raise Wrong("too-long", f"Use at most {_MAX_VALUES} values.")
            return [read(part) for part in parts]

        return several
    read = codec(one.type).from_text
    return lambda texts: read(_only(texts))


def _many(read: Callable[[str], Any]) -> Reader:
    # `?tag=a&tag=b` and `?tag=a,b` are the same list.
    return lambda texts: read(",".join(texts))


def _only(texts: list[str]) -> str:
    if len(texts) > 1:
        raise Wrong("repeated", "Give this once.")
    return texts[0]


def _bounded(low: int, high: int) -> Reader:
    def read(texts: list[str]) -> int:
        text = _only(texts)
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise Wrong("type", "Enter a whole number.")
        if not low <= int(text) <= high:
            raise Wrong("range", f"Use a number from {low} to {high}.")
        return int(text)

    return read


def _at_most(most: int) -> Reader:
    read = _bounded(1, 999_999_999)
    return lambda texts: min(read(texts), most)


def _flag(texts: list[str]) -> bool:
    text = _only(texts)
    if text not in ("true", "false"):
        raise Wrong("type", "Use true or false.")
    return text == "true"


def _cursor(texts: list[str]) -> str:
    text = _only(texts)
    if not text or len(text) > _MAX_CURSOR or not text.isascii():
        raise Wrong("format", "This is not a cursor of this list.")
    return text


def _search(texts: list[str]) -> str:
    text = _only(texts).strip()
    if len(text) > _MAX_SEARCH:
        raise Wrong("too-long", f"Use at most {_MAX_SEARCH} characters.")
    if "\x00" in text:
        raise Wrong("format", "The text holds a NUL character.")
    return text


def _sort_reader(select: Select) -> Reader:
    known = {sort.name for sort in select.sorts}

    def read(texts: list[str]) -> tuple[str, ...]:
        names = tuple(_only(texts).split(","))
        plain = [name.removeprefix("-") for name in names]
        for name in plain:
            if name not in known:
                raise Wrong("choice", f"Sort by one of: {', '.join(sorted(known))}.{suggestion(name, known)}")
        if len(set(plain)) != len(plain):
            raise Wrong("repeated", "Sort by each name once.")
        return names

    return read
