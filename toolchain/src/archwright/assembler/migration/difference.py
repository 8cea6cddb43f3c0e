"""What must change in a database so that a new plan can use it, in phases; or why it may not.

Its rules:

* Tables and columns are matched by stable id, so a rename is a rename and nothing is inferred from likeness.
* What loses data, or might, is refused unless it is named; a named narrowing is verified row by row when it is applied.
* A column that every row must have needs a constant default, since rows exist already.
* Applying the changes in order to the old schema gives the new one; nothing else is left behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...diagnostics import Collector, Diagnostic, Location, did_you_mean
from .changes import (
    AddColumn,
    AddIndex,
    AddWords,
    Change,
    ChangeType,
    CreateTable,
    DropColumn,
    DropDefault,
    DropIndex,
    DropTables,
    DropWords,
    Fill,
    Phase,
    RenameColumn,
    RenameTable,
    SetNullable,
    SetReference,
    SetRequired,
    Verify,
)
from .schema import Column, Schema, Stored, Table
from .widening import Fit, compare

PARKED = "archwright_parked_"
"""Before the id: the name of what stands in the way of a name until it is renamed or dropped."""


@dataclass(frozen=True)
class Question:
    """What is compared, and what the person who builds has agreed to.

    Attributes:
        constants: constant defaults in stored form, by field id.
        allow_drop: what may be lost: ``Entity``, ``Entity.field``, by their names in the old schema.
        places: where entities and fields stand in the documents, by ``Entity`` and ``Entity.field``.
        elsewhere: the place of what stands nowhere any more.
    """

    old: Schema
    new: Schema
    constants: Mapping[str, Stored]
    allow_drop: frozenset[str]
    places: Mapping[str, Location]
    elsewhere: Location


@dataclass(frozen=True)
class Difference:
    """The changes of each phase, in order; and findings, of which an error lets no build go on."""

    phases: Mapping[Phase, tuple[Change, ...]]
    findings: tuple[Diagnostic, ...]


def difference(question: Question) -> Difference:
    """Find the changes from the old schema to the new one."""
    work = _Work(question)
    work.run()
    return Difference({phase: tuple(work.phases[phase]) for phase in Phase}, work.collector.findings())


class _Work:
    """One comparison: changes and findings as they gather."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.collector = Collector()
        self._used: set[str] = set()
        self.phases: dict[Phase, list[Change]] = {phase: [] for phase in Phase}
        self._expand = self.phases[Phase.EXPAND].append
        self._backfill = self.phases[Phase.BACKFILL].append
        self._contract = self.phases[Phase.CONTRACT].append

    def run(self) -> None:
        old, new = self.question.old, self.question.new
        pairs = [(before, after) for after in new.tables if (before := old.find(after.id))]
        self.phases[Phase.EXPAND].extend(_table_renames(old, new))
        for before, after in pairs:
            self.phases[Phase.EXPAND].extend(_column_renames(before, after))
        for table in new.tables:
            if old.find(table.id) is None:
                self._expand(CreateTable(table))
        for before, after in pairs:
            self._table(before, after)
        self._drop_tables()
        for name in sorted(self.question.allow_drop - self._used):
            self.collector.warning(
                "migration/unused-allowance",
                self.question.elsewhere,
                f"`--allow-drop {name}` allows nothing that this build drops, narrows or requires",
                hint=did_you_mean(name, self._names()),
            )

    def _names(self) -> list[str]:
        """What could be allowed, by its name in the old schema."""
        tables = self.question.old.tables
        return [table.entity for table in tables] + [
            f"{table.entity}.{column.field}" for table in tables for column in table.columns
        ]

    def _allowed(self, *names: str) -> bool:
        """Whether the person who builds has agreed to it under one of these names."""
        found = self.question.allow_drop & set(names)
        self._used |= found
        return bool(found)

    def _table(self, before: Table, after: Table) -> None:
        added = [column for column in after.columns if before.find(column.id) is None]
        for column in added:
            self._add(after, column)
        for column in after.columns:
            if (previous := before.find(column.id)) is not None:
                self._column(before, after, previous, column)
        self._indexes(before, after)
        self._words(before, after)
        for column in before.columns:
            if after.find(column.id) is None:
                self._drop(before, column)

    def _add(self, table: Table, column: Column) -> None:
        if column.nullable or column.numbered:
            self._expand(AddColumn(table.id, column))
            return
        value = self.question.constants.get(column.id)
        if value is None:
            self._refuse_required(table, column)
            return
        self._expand(AddColumn(table.id, replace(column, default=value)))
        self._contract(DropDefault(table.id, column.id))

    def _refuse_required(self, table: Table, column: Column) -> None:
        name = f"{table.entity}.{column.field}"
        later = f"add it as optional, fill it with an operation, then require it with `--allow-drop {name}`"
        hint = later if column.references else f"give it a constant default; or {later}"
        message = f"`{name}` is new and required, but rows may exist that have no value for it"
        self._refuse("no-value-for-existing-rows", table, column, message, hint)

    def _column(self, owner: Table, table: Table, old: Column, new: Column) -> None:
        if old.encrypted != new.encrypted:
            message = f"`{table.entity}.{new.field}` cannot change whether it is encrypted: its rows would need the key"
            self._refuse("changed-encryption", table, new, message, _BY_HAND)
        elif old.numbered != new.numbered:
            message = f"`{table.entity}.{new.field}` cannot change whether the database counts it"
            self._refuse("impossible-change", table, new, message, _BY_HAND)
        elif old.type != new.type:
            self._type(owner, table, old, new)
        self._nullability(owner, table, old, new)
        if old.references != new.references and old.type.kind == new.type.kind:
            self._reference(table, old, new)

    def _type(self, owner: Table, table: Table, old: Column, new: Column) -> None:
        change = compare(old.type, new.type)
        name = f"{owner.entity}.{old.field}"
        if change.fit is Fit.IMPOSSIBLE:
            message = f"no rule turns the stored values of `{name}` from `{old.type.kind}` into `{new.type.kind}`"
            self._refuse("impossible-change", table, new, message, _BY_HAND)
            return
        if change.fit is Fit.NARROWING:
            if not self._allowed(name):
                message = f"`{name}` becomes narrower, so stored values may not fit"
                hint = f"allow it with `--allow-drop {name}`: the migration then stops when a value does not fit"
                self._refuse("narrowing", table, new, message, hint)
                return
            self._contract(Verify(table.id, new.id, new.type))
        self._expand(ChangeType(table.id, new.id, new.type, change.conversion))

    def _nullability(self, owner: Table, table: Table, old: Column, new: Column) -> None:
        if new.nullable and not old.nullable:
            self._expand(SetNullable(table.id, new.id))
        if new.nullable or not old.nullable:
            return
        value = self.question.constants.get(new.id)
        name = f"{owner.entity}.{old.field}"
        if value is not None:
            self._backfill(Fill(table.id, new.id, value))
            self._contract(Fill(table.id, new.id, value))
        elif not self._allowed(name):
            message = f"`{name}` becomes required, but rows may exist that have no value for it"
            hint = f"give it a constant default; or fill it, then allow it with `--allow-drop {name}`"
            self._refuse("no-value-for-existing-rows", table, new, message, hint)
            return
        self._contract(SetRequired(table.id, new.id))

    def _reference(self, table: Table, old: Column, new: Column) -> None:
        if old.references is None or new.references is None or old.references.table != new.references.table:
            message = f"`{table.entity}.{new.field}` cannot refer to something else than before"
            self._refuse("impossible-change", table, new, message, _BY_HAND)
            return
        self._expand(SetReference(table.id, new.id, new.references))

    def _indexes(self, before: Table, after: Table) -> None:
        for index in before.indexes:
            if index not in after.indexes:
                (self._expand if index.unique else self._contract)(DropIndex(after.id, index))
        for index in after.indexes:
            if index not in before.indexes:
                (self._contract if index.unique else self._expand)(AddIndex(after.id, index))

    def _words(self, before: Table, after: Table) -> None:
        """Both are kept while both plans run: each looks into its own."""
        for words in after.words:
            if words not in before.words:
                self._expand(AddWords(after.id, words))
        for words in before.words:
            if words not in after.words:
                self._contract(DropWords(after.id, words))

    def _drop(self, table: Table, column: Column) -> None:
        name = f"{table.entity}.{column.field}"
        if not self._allowed(name, table.entity):
            self._refuse_loss(table, name)
        if not column.nullable:
            self._expand(SetNullable(table.id, column.id))
        self._contract(DropColumn(table.id, column.id))

    def _drop_tables(self) -> None:
        new = self.question.new
        gone = tuple(table for table in self.question.old.tables if new.find(table.id) is None)
        for table in gone:
            if not self._allowed(table.entity, table.owner):
                self._refuse_loss(table, table.entity)
        if gone:
            self._contract(DropTables(gone))

    def _refuse_loss(self, table: Table, name: str) -> None:
        message = f"`{name}` is gone from the assembly, and dropping it would lose its stored values"
        hint = f"declare a rename with `renamed_from`, or allow the loss with `--allow-drop {name}`"
        self.collector.error("migration/loss", self._place(table, None), message, hint=hint)

    def _refuse(self, code: str, table: Table, column: Column | None, message: str, hint: str | None) -> None:
        self.collector.error(f"migration/{code}", self._place(table, column), message, hint=hint)

    def _place(self, table: Table, column: Column | None) -> Location:
        places = self.question.places
        found = places.get(f"{table.entity}.{column.field}") if column is not None else None
        return found or places.get(table.entity) or self.question.elsewhere


_BY_HAND = "add a new field, copy the values with an operation, then drop the old field with `--allow-drop`"


def _table_renames(old: Schema, new: Schema) -> Iterator[Change]:
    """Renames in an order in which no two tables ever share a name."""
    wanted = {table.name: table.id for table in new.tables}
    for table in old.tables:
        if wanted.get(table.name, table.id) != table.id:
            yield RenameTable(table.id, PARKED + table.id, table.entity)
    for table in new.tables:
        before = old.find(table.id)
        if before is not None and (before.name, before.entity) != (table.name, table.entity):
            yield RenameTable(table.id, table.name, table.entity)


def _column_renames(before: Table, after: Table) -> Iterator[Change]:
    """Renames in an order in which no two columns of the table ever share a name."""
    wanted = {column.name: column.id for column in after.columns}
    for column in before.columns:
        if wanted.get(column.name, column.id) != column.id:
            yield RenameColumn(before.id, column.id, PARKED + column.id, column.field)
    for column in after.columns:
        previous = before.find(column.id)
        if previous is not None and (previous.name, previous.field) != (column.name, column.field):
            yield RenameColumn(before.id, column.id, column.name, column.field)
