"""Compiles a tree to SQL; what holds no row of the database is computed before and bound as a parameter.

Truth in SQL has three values and ours has two.
A condition of WHERE may stay unknown where it would be false; under a negation, and where it is a value, it may not:
there every comparison of what may be absent says ``IS TRUE``.
No part can fail, in whatever order a database evaluates: numbers stay within 64 bits, times within the calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import PlanError
from . import tree, values
from .closure import Closure, compile_closure
from .dialect import Dialect, DialectName
from .dialects.postgresql import PostgreSQL
from .dialects.sqlite import SQLite
from .hoisting import Hoisting
from .library import given
from .patterns import written
from .tree import Form, Node

_DIALECTS: dict[DialectName, Dialect] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}
_OPERATORS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Parameter:
    """A value that is bound when the statement runs.

    Attributes:
        closure: computes it from the names of the request.
        form: what kind of value it is.
        encode: brings it into the form that the driver takes; None where it already is.
        cast: the text that follows the placeholder, e.g. ``::bigint``; it is added by the compiler.
        constant: it is the same for every request, namely ``value``.
    """

    closure: Closure
    form: Form
    encode: Callable[[Any], Any] | None = None
    cast: str = ""
    constant: bool = False
    value: Any = None

    def bind(self, names: Mapping[str, Any]) -> Any:
        """What the driver is given."""
        value = self.closure(names)
        return value if self.encode is None or value is None else self.encode(value)


class SqlRow(Protocol):
    """A row of the statement."""

    @property
    def guarded(self) -> bool:
        """Whether a field may be NULL although it is always present: hidden, here or on the way here."""

    @property
    def id(self) -> str:
        """Its id; NULL where the row is absent."""

    def field(self, name: str) -> str:
        """A column or, for a computed field, what computes it."""

    def follow(self, name: str) -> SqlRow:
        """The row that a reference points to."""

    def among(self, name: str) -> SqlRows:
        """The rows of a relation."""


class SqlRows(Protocol):
    """The rows of a relation, to be asked about in a subquery."""

    @property
    def row(self) -> SqlRow:
        """One of them, for the condition."""

    def select(self, what: str, condition: str | None) -> str:
        """The whole ``SELECT what FROM ... WHERE ...``; called once, after the condition was written."""


class SqlContext(Protocol):
    """What the one who writes a statement provides.

    Placeholders may be repeated in the text, so they are numbered (``$1``, ``?1``).
    """

    @property
    def dialect(self) -> DialectName:
        """The database."""

    def parameter(self, parameter: Parameter) -> str:
        """The placeholder of a parameter."""

    def row(self, name: str) -> SqlRow | None:
        """The row of the statement that a name stands for; None where the name's value is bound."""

    def reached(self, entity: str, id: str) -> SqlRow:
        """The row with an id that is given as SQL."""

    def alias(self) -> str:
        """A name that no other row of the statement has."""

    def holds(self, name: str, path: str) -> bool:
        """Whether the value of a name holds what a path reaches through references, e.g. ``owner.email`` of ``leave``.

        Where it does not, a reference is followed by a subquery; the rows of a step must hold what ``paths`` says.
        """


@dataclass(frozen=True)
class _Sql:
    """SQL, and whether it may be NULL."""

    text: str
    nullable: bool = False


def compile_sql(source: Mapping[str, Any] | Node, context: SqlContext) -> str:
    """The SQL of a value, for a SELECT list, SET or ORDER BY; a bool is NULL only where it is an absent field.

    Raises:
        PlanError: the tree has an operation that this runtime does not know.
    """
    return _Compiler(context).value(tree.decode(source)).text


def compile_condition(source: Mapping[str, Any] | Node, context: SqlContext) -> str:
    """The SQL of a condition for WHERE, ON or FILTER, where unknown counts as false.

    Raises:
        PlanError: the tree has an operation that this runtime does not know.
    """
    return _Compiler(context).truth(tree.decode(source), exact=False)


class _Compiler:
    """The state of compiling one expression."""

    def __init__(self, context: SqlContext) -> None:
        self.context = context
        self.dialect = _DIALECTS[context.dialect]
        self.variables: dict[str, SqlRow] = {}
        self.hoisting = Hoisting(lambda name: self.row(name) is not None, context.holds)

    # -- what is computed before ---------------------------------------------------------------------------------

    def row(self, name: str) -> SqlRow | None:
        """The row that a name stands for."""
        return self.variables.get(name) or self.context.row(name)

    def hoistable(self, node: Node) -> bool:
        """Whether a closure can compute the node from the names of the request."""
        return self.hoisting.possible(node)

    def bound(self, node: Node, array: bool = False) -> _Sql:
        """The node as a parameter."""
        form = node.form
        if isinstance(node, tree.Constant):
            if node.value is None:
                return _Sql(self.dialect.null(form), True)
            if form.kind == "bool":
                return _Sql("TRUE" if node.value else "FALSE")
        cast = self.dialect.cast("", form, array)
        encode = values.encoder(form, self.dialect.name, array=array)
        constant = isinstance(node, tree.Constant)
        value = tree.constant_value(node) if isinstance(node, tree.Constant) else None
        parameter = Parameter(compile_closure(node), form, encode, cast, constant, value)
        return _Sql(f"{self.context.parameter(parameter)}{cast}", node.optional)

    # -- truths --------------------------------------------------------------------------------------------------

    def truth(self, node: Node, exact: bool) -> str:
        """A condition; where ``exact``, never NULL."""
        if self.hoistable(node):
            return self._exactly(self.bound(node), exact)
        match node:
            case tree.And():
                return f"({' AND '.join(self.truth(part, exact) for part in node.args)})"
            case tree.Or():
                return f"({' OR '.join(self.truth(part, exact) for part in node.args)})"
            case tree.Not():
                return f"(NOT {self.truth(node.value, True)})"
            case tree.If():
                test = self.truth(node.test, False)
                then, otherwise = self.truth(node.then, exact), self.truth(node.otherwise, exact)
                return f"(CASE WHEN {test} THEN {then} ELSE {otherwise} END)"
            case tree.Compare() | tree.Search() | tree.In():
                return self._exactly(self._comparison(node), exact)
            case tree.Present():
                return f"({self._reached(node.value)} IS NOT NULL)"
            case tree.Absent():
                return f"({self._reached(node.value)} IS NULL)"
            case tree.Exists():
                return f"EXISTS ({self._among(node, '1', lambda: self.truth(node.where, False))})"
            case tree.All():
                return f"(NOT EXISTS ({self._among(node, '1', lambda: f'(NOT {self.truth(node.where, True)})')}))"
            case _:
                return self._exactly(self.value(node), exact)

    def _exactly(self, sql: _Sql, exact: bool) -> str:
        return f"({sql.text} IS TRUE)" if exact and sql.nullable else sql.text

    def _comparison(self, node: tree.Compare | tree.Search | tree.In) -> _Sql:
        if isinstance(node, tree.In):
            return self._member(node)
        if isinstance(node, tree.Search):
            value = self.value(node.value)
            if node.mode == "matches":
                return _Sql(self.dialect.search("matches", value.text, _pattern(node)), value.nullable)
            part = self.value(node.part)
            return _Sql(self.dialect.search(node.mode, value.text, part.text), value.nullable or part.nullable)
        left, right = self.value(node.left), self.value(node.right)
        other = right.text
        if node.operator not in ("==", "!="):
            other = self.dialect.ordered(other, node.right.form)
        return _Sql(f"({left.text} {_OPERATORS[node.operator]} {other})", left.nullable or right.nullable)

    def _member(self, node: tree.In) -> _Sql:
        if isinstance(node.list, tree.Items) and not node.list.items:
            return _Sql("FALSE")
        value = self.value(node.value)
        if isinstance(node.list, tree.Items):
            items = [self.value(item) for item in node.list.items]
            among = ", ".join(item.text for item in items)
            return _Sql(f"({value.text} IN ({among}))", value.nullable or any(item.nullable for item in items))
        if self.hoistable(node.list) and self.dialect.name == "postgresql":
            found = self.bound(node.list, array=True)
            return _Sql(f"({value.text} = ANY({found.text}))", value.nullable or found.nullable)
        found = self.value(node.list)
        items_sql = self.dialect.items(found.text, node.list.form.items, self.context.alias())
        # Without items, `IN` is false even for NULL; an absent list has none.
        return _Sql(f"({value.text} IN ({items_sql}))", value.nullable)

    def _reached(self, node: Node) -> str:
        """What is NULL exactly where the node is absent."""
        if isinstance(node, tree.Name):
            row = self.row(node.name)
            if row is not None:
                return row.id
        return self.value(node).text

    # -- rows ----------------------------------------------------------------------------------------------------

    def _row_of(self, node: Node) -> SqlRow:
        """The row that a row or a reference stands for."""
        if isinstance(node, tree.Name):
            row = self.row(node.name)
            if row is not None:
                return row
        if isinstance(node, tree.Field) and node.form.kind == "ref" and not self.hoistable(node):
            if node.field != "id":
                return self._row_of(node.of).follow(node.field)
            return self._row_of(node.of)
        if node.form.kind == "row":
            if not isinstance(node, tree.Name):
                raise PlanError("a row is computed where a row of the database is expected")
            identity = tree.Field(
                type=Form(kind="ref", entity=node.form.entity), optional=node.optional, of=node, field="id",
                entity=node.form.entity,
            )  # fmt: skip
            return self.context.reached(node.form.entity or "", self.bound(identity).text)
        return self.context.reached(node.form.entity or "", self.value(node).text)

    def _among(self, node: tree.Exists | tree.All | tree.Count, what: str, condition: Callable[[], str]) -> str:
        rows = self._rows(node.over)
        hidden = self.variables.get(node.var)
        self.variables[node.var] = rows.row
        try:
            text = condition()
        finally:
            del self.variables[node.var]
            if hidden is not None:
                self.variables[node.var] = hidden
        return rows.select(what, text)

    def fold(self, node: tree.Fold) -> _Sql:
        rows = self._rows(node.over)
        hidden = self.variables.get(node.var)
        self.variables[node.var] = rows.row
        try:
            combined = self._combined(node, node.value)
        finally:
            del self.variables[node.var]
            if hidden is not None:
                self.variables[node.var] = hidden
        return _Sql(f"({rows.select(combined.text, None)})", combined.nullable)

    def _rows(self, node: Node) -> SqlRows:
        if not isinstance(node, tree.Field):
            raise PlanError("only the rows of a relation can be asked about in the database")
        return self._row_of(node.of).among(node.field)

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> _Sql:
        """The SQL of a value."""
        if self.hoistable(node):
            return self.bound(node)
        if isinstance(node, _TRUTHS):
            return _Sql(self.truth(node, exact=True))
        handler = _HANDLERS.get(type(node))
        if handler is None:
            raise PlanError(f"a database cannot compute `{type(node).__name__}`")
        return handler(self, node)

    def name(self, node: tree.Name) -> _Sql:
        row = self.row(node.name)
        assert row is not None
        return _Sql(row.id, node.optional)

    def field(self, node: tree.Field) -> _Sql:
        row = self._row_of(node.of)
        return _Sql(row.field(node.field), node.optional or row.guarded)

    def choice(self, node: tree.If) -> _Sql:
        then, otherwise = self.value(node.then), self.value(node.otherwise)
        text = f"(CASE WHEN {self.truth(node.test, False)} THEN {then.text} ELSE {otherwise.text} END)"
        return _Sql(text, then.nullable or otherwise.nullable)

    def _joined(self, operator: str, left: Node, right: Node) -> _Sql:
        first, second = self.value(left), self.value(right)
        return _Sql(f"({first.text} {operator} {second.text})", first.nullable or second.nullable)

    def add(self, node: tree.Add) -> _Sql:
        return self._joined("+", node.left, node.right)

    def subtract(self, node: tree.Subtract) -> _Sql:
        return self._joined("-", node.left, node.right)

    def multiply(self, node: tree.Multiply) -> _Sql:
        return self._joined("*", node.left, node.right)

    def negate(self, node: tree.Negate) -> _Sql:
        value = self.value(node.value)
        return _Sql(f"(- {value.text})", value.nullable)

    def scale(self, node: tree.Scale) -> _Sql:
        value = self.value(node.value)
        return _Sql(f"({value.text} * {10**node.by})", value.nullable)

    def shift(self, node: tree.Shift) -> _Sql:
        value, by = self.value(node.value), self.value(node.by)
        sign = "-" if node.backwards else "+"
        return _Sql(self.dialect.shift(value.text, by.text, node.value.form, sign), value.nullable or by.nullable)

    def between(self, node: tree.Between) -> _Sql:
        left, right = self.value(node.left), self.value(node.right)
        return _Sql(self.dialect.between(left.text, right.text, node.left.form), left.nullable or right.nullable)

    def day(self, node: tree.Day) -> _Sql:
        value = self.value(node.value)
        return _Sql(self.dialect.day(value.text), value.nullable)

    def concat(self, node: tree.Concat) -> _Sql:
        parts = [self.value(part) for part in node.parts]
        return _Sql(self.dialect.concat([part.text for part in parts]), any(part.nullable for part in parts))

    def text(self, node: tree.Text) -> _Sql:
        value = self.value(node.value)
        return _Sql(self.dialect.text(value.text, node.value.form, self.context.alias()), value.nullable)

    def items(self, node: tree.Items) -> _Sql:
        return _Sql(self.dialect.list([(self.value(item).text, item.form) for item in node.items]))

    def size(self, node: tree.Size) -> _Sql:
        if node.value.form.kind == "rows":
            return _Sql(f"({self._rows(node.value).select('count(*)', None)})")
        value = self.value(node.value)
        measure = self.dialect.list_size if node.value.form.kind == "list" else self.dialect.text_size
        return _Sql(measure(value.text), value.nullable)

    def count(self, node: tree.Count) -> _Sql:
        return _Sql(f"({self._among(node, 'count(*)', lambda: self.truth(node.where, False))})")

    def applied(self, node: tree.Apply) -> _Sql:
        args = [self.value(argument) for argument in given(node)]
        texts = [argument.text for argument in args]
        if node.function == "orValue":
            return _Sql(f"coalesce({', '.join(texts)})", args[-1].nullable)
        absent = [number for number, argument in enumerate(args) if argument.nullable]
        forgets = bool(absent) and self.dialect.forgets_absence(node)
        if not (forgets or self.dialect.repeats(node)):
            return _Sql(self.dialect.apply(node, texts, self.context.alias()), node.optional or bool(absent))
        # Each argument is written once, or nested calls would double the statement at every level.
        once, alias = self.context.alias(), self.context.alias()
        text = self.dialect.apply(node, [f"{once}.v{number}" for number in range(len(args))], alias)
        if forgets:
            tests = " OR ".join(f"{once}.v{number} IS NULL" for number in absent)
            text = f"CASE WHEN {tests} THEN NULL ELSE {text} END"
        kept = ", ".join(f"{argument} AS v{number}" for number, argument in enumerate(texts))
        return _Sql(f"(SELECT {text} FROM (SELECT {kept}) AS {once})", node.optional or bool(absent))

    def aggregate(self, node: tree.Aggregate) -> _Sql:
        if node.value is None:
            if node.where is None:
                return _Sql("count(*)")
            return _Sql(f"count(*) FILTER (WHERE {self.truth(node.where, False)})")
        return self._combined(node, node.value)

    def _combined(self, node: tree.Aggregate | tree.Fold, of: Node) -> _Sql:
        value = self.value(of)
        if node.function == "sum":
            return _Sql(self.dialect.total(value.text, node.limit))
        if node.function == "avg":
            return _Sql(self.dialect.average(value.text, node.by), True)
        return _Sql(f"{node.function}({self.dialect.ordered(value.text, of.form)})", True)


def _pattern(node: tree.Search) -> str:
    """The pattern of a search as a constant; its spelling has no character that a constant would have to escape."""
    if not isinstance(node.part, tree.Constant) or not isinstance(node.part.value, str):
        raise PlanError("a pattern is not a constant text")
    return f"'{written(node.part.value)}'"


_TRUTHS = (
    *(tree.And, tree.Or, tree.Not, tree.Compare, tree.Search, tree.In),
    *(tree.Present, tree.Absent, tree.Exists, tree.All),
)
_HANDLERS: dict[type, Callable[[_Compiler, Any], _Sql]] = {
    tree.Name: _Compiler.name,
    tree.Field: _Compiler.field,
    tree.If: _Compiler.choice,
    tree.Add: _Compiler.add,
    tree.Subtract: _Compiler.subtract,
    tree.Multiply: _Compiler.multiply,
    tree.Negate: _Compiler.negate,
    tree.Scale: _Compiler.scale,
    tree.Shift: _Compiler.shift,
    tree.Between: _Compiler.between,
    tree.Day: _Compiler.day,
    tree.Concat: _Compiler.concat,
    tree.Text: _Compiler.text,
    tree.Items: _Compiler.items,
    tree.Size: _Compiler.size,
    tree.Count: _Compiler.count,
    tree.Fold: _Compiler.fold,
    tree.Aggregate: _Compiler.aggregate,
    tree.Apply: _Compiler.applied,
}
