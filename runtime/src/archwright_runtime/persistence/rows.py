"""The rows of a component's own entity: found, created, changed and deleted by equalities.

Conditions are equalities over stored fields, all of which must hold; an unknown field is a programming error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from .database import Transaction
from .schema import Column, Schema, Table, new_id

Default = Callable[[], Any]


class RowStatements:
    """Statements over one table, made for each set of fields at its first use."""

    def __init__(self, schema: Schema, table: Table) -> None:
        self.schema = schema
        self.table = table
        self._all = ", ".join(column.quoted for column in table.columns.values())
        self._columns = tuple(table.columns.values())
        self._known: dict[tuple[object, ...], str] = {}

    def column(self, name: str) -> Column:
        """A stored field.

        Raises:
            LookupError: the component asked for a field that its entity does not have.
        """
        try:
            return self.table.columns[name]
        except KeyError:
            raise LookupError(f"`{self.table.name}` has no stored field `{name}`") from None

    def find(self, where: tuple[tuple[str, bool], ...], limit: int) -> str:
        """Rows where fields equal the parameters (or are absent), oldest id first."""
        key = ("find", where, limit)
        if key not in self._known:
            self._known[key] = (
                f"SELECT {self._all} FROM {self.table.quoted} WHERE {self._condition(where, 0)} "
                f"ORDER BY {self.table.id.quoted} LIMIT {limit}"
            )
        return self._known[key]

    def insert(self, names: tuple[str, ...], key_names: tuple[str, ...]) -> str:
        """A new row; with ``key_names``, nothing where one with that key exists."""
        key = ("insert", names, key_names)
        if key not in self._known:
            columns = ", ".join(self.column(name).quoted for name in names)
            marks = ", ".join(self._mark(number + 1, name) for number, name in enumerate(names))
            rest = ""
            if key_names:
                rest = f" ON CONFLICT ({', '.join(self.column(name).quoted for name in key_names)}) DO NOTHING"
            self._known[key] = (
                f"INSERT INTO {self.table.quoted} ({columns}) VALUES ({marks}){rest} RETURNING {self._all}"
            )
        return self._known[key]

    def update(self, where: tuple[tuple[str, bool], ...], names: tuple[str, ...]) -> str:
        """New values for the matching rows."""
        key = ("update", where, names)
        if key not in self._known:
            sets = [f"{self.column(name).quoted} = {self._mark(number + 1, name)}" for number, name in enumerate(names)]
            if self.table.version is not None:
                sets.append(f"{self.table.version.quoted} = {self.table.version.quoted} + 1")
            self._known[key] = (
                f"UPDATE {self.table.quoted} SET {', '.join(sets)} WHERE {self._condition(where, len(names))} "
                f"RETURNING {self.table.id.quoted}"
            )
        return self._known[key]

    def delete(self, where: tuple[tuple[str, bool], ...]) -> str:
        """The matching rows go."""
        key = ("delete", where)
        if key not in self._known:
            self._known[key] = (
                f"DELETE FROM {self.table.quoted} WHERE {self._condition(where, 0)} RETURNING {self.table.id.quoted}"
            )
        return self._known[key]

    def row(self, record: Any) -> dict[str, Any]:
        """A record of every column as runtime values."""
        place = next(number for number, column in enumerate(self._columns) if column is self.table.id)
        value, table, id = self.schema.value, self.table, record[place]
        return {
            column.name: value(table, column, id, stored)
            for column, stored in zip(self._columns, record, strict=True)
        }  # fmt: skip

    def _mark(self, number: int, name: str) -> str:
        return self.schema.placeholder(number, self.column(name).cast)

    def _condition(self, where: tuple[tuple[str, bool], ...], before: int) -> str:
        parts = []
        number = before
        for name, absent in where:
            column = self.column(name)
            if column.field.encrypted:
                raise LookupError(f"`{self.table.name}.{name}` is encrypted and cannot be looked for")
            if absent:
                parts.append(f"{column.quoted} IS NULL")
            else:
                number += 1
                parts.append(f"{column.quoted} = {self._mark(number, name)}")
        return " AND ".join(parts) if parts else "TRUE"


class EntityRows:
    """The rows of one entity inside one transaction; what ``component.Rows`` promises."""

    def __init__(
        self,
        statements: RowStatements,
        transaction: Transaction,
        now: datetime,
        defaults: Mapping[str, Default],
    ) -> None:
        self._statements = statements
        self._table = statements.table
        self._schema = statements.schema
        self._transaction = transaction
        self._now = now
        self._defaults = defaults

    async def find(self, where: Mapping[str, Any], *, limit: int = 1) -> list[dict[str, Any]]:
        """Rows that match, in the order of their ids."""
        sql = self._statements.find(_shape(where), int(limit))
        records = await self._transaction.fetch(sql, self._conditions(where))
        return [self._statements.row(record) for record in records]

    async def create(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new row with defaults for what is not given."""
        sql, arguments = self._insertion(values, ())
        return self._statements.row((await self._transaction.write(sql, arguments))[0])

    async def ensure(self, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        """A new row unless one with this key exists; whether it was created."""
        sql, arguments = self._insertion({**values, **key}, tuple(key))
        return bool(await self._transaction.write(sql, arguments))

    async def update(self, where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
        """New values for the rows that match; how many there were."""
        given = dict(values)
        if self._table.updated is not None:
            given.setdefault(self._table.updated.name, self._now)
        if any(self._statements.column(name).field.encrypted for name in given):
            return await self._update_sealed(where, given)
        return len(await self._write_update(where, given, ""))

    async def _update_sealed(self, where: Mapping[str, Any], given: Mapping[str, Any]) -> int:
        """An encrypted value is bound to its row, so rows are changed one by one."""
        changed = 0
        for row in await self.find(where, limit=1000):
            id = row[self._table.id.name]
            changed += len(await self._write_update({self._table.id.name: id}, given, id))
        return changed

    async def _write_update(self, where: Mapping[str, Any], given: Mapping[str, Any], id: str) -> list[Any]:
        names = tuple(given)
        arguments = [self._argument(name, id, given[name]) for name in names]
        sql = self._statements.update(_shape(where), names)
        return await self._transaction.write(sql, (*arguments, *self._conditions(where)))

    async def delete(self, where: Mapping[str, Any]) -> int:
        """The rows that match go; how many there were."""
        sql = self._statements.delete(_shape(where))
        return len(await self._transaction.write(sql, self._conditions(where)))

    def _insertion(self, values: Mapping[str, Any], key: tuple[str, ...]) -> tuple[str, list[Any]]:
        id = values.get(self._table.id.name) or new_id()
        given = {**self._generated(id), **values}
        for name, column in self._table.columns.items():
            if name not in given and column.field.default is not None:
                given[name] = self._defaults[name]()
        names = tuple(given)
        return self._statements.insert(names, key), [self._argument(name, id, given[name]) for name in names]

    def _generated(self, id: str) -> dict[str, Any]:
        table = self._table
        made: dict[str, Any] = {table.id.name: id}
        for column, value in ((table.version, 1), (table.created, self._now), (table.updated, self._now)):
            if column is not None:
                made[column.name] = value
        return made

    def _argument(self, name: str, id: str, value: Any) -> Any:
        return self._schema.argument(self._table, self._statements.column(name), id, value)

    def _conditions(self, where: Mapping[str, Any]) -> list[Any]:
        return [self._argument(name, "", value) for name, value in where.items() if value is not None]


def _shape(where: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    return tuple((name, value is None) for name, value in where.items())
