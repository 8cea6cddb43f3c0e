"""What must hold for a write to happen, each as a condition of its statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..expression import tree
from ..plan import Check, Expr, Grant
from .audit import Kind
from .expressions import is_name, own_fields
from .holds import dependants
from .newrow import Value
from .schema import Schema, Table
from .statement import Row, Rules, Statement

VERSION = "$version"
"""The name under which arguments find the version that the row must still have."""
Why = Literal["forbidden", "reference", "check", "range", "stale"]


@dataclass(frozen=True)
class Condition:
    """Something that must hold, and what it means when it does not."""

    why: Why
    sql: str
    field: str | None = None
    check: Check | None = None


class Conditions:
    """The conditions of one kind of write for one set of grants and read rules.

    Args:
        presetting: grants of which one must hold, whatever fields are given, since its presets are taken.
    """

    def __init__(
        self,
        schema: Schema,
        table: Table,
        kind: Kind,
        grants: Sequence[Grant],
        rules: Rules,
        presetting: Sequence[Grant] = (),
    ) -> None:
        self.schema = schema
        self.table = table
        self.kind = kind
        self.grants = grants
        self.rules = rules
        self.presetting = presetting

    def fixed(self, name: str) -> bool:
        """Whether a field never changes again."""
        field = self.table.entity.fields.get(name)
        return self.kind == "update" and field is not None and field.immutable

    def all(
        self, statement: Statement, before: Row, after: Row, values: Sequence[Value], versioned: bool
    ) -> list[Condition]:
        """Everything that must hold, grants first."""
        found = self._granted(statement, before, after, values)
        if versioned and self.table.version is not None:
            mark = statement.mark(lambda names: names[VERSION], "bigint")
            found.append(Condition("stale", f"{before.raw(self.table.version.name)} = {mark}"))
        if self.kind == "delete":
            return [*found, *(Condition("forbidden", one) for one in dependants(before))]
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
            groups.setdefault(() if self.fixed(name) else allowing, name)
        found = []
        for allowing, field in groups.items():
            # Looked at before anything is written: what is dropped later would leave its arguments behind.
            if any(self._unconditional(self.grants[number]) for number in allowing):
                continue
            parts = [self._grant(statement, before, after, self.grants[number]) for number in allowing]
            sql = f"({' OR '.join(parts)})" if parts else "FALSE"
            found.append(Condition("forbidden", sql, field))
        if self.presetting and not any(self._unconditional(grant) for grant in self.presetting):
            parts = [self._grant(statement, before, after, grant) for grant in self.presetting]
            found.append(Condition("forbidden", f"({' OR '.join(parts)})"))
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
