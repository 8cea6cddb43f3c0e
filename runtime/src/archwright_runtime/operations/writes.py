"""Steps that write: for each standing and set of fields one statement, written at its first use and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..authorization.policy import Standing
from ..errors import FieldProblem, Refusal
from ..expression import Closure, compile_closure, tree
from ..persistence.audit import ID, Audit, Kind
from ..persistence.database import (
    ConstraintViolationError,
    ContentionError,
    Record,
    ReferenceViolationError,
    UniqueViolationError,
)
from ..persistence.links import LinkStatements, link_statements
from ..persistence.newrow import Value
from ..persistence.schema import Table, new_id
from ..persistence.select import Shapes, shapes
from ..persistence.shape import Layout
from ..persistence.statement import Row, Statement
from ..persistence.write import Diagnosis, Writer, Writing, alternatives
from ..plan import Column, Expr, Grant, Input, Select, Step
from . import validation
from .outbox import Outbox
from .reads import Reads
from .run import Bound, Result, Run, evaluate
from .service import Service
from .trees import own_row
from .watches import Watches

Make = Callable[[Sequence[Any]], dict[str, Any]]
_VARIANTS = 500
_UPSERTS = 3
"""How often an upsert looks again for the row that was in its way."""


class NotGranted(Refusal):
    """No grant allows the write; there may be others to try."""


@dataclass(frozen=True)
class Tested:
    """A value that is computed before the statement and must fit its field."""

    field: str
    closure: Closure
    test: validation.Test
    pointer: str


@dataclass
class Variant:
    """What writes one set of fields with one standing."""

    writer: Writer
    values: list[Value]
    writing: Writing
    tested: list[Tested]
    links: list[tuple[str, Closure, LinkStatements]]
    versioned: bool
    sealed: bool = False
    _diagnosis: Diagnosis | None = None

    @property
    def diagnosis(self) -> Diagnosis:
        """What tells why nothing was written."""
        if self._diagnosis is None:
            self._diagnosis = self.writer.diagnosis(self.values, versioned=self.versioned)
        return self._diagnosis


@dataclass(frozen=True)
class Written:
    """A row that was written, as its author may see it afterwards; only its id where it may not be seen any more."""

    id: str
    version: int | None = None
    record: Record | None = None
    make_wire: Make | None = None
    make_value: Make | None = None

    def wire(self) -> dict[str, Any]:
        """The row for the answer."""
        return {"id": self.id} if self.make_wire is None or self.record is None else self.make_wire(self.record)

    def value(self) -> Bound:
        """The row for expressions."""
        return (
            Bound(id=self.id) if self.make_value is None or self.record is None else Bound(self.make_value(self.record))
        )

    def result(self) -> Result:
        """What the answer shows."""
        return Result(self.wire, version=self.version)


class Writes:
    """One create, update or delete of one entity.

    Args:
        further: members of the row afterwards that only expressions need.
        bound: whether expressions look into the row afterwards at all.
    """

    def __init__(
        self,
        service: Service,
        step: Step,
        kind: Kind,
        audit: Audit | None,
        inputs: Sequence[Input],
        outbox: Outbox,
        further: Sequence[Column] = (),
        where: Expr | None = None,
    ) -> None:
        self.kind = kind
        self.table: Table = service.schema.tables[step.entity or ""]
        self._service = service
        self._step = step
        self._audit = audit
        self._where = where if where is not None else step.where
        self._select = service.whole(self.table.name)
        self._further = Select(entity=self.table.name, columns=tuple(further))
        again = Select(entity=self.table.name, columns=self._select.columns, where=own_row(self.table.name))
        self._whole = Reads(service, again, further)
        self._pointers = {assign.field: _pointer(assign.value, inputs) for assign in step.set}
        self._inputs = {one.name: one for one in inputs}
        self._conditional = [(number, one.given) for number, one in enumerate(step.set) if one.given is not None]
        self._always = tuple(number for number, one in enumerate(step.set) if one.given is None)
        self._watches = Watches(service, outbox, self.table.name, kind)
        self._variants: dict[tuple[Standing, tuple[int, ...], bool], tuple[Variant, ...]] = {}

    @property
    def _is_reaction(self) -> bool:
        """Whether a change starts this in its transaction; what it writes down is what the changed row refers to."""
        name = self._audit.operation if self._audit is not None else ""
        operation = self._service.plan.operations.get(name)
        return operation is not None and operation.trigger.within

    @property
    def watched(self) -> bool:
        """Whether writing starts other operations, whose beginning is written down in the same transaction."""
        return bool(self._watches)

    @property
    def links(self) -> bool:
        """Whether a many-to-many relation may be written, which takes statements of its own."""
        return any(assign.field in self.table.entity.relations for assign in self._step.set)

    async def run(self, run: Run, *, versioned: bool) -> Written | None:
        """Write; None where no row is there that may be seen.

        Raises:
            Refusal: the row is there and may not be written like this.
        """
        *others, last = self._variants_for(run, versioned)
        for variant in others:
            try:
                return await self._write(run, variant)
            except NotGranted:
                # Grants with other presets may still hold.
                continue
        return await self._write(run, last)

    async def _write(self, run: Run, variant: Variant) -> Written | None:
        names = run.names
        if self.kind == "create":
            names[ID] = new_id()
        for one in variant.tested:
            _test(one, names)
        if variant.sealed and self.kind == "update":
            await self._name_row(run, variant)
        before = await self._watches.before(run, variant.writer) if self._watches else {}
        try:
            records = await run.write(variant.writing.sql, variant.writing.arguments(names))
            if not records:
                await self._explain(run, variant)
                return None
            for record in records:
                await self._complete(run, variant, record)
                if self._watches:
                    await self._watches.after(run, record[variant.writing.id], before)
        except UniqueViolationError as error:
            self._retry_upsert(run, error)
            raise self._taken(run, error) from None
        except ReferenceViolationError:
            raise self._dangling() from None
        except ConstraintViolationError:
            raise Refusal("invalid", "a value does not fit") from None
        if variant.links or (self._watches and self._watches.rewrite):
            return await self._again(run, records[0][variant.writing.id])
        return self._written(variant.writing, records[0])

    def _written(self, writing: Writing, record: Record) -> Written:
        if writing.visible is not None and not record[writing.visible]:
            return Written(record[writing.id])
        version = None if writing.version is None else record[writing.version]
        return Written(record[writing.id], version, record, writing.wire, writing.value)

    async def _again(self, run: Run, id: str) -> Written:
        """The row read again, as something was written after it."""
        reading = self._whole.single(run.standing)
        records = await run.fetch(reading.sql, reading.arguments({**run.names, "$given": id})) if reading else []
        if reading is None or not records:
            return Written(id)
        version = None if reading.version is None else records[0][reading.version]
        return Written(id, version, records[0], reading.wire, reading.value)

    async def _name_row(self, run: Run, variant: Variant) -> None:
        """An encrypted value is bound to its row, whose id must be known before."""
        sighting = variant.writer.sighting()
        found = await run.fetch(sighting.sql, sighting.arguments(run.names))
        run.names[ID] = found[0][0] if len(found) == 1 else ""

    async def _complete(self, run: Run, variant: Variant, record: Record) -> None:
        id = record[variant.writing.id]
        if variant.writing.audit is not None:
            sql, binds = variant.writing.audit
            before, run.names[ID] = run.names.get(ID), id
            await run.write(sql, [bind(run.names) for bind in binds])
            run.names[ID] = before
        for name, closure, statements in variant.links:
            await self._link(run, id, name, evaluate(closure, run.names), statements)

    async def _link(self, run: Run, id: str, name: str, wanted: Any, statements: LinkStatements) -> None:
        ids = list(dict.fromkeys(wanted or ()))
        if ids:
            readable = await run.fetch(statements.readable, statements.asking(run.names, ids))
            if readable[0][0] != len(ids):
                pointer = self._pointers.get(name, "")
                raise Refusal("invalid", problems=(FieldProblem(pointer, "reference", "not found"),))
        await run.write(statements.clear, statements.arguments(id, ids))
        if ids:
            await run.write(statements.add, statements.arguments(id, ids))

    # -- variants ------------------------------------------------------------------------------------------------

    def _variants_for(self, run: Run, versioned: bool) -> tuple[Variant, ...]:
        given = self._always
        if self._conditional:
            came = run.call.input
            given = tuple(sorted((*given, *(number for number, name in self._conditional if name in came))))
        key = (run.standing, given, versioned)
        found = self._variants.get(key)
        if found is None:
            if len(self._variants) >= _VARIANTS:
                self._variants.pop(next(iter(self._variants)))
            found = self._variants[key] = self._make_all(run.standing, given, versioned)
        return found

    def _make_all(self, standing: Standing, given: tuple[int, ...], versioned: bool) -> tuple[Variant, ...]:
        grants = self._service.policy.grants(self.table.name, self.kind, standing)
        fields = frozenset(self._step.set[number].field for number in given)
        together = alternatives(grants, fields) if self.kind != "delete" else [(grants, ())]
        return tuple(self._make(standing, given, versioned, *one) for one in together)

    def _make(
        self,
        standing: Standing,
        given: tuple[int, ...],
        versioned: bool,
        grants: Sequence[Grant],
        presetting: Sequence[Grant],
    ) -> Variant:
        policy, service = self._service.policy, self._service

        def rules(entity: str) -> Any:
            return policy.readable(entity, standing)

        writer = Writer(
            service.schema, self.table, self.kind, grants, rules, self._where, self._returning, self._audit, presetting,
            policy.everything if self._is_reaction else None,
        )  # fmt: skip
        assigned = [self._step.set[number] for number in given]
        values = [Value(one.field, one.value) for one in assigned]
        values += writer.presets(values)
        if self.kind == "create":
            values += self._defaults(values)
        relations = self.table.entity.relations
        links = [
            (one.field, compile_closure(one.expression), link_statements(service.schema, self.table, one.field, rules))
            for one in values
            if one.field in relations
        ]
        tested = [self._tested(one) for one in values if self._needs_test(one)]
        writing = writer.writing(values, versioned=versioned)
        fields = self.table.entity.fields
        sealed = any(one.field in fields and fields[one.field].encrypted for one in values)
        return Variant(writer, values, writing, tested, links, versioned, sealed)

    def _defaults(self, values: Sequence[Value]) -> list[Value]:
        known = {value.field for value in values}
        return [
            Value(name, field.default, given=False)
            for name, field in self.table.entity.fields.items()
            if field.default is not None and name not in known and field.generated is None and field.computed is None
        ]

    def _returning(self, statement: Statement, row: Row) -> tuple[list[str], Shapes]:
        layout = Layout()
        shape = shapes(statement, layout, row, self._select, self._further)
        return layout.columns, shape

    def _needs_test(self, value: Value) -> bool:
        field = self.table.entity.fields.get(value.field)
        if field is None or field.computed is not None:
            return False
        node = tree.decode(value.expression)
        if isinstance(node, tree.Constant) or "this" in tree.names(node):
            return False
        if isinstance(node, tree.Field) and isinstance(node.of, tree.Name) and node.of.name == "input":
            known = self._inputs.get(node.field)
            return known is None or known.type != field.type or (field.present and known.nullable)
        return True

    def _tested(self, value: Value) -> Tested:
        field = self.table.entity.fields[value.field]
        closure = compile_closure(value.expression)
        return Tested(value.field, closure, validation.test(field), self._pointers.get(value.field, ""))

    # -- why nothing was written ---------------------------------------------------------------------------------

    async def _explain(self, run: Run, variant: Variant) -> None:
        diagnosis = variant.diagnosis
        found = await run.fetch(diagnosis.sql, diagnosis.arguments(run.names))
        refused = variant.writer.refused_fields(variant.values)
        if not found:
            return
        if refused or not variant.writer.grants:
            raise NotGranted("forbidden")
        pairs = zip(diagnosis.conditions, found[0], strict=False)
        failed = [condition for condition, holds in pairs if not holds]
        for condition in failed:
            if condition.why == "forbidden":
                raise NotGranted(self._step.refusal or "forbidden")
            if condition.why == "stale":
                raise Refusal("stale")
        problems = []
        for condition in failed:
            pointer = self._pointers.get(condition.field or "", "")
            if condition.check is not None:
                says = condition.check.message or f"this must hold: {condition.check.name}"
                problems.append(FieldProblem("", condition.check.name, says))
            elif condition.why == "reference":
                problems.append(FieldProblem(pointer, "reference", "not found"))
            else:
                problems.append(FieldProblem(pointer, "range", validation.MESSAGES["range"]))
        if problems:
            raise Refusal("invalid", problems[0].message, tuple(problems))
        raise ContentionError("the row changed in between")

    def _retry_upsert(self, run: Run, error: UniqueViolationError) -> None:
        """A row that appeared in between can be changed; one that may not be seen stays in the way."""
        key = {self.table.columns[name].field.column for name in self._step.key}
        if key and key == set(error.columns) and run.attempt < _UPSERTS:
            raise ContentionError("the row appeared in between") from None

    def _taken(self, run: Run, error: UniqueViolationError) -> Refusal:
        rules = self._service.policy.readable(self.table.name, run.standing)
        by_column = {column.field.column: name for name, column in self.table.columns.items()}
        fields = [by_column[column] for column in error.columns if column in by_column]
        readable = {name for rule in rules for name in rule.fields}
        if not fields or not set(fields) <= readable:
            return Refusal("conflict")
        problems = tuple(
            FieldProblem(self._pointers.get(name, ""), "unique", "another one has this already") for name in fields
        )
        return Refusal("conflict", f"another one has the same {', '.join(fields)}", problems)

    def _dangling(self) -> Refusal:
        if self.kind == "delete":
            return Refusal("conflict", "other data refers to this")
        return Refusal("invalid", "a reference points to nothing")


def _pointer(value: Expr, inputs: Sequence[Input]) -> str:
    """Where in the request a value came from, as far as it came from one place."""
    by_name = {one.name: one for one in inputs}
    for node in tree.walk(tree.decode(value)):
        if isinstance(node, tree.Field) and isinstance(node.of, tree.Name) and node.of.name == "input":
            one = by_name.get(node.field)
            if one is not None:
                return f"/{one.wire or one.name}" if one.source == "body" else f"?{one.wire or one.name}"
    return ""


def _test(one: Tested, names: Any) -> None:
    wrong = one.test(evaluate(one.closure, names))
    if wrong is not None:
        message = validation.MESSAGES[wrong]
        raise Refusal("invalid", message, (FieldProblem(one.pointer, wrong, message),))
