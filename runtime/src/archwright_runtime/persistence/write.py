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

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import nh3

from ..expression import Closure, compile_closure, tree
from ..plan import Check, Expr, Grant
from .audit import ID, Audit, Kind
from .expressions import is_name, own_fields
from .schema import Column, Schema, Table
from .shape import Mode
from .statement import Bind, Names, Row, Rules, Source, Statement

VERSION = "$version"
Why = Literal["forbidden", "reference", "check", "range", "stale"]


@dataclass(frozen=True)
class Value:
    """What a field gets.

    Attributes:
        expression: over ``this`` (the row before an update) and the names of the request.
        given: the author of the write chose it, so the author needs the right to, and to see what it refers to.
    """

    field: str
    expression: Expr
    given: bool = True


@dataclass(frozen=True)
class Condition:
    """Something that must hold, and what it means when it does not."""

    why: Why
    sql: str
    field: str | None = None
    check: Check | None = None


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


Returning = Callable[[Statement, Row], tuple[list[str], Callable[[Mode], Callable[[Sequence[Any]], dict[str, Any]]]]]
"""Writes the select list of what is returned."""


class Writer:
    """Writes the statements of one step for one set of rules.

    Args:
        grants: what the author may do with the entity, for this kind of write.
        rules: what the author may read.
        where: the step's own condition over the row before; none for a create.
        returning: what is asked back.
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
    ) -> None:
        self.schema = schema
        self.table = table
        self.kind = kind
        self.grants = grants
        self.rules = rules
        self.where = where
        self._returning = returning
        self._audit = audit

    # -- what is decided before ----------------------------------------------------------------------------------

    def refused_fields(self, values: Sequence[Value]) -> tuple[str, ...]:
        """Given fields that no grant allows at all."""
        allowed = {name for grant in self.grants for name in grant.fields}
        return tuple(
            value.field for value in values if value.given and (value.field not in allowed or self._fixed(value.field))
        )

    def _fixed(self, name: str) -> bool:
        field = self.table.entity.fields.get(name)
        return self.kind == "update" and field is not None and field.immutable

    def presets(self, values: Sequence[Value]) -> list[Value]:
        """What the grants set by themselves; a given field that a grant allows is not overruled."""
        given = {value.field for value in values if value.given}
        covering = [grant for grant in self.grants if given <= set(grant.fields)] or list(self.grants)
        found: dict[str, Value] = {}
        for grant in covering:
            for name, expression in grant.preset.items():
                if name not in given and name not in found:
                    found[name] = Value(name, expression, given=False)
        return list(found.values())

    # -- statements ----------------------------------------------------------------------------------------------

    def writing(self, values: Sequence[Value], *, versioned: bool = False) -> Writing:
        """The statement for a set of fields."""
        statement = Statement(self.schema, self.rules)
        before = Row(statement, self.table, self.table.quoted)
        after = self._after(statement, before, values)
        conditions = self._conditions(statement, before, after, values, versioned)
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
        after = self._after(statement, before, values)
        conditions = self._conditions(statement, before, after, values, versioned)
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

    # -- the row after -------------------------------------------------------------------------------------------

    def _after(self, statement: Statement, before: Row, values: Sequence[Value]) -> Row:
        new = NewValues()
        if self.kind == "create":
            for column in self.table.columns.values():
                new.add(column.name, _just(self._null(column.cast)))
            new.add(self.table.id.name, lambda: statement.mark(lambda names: names[ID], "text"))
        for value in values:
            if value.field in self.table.columns:
                new.add(value.field, _later(self._value, statement, before, value))
        if self.kind != "delete":
            self._generate(statement, before, new)
        return Row(statement, self.table, self.table.quoted, None, None, new)

    def _null(self, cast: str) -> str:
        return f"NULL::{cast}" if self.schema.postgresql else "NULL"

    def _generate(self, statement: Statement, before: Row, new: NewValues) -> None:
        table = self.table
        if table.version is not None:
            name = table.version.name
            new.add(name, _just("1" if self.kind == "create" else f"{before.raw(name)} + 1"))
        for column in (table.created if self.kind == "create" else None, table.updated):
            if column is not None:
                new.add(column.name, _later(self._now, statement, column))

    def _now(self, statement: Statement, column: Column) -> str:
        convert = column.form.argument
        if convert is None:
            return statement.mark(lambda names: names["now"], column.cast)
        return statement.mark(lambda names: convert(names["now"]), column.cast)

    def _value(self, statement: Statement, before: Row, value: Value) -> str:
        column = self.table.columns[value.field]
        if column.field.encrypted:
            return statement.mark(self._sealed(value), "text")
        if column.field.type.kind == "html" and "this" not in tree.names(value.expression):
            return statement.mark(_sanitised(compile_closure(value.expression)), "text")
        return statement.sql(value.expression, **({} if self.kind == "create" else {"this": before}))

    def _sealed(self, value: Value) -> Bind:
        schema, table, column = self.schema, self.table, self.table.columns[value.field]
        closure = compile_closure(value.expression)

        def bind(names: Names) -> Any:
            plain = closure(names)
            return None if plain is None else schema.seal(table, column, names[ID], plain)

        return bind

    # -- conditions ----------------------------------------------------------------------------------------------

    def _conditions(
        self, statement: Statement, before: Row, after: Row, values: Sequence[Value], versioned: bool
    ) -> list[Condition]:
        found = self._granted(statement, before, after, values)
        if versioned and self.table.version is not None:
            mark = statement.mark(lambda names: names[VERSION], "bigint")
            found.append(Condition("stale", f"{before.raw(self.table.version.name)} = {mark}"))
        if self.kind == "delete":
            return found
        for value in (one for one in values if one.field in self.table.columns):
            found += self._reference(statement, after, value)
            found += self._range(value, after)
        changed = {value.field for value in values}
        for check in self.table.entity.check:
            if self.kind == "create" or changed & set(_fields(check.says, self.table)) or _asks_rows(check.says):
                found.append(Condition("check", statement.condition(check.says, this=after), check=check))
        return found

    def _granted(self, statement: Statement, before: Row, after: Row, values: Sequence[Value]) -> list[Condition]:
        given = [value.field for value in values if value.given]
        groups: dict[tuple[int, ...], str | None] = dict.fromkeys([tuple(range(len(self.grants)))] if not given else [])
        for name in given:
            allowing = tuple(number for number, grant in enumerate(self.grants) if name in grant.fields)
            groups.setdefault(() if self._fixed(name) else allowing, name)
        found = []
        for allowing, field in groups.items():
            # Looked at before anything is written: what is dropped later would leave its arguments behind.
            if any(self._unconditional(self.grants[number]) for number in allowing):
                continue
            parts = [self._grant(statement, before, after, self.grants[number]) for number in allowing]
            sql = f"({' OR '.join(parts)})" if parts else "FALSE"
            found.append(Condition("forbidden", sql, field))
        return found

    def _unconditional(self, grant: Grant) -> bool:
        return (grant.where is None or self.kind == "create") and (grant.check is None or self.kind == "delete")

    def _grant(self, statement: Statement, before: Row, after: Row, grant: Grant) -> str:
        parts = []
        if grant.where is not None and self.kind != "create":
            parts.append(statement.condition(grant.where, this=before))
        if grant.check is not None and self.kind != "delete":
            old = {} if self.kind == "create" else {"old": before}
            parts.append(statement.condition(grant.check, this=after, **old))
        return f"({' AND '.join(parts)})"

    def _reference(self, statement: Statement, after: Row, value: Value) -> list[Condition]:
        field = self.table.entity.fields[value.field]
        if field.type.kind != "ref" or not value.given or _is_caller(value.expression):
            return []
        target = self.schema.tables[field.type.entity or ""]
        alias = statement.alias()
        row = Row(statement, target, alias, self.rules(target.name))
        readable = row.readable()
        extra = "" if readable is None else f" AND {readable}"
        reference = after.raw(value.field)
        exists = f"EXISTS (SELECT 1 FROM {target.quoted} {alias} WHERE {row.id} = {reference}{extra})"
        if not field.present:
            exists = f"({reference} IS NULL OR {exists})"
        return [Condition("reference", exists, value.field)]

    def _range(self, value: Value, after: Row) -> list[Condition]:
        """Bounds of what the database computes; what the runtime computes it tests itself."""
        if not _names_row(value.expression):
            return []
        type = self.table.entity.fields[value.field].type
        sql = after.raw(value.field)
        tests = []
        if type.kind in ("int", "decimal", "money"):
            tests = [
                f"{sql} {sign} {bound}" for sign, bound in ((">=", type.low), ("<=", type.high)) if bound is not None
            ]
        elif type.max is not None and type.kind not in ("list", "json", "file", "image"):
            tests = [f"length({sql}) <= {type.max}"]
        return [Condition("range", f"({sql} IS NULL OR ({' AND '.join(tests)}))", value.field)] if tests else []

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
        row = Row(statement, self.table, self.table.quoted, self.rules(self.table.name))
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


def _sanitised(closure: Closure) -> Bind:
    """HTML loses what could run, whoever wrote it."""

    def bind(names: Names) -> Any:
        value = closure(names)
        return None if value is None else nh3.clean(value)

    return bind


class NewValues(Mapping[str, str]):
    """The SQL of each field's new value, written when it is first needed: an unused parameter has no type."""

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[], str]] = {}
        self._made: dict[str, str] = {}

    def add(self, name: str, maker: Callable[[], str]) -> None:
        """State a field's new value."""
        self._makers[name] = maker

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def _just(text: str) -> Callable[[], str]:
    return lambda: text


def _later(function: Callable[..., str], *arguments: Any) -> Callable[[], str]:
    return lambda: function(*arguments)


def _is_caller(expression: Expr) -> bool:
    node = tree.decode(expression)
    if isinstance(node, tree.Field) and node.field == "id":
        node = node.of
    return is_name(node, "caller")


def _names_row(expression: Expr) -> bool:
    return "this" in tree.names(expression)


def _asks_rows(expression: Expr) -> bool:
    return any(isinstance(node, tree.Quantifier) or (isinstance(node, tree.Size) and node.value.form.kind == "rows")
               for node in tree.walk(tree.decode(expression)))  # fmt: skip


def _fields(expression: Expr, table: Table) -> set[str]:
    """The stored fields that an expression over ``this`` reads, also through computed ones."""
    found: set[str] = set()
    pending = list(own_fields(expression))
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        field = table.entity.fields.get(name)
        if field is not None and field.computed is not None:
            pending += own_fields(field.computed)
    return found
