"""The rows of a many-to-many link, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from .schema import Schema, Table, quote
from .statement import Bind, Names, Row, Rules, Statement

_WANTED = "$wanted"
"""The name under which arguments find the ids that are to be linked."""


@dataclass(frozen=True)
class LinkStatements:
    """What makes the links of a row be exactly those to a list of ids; each is given the row's id and the ids.

    Attributes:
        clear: removes the others.
        add: adds those that are missing.
        readable: how many of the ids are rows that the author may read.
        binds: what ``readable`` is run with: the ids, and what the rules ask about the author.
    """

    clear: str
    add: str
    readable: str
    binds: tuple[Bind, ...]
    postgresql: bool

    def arguments(self, id: str, wanted: Sequence[str]) -> tuple[Any, ...]:
        """What ``clear`` and ``add`` are run with."""
        return id, self._list(wanted)

    def asking(self, names: Names, wanted: Sequence[str]) -> list[Any]:
        """What ``readable`` is run with."""
        names = {**names, _WANTED: self._list(wanted)}
        return [bind(names) for bind in self.binds]

    def _list(self, ids: Sequence[str]) -> Any:
        return list(ids) if self.postgresql else msgspec.json.encode(list(ids)).decode()


def link_statements(schema: Schema, table: Table, name: str, rules: Rules) -> LinkStatements:
    """The statements of one relation for one set of rules."""
    relation = schema.relation(table.name, name)
    if relation is None or relation.table is None:
        raise LookupError(f"`{table.name}.{name}` is not a many-to-many relation")
    link, near, far = quote(relation.table), quote(relation.near or "near"), quote(relation.far or "far")
    id = schema.placeholder(1, "text")
    among = _among(schema, 2)
    readable, binds = _readable(schema, schema.tables[relation.entity], rules)
    return LinkStatements(
        f"DELETE FROM {link} WHERE {near} = {id} AND {far} NOT IN ({among})",
        f"INSERT INTO {link} ({near}, {far}) SELECT {id}, v.id FROM ({among}) AS v WHERE TRUE ON CONFLICT DO NOTHING",
        readable,
        binds,
        schema.postgresql,
    )


def _among(schema: Schema, number: int) -> str:
    if schema.postgresql:
        return f"SELECT unnest({schema.placeholder(number, 'text[]')}) AS id"
    return f"SELECT value AS id FROM json_each({schema.placeholder(number, 'text')})"


def _readable(schema: Schema, target: Table, rules: Rules) -> tuple[str, tuple[Bind, ...]]:
    statement = Statement(schema, rules)
    wanted = statement.mark(lambda names: names[_WANTED], "text[]" if schema.postgresql else "text")
    among = f"SELECT unnest({wanted})" if schema.postgresql else f"SELECT value FROM json_each({wanted})"
    alias = statement.alias()
    row = Row(statement, target, alias, rules(target.name))
    readable = row.readable()
    extra = "" if readable is None else f" AND {readable}"
    sql = f"SELECT count(*) FROM {target.quoted} {alias} WHERE {row.id} IN ({among}){extra}"
    return sql, statement.arguments()
