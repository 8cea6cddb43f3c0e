"""What a service keeps about one person: shown as it is, and erased.

Its rules:

* The rows about a person are those whose entity names a subject, and whose subject is that person.
* Secrets are never shown, and neither is the version of a row.
* Rows are erased as their retention says: deleted, or anonymised; rows without a retention are deleted.
* Rows that a hold keeps stay as they are and are counted.
* What the runtime itself remembers of the person's requests goes too: recorded answers, and effects that were given up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Refusal
from ..persistence.database import ReferenceViolationError, Transaction
from ..persistence.holds import free
from ..persistence.rows import EntityRows, RowStatements
from ..persistence.schema import Table
from ..persistence.statement import Bind, Row, Statement
from .erasure import anonymising, deleting
from .service import Service

_MOST = 10_000
"""Rows of one entity; whoever has more needs another way than one answer."""
_BATCH = 1_000
_PERSON = "$person"
_TRACES = (
    "DELETE FROM archwright_idempotency WHERE caller = {}",
    "DELETE FROM archwright_outbox WHERE dead AND caller = {}",
)


@dataclass(frozen=True)
class _Kept:
    """One entity with a subject, and its statements."""

    table: Table
    rows: RowStatements
    subject: str
    then: str
    erase: str
    held: str
    binds: Sequence[Bind]
    held_binds: Sequence[Bind]


class Subjects:
    """The entities of a service that are about people; compiled when first needed."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: tuple[_Kept, ...] | None = None

    def of(self, person: str, transaction: Transaction, names: dict[str, Any]) -> Subject:
        """What is kept about one person, within a transaction."""
        if self._known is None:
            self._known = tuple(map(self._kept, _in_order(self._service)))
        mark = self._service.schema.placeholder(1, "text")
        traces = [sql.format(mark) for sql in _TRACES]
        return Subject(self._known, traces, person, transaction, {**names, _PERSON: person})

    def _kept(self, name: str) -> _Kept:
        service = self._service
        table = service.schema.tables[name]
        entity = table.entity
        assert entity.subject is not None
        then = entity.retention.then if entity.retention is not None else "delete"
        statement, row, about = self._about(table, entity.subject)
        unheld = free(row, deleted=then == "delete") or "TRUE"
        freed = f"{about} AND {unheld}"
        erase = (
            deleting(table, row, freed, _BATCH)
            if then == "delete"
            else anonymising(service.schema, table, row, freed, _BATCH)
        )
        counting, counted, about = self._about(table, entity.subject)
        held = free(counted, deleted=then == "delete")
        count = f"SELECT COUNT(*) FROM {table.quoted} WHERE {about} AND NOT ({held})" if held else ""
        return _Kept(
            table=table,
            rows=RowStatements(service.schema, table),
            subject=entity.subject,
            then=then,
            erase=erase,
            held=count,
            binds=statement.arguments(),
            held_binds=counting.arguments(),
        )

    def _about(self, table: Table, subject: str) -> tuple[Statement, Row, str]:
        statement = Statement(self._service.schema, self._service.policy.everything)
        row = Row(statement, table, table.quoted)
        mark = statement.mark(lambda names: names[_PERSON], "text")
        return statement, row, f"{row.raw(subject)} = {mark}"


class Subject:
    """One person, as one call of a component sees what is kept about them."""

    def __init__(
        self,
        kept: Sequence[_Kept],
        traces: Sequence[str],
        person: str,
        transaction: Transaction,
        names: dict[str, Any],
    ) -> None:
        self._kept = kept
        self._traces = traces
        self._person = person
        self._transaction = transaction
        self._names = names

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row about the person, by entity, in the form of the wire.

        Raises:
            Refusal: ``too-large``, where an entity has more rows than one answer holds.
        """
        found = {}
        for one in self._kept:
            rows = await self._rows_of(one)
            if rows:
                found[one.table.name] = rows
        return found

    async def _rows_of(self, one: _Kept) -> list[dict[str, Any]]:
        reader = EntityRows(one.rows, self._transaction, self._names["now"], {})
        rows = await reader.find({one.subject: self._person}, limit=_MOST + 1)
        if len(rows) > _MOST:
            raise Refusal("too-large", f"there are more than {_MOST} rows of {one.table.name}")
        shown = list(_shown(one.table))
        return [{name: _wire(convert, row[name]) for name, convert in shown} for row in rows]

    async def erase(self) -> dict[str, int]:
        """Erase what may be erased: how many rows were deleted, anonymised, and held back.

        Raises:
            Refusal: ``conflict``, where something that stays refers to a row that would go.
        """
        done = {"deleted": 0, "anonymised": 0, "held": 0}
        for one in self._kept:
            if one.held:
                counted = await self._transaction.fetch(one.held, self._bound(one.held_binds))
                done["held"] += int(counted[0][0])
            done["deleted" if one.then == "delete" else "anonymised"] += await self._erase(one)
        for trace in self._traces:
            await self._transaction.write(trace, (self._person,))
        return done

    async def _erase(self, one: _Kept) -> int:
        gone = 0
        while one.erase:
            try:
                rows = await self._transaction.write(one.erase, self._bound(one.binds))
            except ReferenceViolationError:
                raise Refusal("conflict", f"something still refers to a row of {one.table.name}") from None
            gone += len(rows)
            if len(rows) < _BATCH:
                break
        return gone

    def _bound(self, binds: Sequence[Bind]) -> list[Any]:
        return [bind(self._names) for bind in binds]


def _shown(table: Table) -> Iterator[tuple[str, Any]]:
    for column in table.columns.values():
        if column.field.generated != "version" and "secret" not in column.field.classes:
            yield column.name, column.form.value_to_wire


def _wire(convert: Any, value: Any) -> Any:
    return value if value is None or convert is None else convert(value)


def _in_order(service: Service) -> list[str]:
    """The entities with a subject, those that refer to others before them, so that nothing refers to what goes."""
    wanted = {name: entity for name, entity in service.plan.entities.items() if entity.subject is not None}
    ordered: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in ordered or name in path:
            return
        for other, entity in wanted.items():
            if any(field.type.kind == "ref" and field.type.entity == name for field in entity.fields.values()):
                visit(other, (*path, name))
        ordered[name] = None

    for name in wanted:
        visit(name, ())
    return list(ordered)
