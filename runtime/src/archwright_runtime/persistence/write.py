"""The one statement of a create, an update or a delete.

Its rules:

* Everything that decides stands in the statement: who may read and change the row before, the step's own condition, the
  version, what must hold of the row after. Two writers cannot both pass.
* The row after a write is known before it is written: each field is its new value's SQL or the old column.
  A check on it is therefore a condition like any other, and nothing is written that would have to be taken back.
* Given fields need, each, a grant whose rule and check hold; rows of one grant never meet fields of another.
* A given reference points to a row that its author may read, or it is answered as if there were none.
* Nothing written says nothing yet: ``Diagnosis`` asks why, only then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ..plan import Expr, Grant
from .audit import Audit, Kind
from .conditions import Condition, Conditions
from .newrow import RowAfter, Value
from .schema import Schema, Table
from .shape import Mode
from .statement import Bind, Names, Row, Rules, Source, Statement


@dataclass
class Writing:
    """A statement that writes, and how what it returns becomes a row."""

    sql: str
    binds: tuple[Bind, ...]
    shape: Callable[[Mode], Callable[[Sequence[Any]], dict[str, Any]]]
    id: int
    version: int | None
    visible: int | None
    """The column that says whether the author may still read the row; None: always."""
    audit: tuple[str, tuple[Bind, ...]] | None = None
    """SQLite: a second statement in the same transaction, given the ids as ``$id``."""

    def __post_init__(self) -> None:
        self.wire = self.shape("wire")
        self.value = self.shape("value")

    def arguments(self, names: Names) -> list[Any]:
        """What the statement is run with."""
        return [bind(names) for bind in self.binds]


@dataclass
class Diagnosis:
    """Tells why nothing was written.

    Attributes:
        sql: selects, for the row that was meant, whether each condition holds; no row: there is none that may be seen.
    """

    sql: str
    binds: tuple[Bind, ...]
    conditions: tuple[Condition, ...]

    def arguments(self, names: Names) -> list[Any]:
        """What the statement is run with."""
        return [bind(names) for bind in self.binds]


def alternatives(grants: Sequence[Grant], given: frozenset[str]) -> list[tuple[tuple[Grant, ...], tuple[Grant, ...]]]:
    """Grants that may be used together for these fields, and those of them whose presets are taken, in their order.

    A preset belongs to the rows of its grant: it is never set because another grant, with other presets, holds.
    """
    by_preset: dict[bytes, list[Grant]] = {}
    for grant in grants:
        preset = {name: value for name, value in grant.preset.items() if name not in given}
        by_preset.setdefault(msgspec.json.encode(preset, order="sorted"), []).append(grant)
    if len(by_preset) <= 1:
        return [(tuple(grants), ())]
    plain = by_preset.get(b"{}", [])
    found: list[tuple[tuple[Grant, ...], tuple[Grant, ...]]] = []
    for same in by_preset.values():
        if same is plain:
            found.append((tuple(plain), ()))
        elif not given or any(given & set(grant.fields) for grant in same):
            found.append(((*same, *plain), tuple(same)))
    return found or [(tuple(grants), ())]


Returning = Callable[[Statement, Row], tuple[list[str], Callable[[Mode], Callable[[Sequence[Any]], dict[str, Any]]]]]
"""Writes the select list of what is returned."""


class Writer:
    """Writes the statements of one step for one set of rules.

    Args:
        grants: what the author may do with the entity, for this kind of write.
        rules: what the author may read.
        where: the step's own condition over the row before; none for a create.
        returning: what is asked back.
        presetting: those of the grants whose presets are taken, of which one must hold; none: all of them.
        referable: what may be referred to; what the author may read unless given.
    """

    def __init__(
        self,
        schema: Schema,
        table: Table,
        kind: Kind,
        grants: Sequence[Grant],
        rules: Rules,
        where: Expr | None,
        returning: Returning,
        audit: Audit | None,
        presetting: Sequence[Grant] = (),
        referable: Rules | None = None,
    ) -> None:
        self.schema = schema
        self.table = table
        self.kind = kind
        self.grants = grants
        self.presetting = presetting or grants
        self.rules = rules
        self.where = where
        self._returning = returning
        self._audit = audit
        self._after = RowAfter(schema, table, kind)
        self._conditions = Conditions(schema, table, kind, grants, referable or rules, presetting)

    # -- what is decided before ----------------------------------------------------------------------------------

    def refused_fields(self, values: Sequence[Value]) -> tuple[str, ...]:
        """Given fields that no grant allows at all."""
        allowed = {name for grant in self.grants for name in grant.fields}
        return tuple(
            value.field
            for value in values
            if value.given and (value.field not in allowed or self._conditions.fixed(value.field))
        )

    def presets(self, values: Sequence[Value]) -> list[Value]:
        """What the grants set by themselves; a given field that a grant allows is not overruled."""
        given = {value.field for value in values if value.given}
        found: dict[str, Value] = {}
        for grant in self.presetting:
            for name, expression in grant.preset.items():
                if name not in given and name not in found:
                    found[name] = Value(name, expression, given=False)
        return list(found.values())

    # -- statements ----------------------------------------------------------------------------------------------

    def writing(self, values: Sequence[Value], *, versioned: bool = False) -> Writing:
        """The statement for a set of fields."""
        statement = Statement(self.schema, self.rules)
        before = Row(statement, self.table, self.table.quoted)
        after = self._after.row(statement, before, values)
        conditions = self._conditions.all(statement, before, after, values, versioned)
        if self.kind == "create":
            text = self._insert(after, conditions)
        elif self.kind == "update":
            text = self._update(after, values, [*self._sight(statement), *(one.sql for one in conditions)])
        else:
            sight = [*self._sight(statement), *(one.sql for one in conditions)]
            text = f"DELETE FROM {self.table.quoted} WHERE {' AND '.join(sight)}"
        return self._returned(statement, text, [value.field for value in values])

    def diagnosis(self, values: Sequence[Value], *, versioned: bool = False) -> Diagnosis:
        """What to ask when nothing was written."""
        statement = Statement(self.schema, self.rules)
        before = Row(statement, self.table, self.table.quoted)
        after = self._after.row(statement, before, values)
        conditions = self._conditions.all(statement, before, after, values, versioned)
        columns = ", ".join(f"({one.sql}) IS TRUE" for one in conditions) or "TRUE"
        if self.kind == "create":
            sql = f"SELECT {columns}"
        else:
            sight = " AND ".join(self._sight(statement)) or "TRUE"
            sql = f"SELECT {columns} FROM {self.table.quoted} WHERE {sight} LIMIT 1"
        return Diagnosis(sql, statement.arguments(), tuple(conditions))

    def sighting(self, *, lock: bool = False) -> Diagnosis:
        """The ids of the rows that are meant; locked: nobody else changes them until the transaction ends."""
        statement = Statement(self.schema, self.rules)
        sight = " AND ".join(self._sight(statement))
        sql = f"SELECT {self.table.id.quoted} FROM {self.table.quoted} WHERE {sight}"
        if lock and self.schema.postgresql:
            sql += " FOR UPDATE"
        return Diagnosis(sql, statement.arguments(), ())

    def _sight(self, statement: Statement) -> list[str]:
        """Which rows are meant, as far as the author can see."""
        row = Row(statement, self.table, self.table.quoted, self.rules(self.table.name))
        readable = row.readable()
        parts = [] if readable is None else [readable]
        if self.where is not None:
            parts.append(statement.restriction(self.where, row))
        return parts or ["TRUE"]

    # -- text ----------------------------------------------------------------------------------------------------

    def _insert(self, after: Row, conditions: Sequence[Condition]) -> str:
        names = [name for name, sql in after.values.items() if not sql.startswith("NULL")]
        columns = ", ".join(self.table.columns[name].quoted for name in names)
        values = ", ".join(after.values[name] for name in names)
        if not conditions:
            return f"INSERT INTO {self.table.quoted} ({columns}) VALUES ({values})"
        where = " AND ".join(condition.sql for condition in conditions)
        return f"INSERT INTO {self.table.quoted} ({columns}) SELECT {values} WHERE {where}"

    def _update(self, after: Row, values: Sequence[Value], conditions: Sequence[str]) -> str:
        sets = ", ".join(f"{self.table.columns[name].quoted} = {sql}" for name, sql in after.values.items())
        return f"UPDATE {self.table.quoted} SET {sets} WHERE {' AND '.join(conditions)}"

    def _returned(self, statement: Statement, text: str, fields: Sequence[str]) -> Writing:
        if self.schema.postgresql:
            return self._by_expressions(statement, text, fields)
        values = _returned_values(self.table)
        row = Row(statement, self.table, self.table.quoted, self.rules(self.table.name), values=values)
        columns, shape, version, visible, id = self._columns(statement, row)
        sql = f"{text} RETURNING {', '.join(columns)}"
        second = None if self._audit is None else self._audit.of_one(self.schema, self.table, self.kind, fields)
        return Writing(sql, statement.arguments(), shape, id, version, visible, second)

    def _by_expressions(self, statement: Statement, text: str, fields: Sequence[str]) -> Writing:
        source = Source("w")
        row = Row(statement, self.table, "w", self.rules(self.table.name), source)
        columns, shape, version, visible, id = self._columns(statement, row)
        stored = ", ".join(f"{self.table.quoted}.{column.quoted}" for column in self.table.columns.values())
        parts = [f"w AS ({text} RETURNING {stored})"]
        if self._audit is not None:
            parts.append(f"a AS ({self._audit.from_rows(statement, self.table, self.kind, fields)})")
        sql = f"WITH {', '.join(parts)} SELECT {', '.join(columns)} FROM {source.text()}"
        return Writing(sql, statement.arguments(), shape, id, version, visible)

    def _columns(self, statement: Statement, row: Row) -> tuple[list[str], Any, int | None, int | None, int]:
        columns, shape = self._returning(statement, row)
        columns = list(columns)

        def place(sql: str) -> int:
            if sql not in columns:
                columns.append(sql)
            return columns.index(sql)

        version = None if self.table.version is None else place(row.raw(self.table.version.name))
        readable = row.readable() if self.kind != "delete" else None
        visible = None if readable is None else place(f"({readable}) IS TRUE")
        return columns, shape, version, visible, place(row.id)


def _returned_values(table: Table) -> dict[str, str]:
    """Columns as RETURNING of SQLite can be asked about them.

    In a strict table SQLite 3.40 takes a bare column there for one that is never absent: `IS NULL` is false for NULL.
    """
    optional = (column for column in table.columns.values() if not column.field.present)
    return {column.name: f"coalesce({table.quoted}.{column.quoted}, NULL)" for column in optional}
