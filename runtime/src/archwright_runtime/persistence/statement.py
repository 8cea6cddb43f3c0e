"""A statement while it is being written: its parameters, its aliases, its rows.

Its rules:

* What a caller sends only ever becomes a parameter; names of tables and columns come from the plan and are quoted.
* A row knows what its reader may see of it. A *guarded* row gives a column only where one of the reader's rules allows
  it for that row, and nothing otherwise; a *bare* row gives everything and serves the rules themselves.
* A reference that is followed becomes a join where the row stands in a FROM clause that can take one, and a subquery
  elsewhere. Following a reference from a guarded row applies the read rules of the row that is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import Any, Protocol

from ..expression import Parameter, SqlRow, compile_condition, compile_sql, tree
from ..expression.tree import Node
from ..plan import Expr, Relation
from .database import DialectName
from .forms import sql_type
from .schema import Schema, Table, quote

Names = dict[str, Any]
"""What an expression may name while it is evaluated: ``caller``, ``now``, ``input``, results of steps ..."""
Bind = Callable[[Names], Any]
"""Makes one argument of a statement."""


class ReadRule(Protocol):
    """Rows that may be read and the fields that may be read of them."""

    @property
    def where(self) -> Expr | None: ...
    @property
    def fields(self) -> frozenset[str]: ...


Rules = Callable[[str], Sequence[ReadRule]]
"""The read rules of an entity for the one who asks."""
_OF_THE_PLAN = frozenset({"this", "caller", "now", "today", "settings"})


class Statement:
    """Collects what a statement needs while its text is written."""

    def __init__(self, schema: Schema, rules: Rules) -> None:
        self.schema = schema
        self.rules = rules
        self.binds: list[Bind] = []
        self._marks: dict[Any, str] = {}
        self._aliases = 0

    def alias(self) -> str:
        """A name that no other row of this statement has."""
        self._aliases += 1
        return f"r{self._aliases}"

    def mark(self, bind: Bind, cast: str) -> str:
        """The place of an argument."""
        self.binds.append(bind)
        return self.schema.placeholder(len(self.binds), cast)

    def parameter(self, parameter: Parameter) -> str:
        """The place of a value that an expression needs; the same computation gets the same place."""
        if parameter.constant:
            return _constant(parameter.bind({}))
        key = (parameter.closure.__code__, parameter.cast) if _is_plain(parameter.closure) else None
        if key is not None and key in self._marks:
            return self._marks[key]
        self.binds.append(parameter.closure if parameter.encode is None else parameter.bind)
        mark = f"${len(self.binds)}" if self.schema.postgresql else f"?{len(self.binds)}"
        if key is not None:
            self._marks[key] = mark
        return mark

    def sql(self, expression: Expr | Node, **rows: Row) -> str:
        """An expression over rows, as a value."""
        return compile_sql(expression, _Context(self, rows))

    def condition(self, expression: Expr | Node, **rows: Row) -> str:
        """An expression over rows, where unknown counts as false."""
        return compile_condition(expression, _Context(self, rows))

    def restriction(self, where: Expr, row: Row) -> str:
        """The condition that the plan puts on rows.

        A part that depends on what a caller sends is a filter in disguise and sees the row as the reader does; what the
        plan says by itself, like a row rule, sees all of it.
        """
        node = tree.decode(where)
        parts = node.args if isinstance(node, tree.And) else (node,)
        texts = [self.condition(part, this=row if tree.names(part) - _OF_THE_PLAN else row.bare) for part in parts]
        return texts[0] if len(texts) == 1 else f"({' AND '.join(texts)})"

    def arguments(self) -> tuple[Bind, ...]:
        """What makes the arguments, in their order."""
        return tuple(self.binds)


class _Context:
    """What the compiler of expressions asks of a statement."""

    def __init__(self, statement: Statement, rows: Mapping[str, Row]) -> None:
        self._statement = statement
        self._rows = rows
        self._guarded = any(row.guarded for row in rows.values())

    @property
    def dialect(self) -> DialectName:
        return self._statement.schema.dialect

    def parameter(self, parameter: Parameter) -> str:
        return self._statement.parameter(parameter)

    def row(self, name: str) -> SqlRow | None:
        return self._rows.get(name)

    def reached(self, entity: str, id: str) -> SqlRow:
        rules = self._statement.rules(entity) if self._guarded else None
        return Referenced(self._statement, self._statement.schema.tables[entity], id, rules)

    def alias(self) -> str:
        return self._statement.alias()

    def holds(self, name: str, path: str) -> bool:
        return False


def _is_plain(closure: Any) -> bool:
    """Whether a closure refers to nothing but what it is given, so that its code says everything."""
    return isinstance(closure, FunctionType) and set(closure.__globals__) <= {"__builtins__"}


def _constant(value: Any) -> str:
    """A constant of the plan; never a value that a caller sent."""
    if isinstance(value, int):
        # In parentheses, because a cast binds closer than a sign, and 2**63 without its sign is out of range.
        return str(int(value)) if value >= 0 else f"({int(value)})"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "'" + str(value) + "'"


class Source:
    """The FROM clause of one SELECT: a table and what is joined to it."""

    def __init__(self, start: str) -> None:
        self.start = start
        self.joins: list[str] = []
        self.known: dict[tuple[str, str, bool], Row] = {}

    def text(self) -> str:
        """Everything after FROM."""
        return " ".join((self.start, *self.joins))


class Row:
    """One row that expressions of a statement may speak about.

    Args:
        alias: how columns are reached.
        rules: who reads: None for a bare row.
        source: where joins may be added; None where references become subqueries.
        values: SQL that stands for columns instead, e.g. the new values of an update.
    """

    def __init__(
        self,
        statement: Statement,
        table: Table,
        alias: str,
        rules: Sequence[ReadRule] | None = None,
        source: Source | None = None,
        values: Mapping[str, str] | None = None,
    ) -> None:
        self.statement = statement
        self.table = table
        self.alias = alias
        self.rules = rules
        self.source = source
        self.values = values or {}
        self._bare = self if rules is None else None
        self._conditions: dict[int, str] = {}

    @property
    def guarded(self) -> bool:
        """Whether this row hides what its reader may not see."""
        return self.rules is not None

    @property
    def bare(self) -> Row:
        """The same row with everything in it."""
        if self._bare is None:
            self._bare = Row(self.statement, self.table, self.alias, None, self.source, self.values)
        return self._bare

    def raw(self, name: str) -> str:
        """A stored column, whoever reads."""
        if name in self.values:
            return self.values[name]
        column = self.table.columns[name].quoted
        return f"{self.alias}.{column}" if self.alias else column

    @property
    def id(self) -> str:
        """The id, whoever reads."""
        return self.raw(self.table.id.name)

    def field(self, name: str) -> str:
        """A field as the reader sees it; a computed one is computed from what the reader sees."""
        field = self.table.entity.fields[name]
        column = self.raw(name) if field.computed is None else self.statement.sql(field.computed, this=self)
        visible = self.visible((name,))
        if visible is None:
            return column
        if visible == "FALSE":
            # PostgreSQL asks what kind of value it is that is never there, to sum or to order by it.
            return f"NULL::{sql_type(field.type)}" if self.statement.schema.postgresql else "NULL"
        return f"CASE WHEN {visible} THEN {column} END"

    def rule(self, number: int) -> str:
        """The condition of one of the reader's rules for this row."""
        if number not in self._conditions:
            rules = self.rules or ()
            where = rules[number].where
            self._conditions[number] = "TRUE" if where is None else self.statement.condition(where, this=self.bare)
        return self._conditions[number]

    def readable(self) -> str | None:
        """The condition under which the row may be read at all; None where it always may."""
        return None if self.rules is None else self._any(range(len(self.rules)))

    def visible(self, names: Sequence[str]) -> str | None:
        """The condition under which all these fields may be read; None: always, ``FALSE``: never."""
        if self.rules is None:
            return None
        parts: list[str] = []
        for allowing in dict.fromkeys(self._allowing(name) for name in names):
            condition = self._any(allowing)
            if len(allowing) == len(self.rules) and allowing:
                continue
            if condition == "FALSE":
                return condition
            if condition is not None:
                parts.append(condition)
        return " AND ".join(parts) if parts else None

    def _allowing(self, name: str) -> tuple[int, ...]:
        return tuple(number for number, rule in enumerate(self.rules or ()) if name in rule.fields)

    def _any(self, numbers: Sequence[int]) -> str | None:
        rules = self.rules or ()
        if not numbers:
            return "FALSE"
        if any(rules[number].where is None for number in numbers):
            return self._of_whole
        own = f"({' OR '.join(self.rule(number) for number in numbers)})"
        return own if self._of_whole is None else f"({own} AND {self._of_whole})"

    @cached_property
    def _of_whole(self) -> str | None:
        """The condition that the row which this one is part of may be read; None where it always may."""
        name = self.table.entity.part_of
        if name is None:
            return None
        table = self.statement.schema.tables[self.table.entity.fields[name].type.entity or ""]
        alias, reference = self.statement.alias(), self.raw(name)
        readable = Row(self.statement, table, alias, self.statement.rules(table.name)).readable()
        if readable is None:
            return None
        whole = f"SELECT 1 FROM {table.quoted} {alias} WHERE {alias}.{table.id.quoted} = {reference} AND {readable}"
        return f"({reference} IS NULL OR EXISTS ({whole}))"

    def follow(self, name: str) -> Row:
        """The row that a reference of this row points to."""
        entity = self.table.entity.fields[name].type.entity
        if entity is None:
            raise LookupError(f"`{self.table.name}.{name}` is not a reference")
        table = self.statement.schema.tables[entity]
        rules = self.statement.rules(entity) if self.guarded else None
        if self.source is None:
            return Referenced(self.statement, table, self.field(name), rules)
        key = (self.alias, name, self.guarded)
        if key not in self.source.known:
            self.source.known[key] = self._join(self.source, table, self.field(name), rules)
        return self.source.known[key]

    def _join(self, source: Source, table: Table, reference: str, rules: Sequence[ReadRule] | None) -> Row:
        alias = self.statement.alias()
        # Rules of a joined row stand in its ON clause, where nothing can be joined.
        inside = Row(self.statement, table, alias, rules)
        condition = inside.readable()
        extra = "" if condition is None else f" AND {condition}"
        source.joins.append(f"LEFT JOIN {table.quoted} {alias} ON {alias}.{table.id.quoted} = {reference}{extra}")
        joined = Row(self.statement, table, alias, rules, source)
        joined._conditions = inside._conditions
        return joined

    def among(self, name: str) -> Among:
        """The rows of a relation."""
        relation = self.statement.schema.relation(self.table.name, name)
        if relation is None:
            raise LookupError(f"`{self.table.name}` has no relation `{name}`")
        table = self.statement.schema.tables[relation.entity]
        alias = self.statement.alias()
        source = Source(f"{table.quoted} {alias}")
        rules = self.statement.rules(relation.entity) if self.guarded else None
        row = Row(self.statement, table, alias, rules, source)
        tie = self._tie(relation, name, row, source)
        readable = row.readable()
        return Among(row, source, tie if readable is None else f"{tie} AND {readable}")

    def _tie(self, relation: Relation, name: str, row: Row, source: Source) -> str:
        if relation.field is not None:
            # Whoever asks a row of the relation where it belongs is back at this one, and needs no join for that.
            source.known[(row.alias, relation.field, False)] = self.bare
            if self.guarded:
                source.known[(row.alias, relation.field, True)] = self
            return f"{row.field(relation.field)} = {self.id}"
        link = self.statement.alias()
        near, far = quote(relation.near or "near"), quote(relation.far or "far")
        source.joins.append(f"JOIN {quote(relation.table or '')} {link} ON {link}.{far} = {row.id}")
        tie = f"{link}.{near} = {self.id}"
        visible = self.visible_relation(name)
        return tie if visible is None else f"{tie} AND {visible}"

    def visible_relation(self, name: str) -> str | None:
        """The condition under which a many-to-many link of this row may be followed."""
        return self.visible((name,))


@dataclass
class Among:
    """The rows of a relation, to be asked about in a subquery.

    Attributes:
        row: one of them.
        tie: what they have in common with the row whose relation it is, and that they may be read.
    """

    row: Row
    source: Source
    tie: str

    def select(self, what: str, condition: str | None) -> str:
        """The subquery; made after everything that it contains was written."""
        further = "" if condition is None else f" AND {condition}"
        return f"SELECT {what} FROM {self.source.text()} WHERE {self.tie}{further}"


class Referenced(Row):
    """A row that is reached by a reference where nothing can be joined: every column is a subquery."""

    def __init__(
        self, statement: Statement, table: Table, reference: str, rules: Sequence[ReadRule] | None = None
    ) -> None:
        super().__init__(statement, table, "", rules)
        self._reference = reference

    @property
    def bare(self) -> Row:
        """The same row with everything in it."""
        return self if self.rules is None else Referenced(self.statement, self.table, self._reference)

    @property
    def id(self) -> str:
        """The id, where the row exists and may be read."""
        return self.field(self.table.id.name) if self.rules is None else self._subquery(lambda row: row.id)

    def field(self, name: str) -> str:
        """A field as the reader sees it."""
        return self._subquery(lambda row: row.field(name))

    def _subquery(self, column: Callable[[Row], str]) -> str:
        alias = self.statement.alias()
        row = Row(self.statement, self.table, alias, self.rules)
        readable = row.readable()
        extra = "" if readable is None else f" AND {readable}"
        table = self.table
        return (
            f"(SELECT {column(row)} FROM {table.quoted} {alias} "
            f"WHERE {alias}.{table.id.quoted} = {self._reference}{extra})"
        )

    def visible(self, names: Sequence[str]) -> str | None:
        """Each column's own subquery decides what is visible."""
        return None
