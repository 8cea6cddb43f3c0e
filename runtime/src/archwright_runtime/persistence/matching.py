"""Rows by the words that they hold.

Its rules:

* A field counts only where its reader may see it: whoever may not read the body finds nothing by what stands in it.
* The rank says in which field all words stand, so it tells nothing about other rows and is the same on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from ..plan import Search
from .schema import quote
from .statement import Names, Row, Statement
from .words import for_postgresql, for_sqlite

Asked = Callable[[Names], str]
"""What is looked for, from the names of a request."""


class Matching:
    """Words in fields of one row.

    Args:
        fields: those that are looked through, of the fields whose words are kept.
    """

    def __init__(self, statement: Statement, row: Row, search: Search, fields: Sequence[str], asked: Asked) -> None:
        self._statement = statement
        self._row = row
        self._search = search
        self._asked = asked
        self._always: list[int] = []
        self._where: dict[str, list[int]] = {}
        for place, name in enumerate(search.fields):
            visible = row.visible((name,)) if name in fields else "FALSE"
            if visible is None:
                self._always.append(place)
            elif visible != "FALSE":
                self._where.setdefault(visible, []).append(place)

    def condition(self) -> str:
        """That all words stand in fields which may be read of this row."""
        parts = []
        groups = list(self._where.items())
        for count in range(len(groups) + 1):
            for chosen in combinations(groups, count):
                places = sorted((*self._always, *(place for _, more in chosen for place in more)))
                if places:
                    parts.append(" AND ".join((*(visible for visible, _ in chosen), self._found(places))))
        return f"({' OR '.join(f'({part})' for part in parts)})" if parts else "FALSE"

    def rank(self) -> str:
        """The more, the earlier the field in which all words stand; 0 where no single one has all of them."""
        conditions = dict.fromkeys(self._always, "")
        conditions |= {place: f"{visible} AND " for visible, places in self._where.items() for place in places}
        if not conditions:
            return "0"
        most = len(self._search.fields)
        cases = [f"WHEN {conditions[place]}{self._found([place])} THEN {most - place}" for place in sorted(conditions)]
        return f"CASE {' '.join(cases)} ELSE 0 END"

    def _found(self, places: Sequence[int]) -> str:
        search, asked, chosen = self._search, self._asked, tuple(places)
        name = quote(search.name)
        if self._statement.schema.postgresql:
            mark = self._statement.mark(lambda names: for_postgresql(asked(names), chosen), "text")
            query = f"to_tsquery('pg_catalog.english', {mark})" if search.language == "english" else f"{mark}::tsquery"
            return f"{self._row.alias}.{name} @@ {query}"
        mark = self._statement.mark(lambda names: for_sqlite(asked(names), chosen), "text")
        index = quote(f"{search.name}_index")
        return (
            f"{self._row.id} IN (SELECT id FROM {name} WHERE place IN "
            f"(SELECT rowid FROM {index} WHERE {index} MATCH {mark}))"
        )
