"""How a table's address says which rows are wanted, and what its heading, filters and pager lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..errors import FieldProblem
from ..http.query import Query
from ..operations.call import FIRST_PAGE, PageRequest
from ..plan import Select
from .views import Hidden, Pager

FIRST = "0"
"""Stands for the first page among the cursors of the pages before."""
MOST_BACK = 20

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Wanted:
    """Which rows an address asks for.

    Attributes:
        page: what the engine is asked.
        given: what came, by name without the table's prefix.
        problems: what was wrong with it, by name.
        back: the cursors of the pages before, first page first.
    """

    page: PageRequest
    given: Mapping[str, str]
    problems: Mapping[str, str]
    back: tuple[str, ...] = ()

    @property
    def narrowed(self) -> int:
        """How many filters and searches are on."""
        return len(self.page.filters) + bool(self.page.search)

    @property
    def sort(self) -> str | None:
        """The chosen order."""
        return self.page.sort[0] if self.page.sort else None


class Addresses:
    """Reads and writes the parameters of one table.

    Args:
        select: the table's select as the plan has it.
        prefix: before each parameter, where a page has several tables.
        clean: turns what people typed into what the wire takes, by parameter.
    """

    def __init__(self, select: Select, prefix: str, clean: Callable[[str, str], str]) -> None:
        self._clean = clean
        self._prefix = prefix
        self._query = Query((), select)
        self._known = [name for name in self._query.names if name not in ("total", "offset", "limit")]

    def read(self, query: Mapping[str, list[str]]) -> Wanted:
        """What the address asks for; what cannot be understood is left out and told."""
        given = {name: query[self._prefix + name][-1] for name in self._known if query.get(self._prefix + name)}
        given = {name: value for name, value in given.items() if value.strip()}
        if not given:
            return Wanted(FIRST_PAGE, {}, {})
        _, page, problems = self._query.read(
            urlencode({name: self._clean(name, value) for name, value in given.items()}).encode()
        )
        back = tuple(query.get(self._prefix + "back", ())[-MOST_BACK:]) if page and page.cursor else ()
        return Wanted(page or FIRST_PAGE, given, _by_name(problems), back)

    def name(self, name: str) -> str:
        """A parameter's name in the address."""
        return self._prefix + name

    def others(self, query: Mapping[str, list[str]]) -> Pairs:
        """What the address says to other parts of the page."""
        mine = {self._prefix + name for name in (*self._known, "back")}
        return [(name, value) for name, values in query.items() if name not in mine for value in values]

    def hidden(self, query: Mapping[str, list[str]]) -> tuple[Hidden, ...]:
        """The same, for a form that changes this table only."""
        return tuple(Hidden(name, value) for name, value in self.others(query) if not name.startswith("_"))

    def link(self, address: str, query: Mapping[str, list[str]], mine: Pairs, anchor: str) -> str:
        """The page with other parameters of this table."""
        pairs = [pair for pair in self.others(query) if not pair[0].startswith("_")]
        pairs += [(self._prefix + name, value) for name, value in mine]
        return (f"{address}?{urlencode(pairs)}" if pairs else address) + f"#{anchor}"

    def sorted(self, wanted: Wanted, sort: str) -> Pairs:
        """The same filters in another order, from the first page."""
        return [*_kept(wanted, "sort"), ("sort", sort)]

    def pager(
        self, address: str, query: Mapping[str, list[str]], wanted: Wanted, following: str | None, anchor: str
    ) -> Pager | None:
        """Links to the neighbouring pages; None where there is only one."""
        cursor = wanted.page.cursor
        if cursor is None and following is None:
            return None
        kept = _kept(wanted)
        previous = forward = None
        if cursor is not None:
            last = wanted.back[-1] if wanted.back else FIRST
            pairs = [*kept, *_cursors(wanted.back[:-1], last)]
            previous = self.link(address, query, pairs, anchor)
        if following is not None:
            back = (*wanted.back, cursor or FIRST)[-MOST_BACK:]
            forward = self.link(address, query, [*kept, *_cursors(back, following)], anchor)
        return Pager(previous, forward, f"Page {len(wanted.back) + 1}")


def _kept(wanted: Wanted, *without: str) -> Pairs:
    return [(name, value) for name, value in wanted.given.items() if name not in ("cursor", *without)]


def _cursors(back: Sequence[str], cursor: str) -> Pairs:
    if cursor == FIRST:
        return []
    return [*(("back", one) for one in back), ("cursor", cursor)]


def _by_name(problems: Sequence[FieldProblem]) -> dict[str, str]:
    return {problem.pointer.removeprefix("?"): problem.message for problem in problems}
