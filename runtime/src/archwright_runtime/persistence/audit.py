"""The audit: who wrote which fields of which row by which operation; never what was written.

On PostgreSQL it is part of the statement that writes; on SQLite, where that costs nothing, a second one in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .forms import instant_text
from .schema import Schema, Table
from .statement import Bind, Names, Statement

ID = "$id"
"""The name under which arguments find the id of the row that is written."""
REQUEST = "$request"
Kind = Literal["create", "update", "delete"]
_INSERT = "INSERT INTO archwright_audit (at, request, caller, operation, entity, subject, action, fields)"


@dataclass(frozen=True)
class Audit:
    """What is the same for every write of an operation."""

    operation: str

    def from_rows(self, statement: Statement, table: Table, kind: Kind, fields: Sequence[str]) -> str:
        """One row of the audit for each row of ``w``."""
        values = self._values(statement, table, kind, fields, f"w.{table.id.quoted}")
        return f"{_INSERT} SELECT {values} FROM w"

    def of_one(self, schema: Schema, table: Table, kind: Kind, fields: Sequence[str]) -> tuple[str, tuple[Bind, ...]]:
        """A statement of its own for the row that is named."""
        statement = Statement(schema, lambda entity: ())
        subject = statement.mark(lambda names: names[ID], "text")
        values = self._values(statement, table, kind, fields, subject)
        return f"{_INSERT} VALUES ({values})", statement.arguments()

    def _values(self, statement: Statement, table: Table, kind: Kind, fields: Sequence[str], subject: str) -> str:
        if statement.schema.postgresql:
            at = statement.mark(lambda names: names["now"], "timestamptz")
        else:
            at = statement.mark(lambda names: instant_text(names["now"]), "text")
        request = statement.mark(lambda names: names[REQUEST], "text")
        caller = statement.mark(lambda names: names["caller"], "text")
        operation, entity, action, written = (
            statement.mark(_constant(text), "text") for text in (self.operation, table.name, kind, " ".join(fields))
        )
        return f"{at}, {request}, {caller}, {operation}, {entity}, {subject}, {action}, {written}"


def _constant(text: str) -> Bind:
    def bind(names: Names) -> Any:
        return text

    return bind
