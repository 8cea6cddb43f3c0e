"""Rows that have been kept long enough go, or lose what says whom they were about.

Its rules:

* A row is due when the moment that its retention counts from lies so many days back; a row without that moment is not.
* Rows go in batches, each in a transaction of its own, so that nobody waits for long.
* Anonymising clears every classified field; one that must be present gets a neutral value, one that must be unique a
  value made of the row's id. What is neutral already is not written again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..persistence.database import ReferenceViolationError
from ..persistence.expressions import expression_type
from ..persistence.schema import Column, Table
from ..persistence.statement import Row, Statement
from ..plan import Retention, Type
from .service import Service
from .trees import type_node

_BATCH = 500
_ROUNDS = 200
_UNCLASSIFIED = frozenset({"internal", "public"})
_TEXTS = frozenset({"text", "slug", "markdown", "html", "phone"})


class Sweep:
    """Applies one entity's retention."""

    def __init__(self, service: Service, table: Table, retention: Retention) -> None:
        self._service = service
        self._table = table
        self._retention = retention
        self._moment = expression_type(retention.start)
        statement = Statement(service.schema, service.policy.everything)
        row = Row(statement, table, table.quoted)
        due = statement.condition(self._is_due(), this=row)
        if retention.then == "delete":
            chosen = f"SELECT {row.id} FROM {table.quoted} WHERE {due} LIMIT {_BATCH}"
            self._sql = f"DELETE FROM {table.quoted} WHERE {row.id} IN ({chosen}) RETURNING {table.id.quoted}"
        else:
            self._sql = self._anonymise(row, due)
        self._binds = statement.arguments()

    def _is_due(self) -> dict[str, Any]:
        limit = {"op": "name", "name": "$limit", "type": type_node(self._moment)}
        start = self._retention.start
        return {"op": "compare", "type": "bool", "operator": "<", "left": start, "right": limit}

    def _anonymise(self, row: Row, due: str) -> str:
        cleared = [column for column in self._table.columns.values() if self._clears(column)]
        neutral = [(column, self._neutral(column, row)) for column in cleared]
        if not neutral:
            return ""
        differs = " OR ".join(_differs(row.raw(column.name), value) for column, value in neutral)
        chosen = f"SELECT {row.id} FROM {self._table.quoted} WHERE {due} AND ({differs}) LIMIT {_BATCH}"
        sets = ", ".join(f"{column.quoted} = {value}" for column, value in neutral)
        version = self._table.version
        if version is not None:
            sets += f", {version.quoted} = {version.quoted} + 1"
        return f"UPDATE {self._table.quoted} SET {sets} WHERE {row.id} IN ({chosen}) RETURNING {self._table.id.quoted}"

    def _clears(self, column: Column) -> bool:
        return column.field.generated is None and bool(set(column.field.classes) - _UNCLASSIFIED)

    def _neutral(self, column: Column, row: Row) -> str:
        field = column.field
        if not field.present:
            return "NULL"
        if any(column.name in key for key in self._table.entity.unique):
            tail = "@invalid" if field.type.kind == "email" else ""
            return f"'anonymised-' || {row.id} || '{tail}'"
        return _neutral(field.type, self._service.schema.postgresql) or row.raw(column.name)

    async def run(self, now: datetime) -> None:
        """Apply it to everything that is due."""
        limit: Any = now - timedelta(days=self._retention.days)
        if self._moment.kind == "date":
            limit = limit.date()
        arguments = [bind({"$limit": limit, "now": now}) for bind in self._binds]
        done = 0
        for _ in range(_ROUNDS if self._sql else 0):
            try:
                rows = await self._service.database.write(self._sql, arguments)
            except ReferenceViolationError:
                self._service.report("retention-blocked", {"entity": self._table.name})
                break
            done += len(rows)
            if len(rows) < _BATCH:
                break
        if done:
            fields = {"entity": self._table.name, "rows": done, "then": self._retention.then}
            self._service.report("retention-applied", fields)


def _differs(sql: str, value: str) -> str:
    return f"{sql} IS NOT NULL" if value == "NULL" else f"{sql} <> {value}"


def _neutral(type: Type, postgresql: bool) -> str | None:
    """A value that says nothing; None where every value would say something and the old one stays."""
    if type.kind in _TEXTS:
        return "'anonymised'"
    if type.kind == "email":
        return "'anonymised@invalid'"
    if type.kind == "url":
        return "'https://invalid'"
    if type.kind in ("int", "decimal", "money", "duration"):
        return str(max(0, type.low or 0))
    if type.kind == "bool":
        return "FALSE"
    if type.kind in ("date", "datetime"):
        moment = "1970-01-01" if type.kind == "date" else "1970-01-01T00:00:00.000000Z"
        return f"{'date' if type.kind == 'date' else 'timestamptz'} '{moment}'" if postgresql else f"'{moment}'"
    return "'[]'" if type.kind == "list" else None
