"""Rows that have been kept long enough go, or lose what says whom they were about.

Its rules:

* A row is due when the moment that its retention counts from lies so many days back; a row without that moment is not.
* Rows go in batches, each in a transaction of its own, so that nobody waits for long.
* Rows that a hold keeps stay as they are.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..persistence.database import ReferenceViolationError
from ..persistence.expressions import expression_type
from ..persistence.holds import free
from ..persistence.schema import Table
from ..persistence.statement import Row, Statement
from ..plan import Retention
from .erasure import anonymising, deleting
from .service import Service
from .trees import type_node

_BATCH = 500
_ROUNDS = 200


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
        if unheld := free(row, deleted=retention.then == "delete"):
            due = f"{due} AND {unheld}"
        if retention.then == "delete":
            self._sql = deleting(table, row, due, _BATCH)
        else:
            self._sql = anonymising(service.schema, table, row, due, _BATCH)
        self._binds = statement.arguments()

    def _is_due(self) -> dict[str, Any]:
        limit = {"op": "name", "name": "$limit", "type": type_node(self._moment)}
        start = self._retention.start
        return {"op": "compare", "type": "bool", "operator": "<", "left": start, "right": limit}

    async def run(self, now: datetime) -> None:
        """Apply it to everything that is due."""
        limit: Any = now - timedelta(days=self._retention.days)
        if self._moment.kind == "date":
            limit = limit.date()
        names = {"$limit": limit, "caller": None, "now": now, "today": now.date(), "settings": self._service.settings}
        arguments = [bind(names) for bind in self._binds]
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
            await self._forget_answers()
            fields = {"entity": self._table.name, "rows": done, "then": self._retention.then}
            self._service.report("retention-applied", fields)

    async def _forget_answers(self) -> None:
        """No remembered answer shows what is gone."""
        everything = ("*",)
        self._service.memory.changed(everything)
        if self._service.sharing is not None:
            await self._service.sharing.changed(everything)
