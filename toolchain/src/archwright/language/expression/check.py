"""Types every part of an expression and writes its tree; total: any syntax gives a result or problems.

The rules:

* A comparison with an absent value is false; only ``== null``, ``!= null`` and ``has`` test absence.
* Every other operator on a value that may be absent needs a proof of presence that guards it.
* The tree says of every node whether it may be absent *without* the guard, because a database evaluates in any order.
* Bounds of numbers and times are tracked; an operation whose result could leave 64 bits or the calendar is refused.
  Conditions do not narrow bounds, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from . import arithmetic, comparison, functions, numbers
from .fit import fit
from .literals import scale_of, scaled
from .problems import Problem, suggestion
from .ranges import INT64
from .syntax import (
    Binary,
    Call,
    Conditional,
    Expression,
    Literal,
    Logical,
    Name,
    Node,
    Select,
    Sequence,
    Template,
    Unary,
    Unsupported,
)
from .typed import Read, Typed
from .types import Scope, Type
from .value import FAILED, NOTHING, Path, Tree, Value, decide, derive, literal, rows_of, tree


def check(expression: Expression | Problem, scope: Scope, expected: Type | None = None) -> Typed | tuple[Problem, ...]:
    """Type an expression in its scope.

    Args:
        expression: what ``parse``, ``parse_template`` or ``constant`` returned; their problem is passed on.
        scope: the names it may use.
        expected: what the position takes; a present ``bool`` for conditions. See ``fit`` for what is accepted.

    Returns:
        The typed expression, or every problem in the order of the text.
    """
    if isinstance(expression, Problem):
        return (expression,)
    checker = Checker(expression, scope)
    value = checker.visit(expression.root)
    checker.refuse_sealed(value)
    if expected is not None and not checker.problems and not value.unknown:
        value = fit(checker, value, expected, expression.root)
    if checker.problems:
        return tuple(sorted(checker.problems, key=lambda problem: (problem.start, problem.end)))
    return Typed(value.node, value.type, tuple(checker.reads), value.constant, value.when_true)


class Checker:
    """The state of checking one expression."""

    def __init__(self, expression: Expression, scope: Scope) -> None:
        self.expression = expression
        self.scope = scope
        self.problems: list[Problem] = []
        self.reads: list[Read] = []
        self.facts: frozenset[Path] = scope.present
        self.origins: dict[str, Path] = {}
        self.variables: dict[str, Value] = {}
        self.in_aggregate = False
        self.sealed: dict[int, tuple[Node, Tree]] = {}
        """Encrypted fields in the database whose presence alone is not what is asked."""
        self.value_loops: frozenset[str] = frozenset()
        """Variables that run over the rows of a step, which are values and not in the database."""
        self._control = 0

    # -- reporting -----------------------------------------------------------------------------------------------

    def text(self, node: Node) -> str:
        """The part of the text that a node was read from, shortened."""
        text = self.expression.text[node.start : node.end]
        return text if len(text) <= 60 else text[:57] + "..."

    def problem(
        self,
        code: str,
        node: Node,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> Value:
        """Report a problem at a node; the part then has no type."""
        self.problems.append(Problem(code, message, expected, found, hint, node.start, node.end))
        return FAILED

    def needs_present(self, value: Value, node: Node, what: str) -> bool:
        """Whether a value is proven to be present; reports it otherwise."""
        if not value.type.optional:
            return True
        written = self.text(node)
        if value.type.kind == "null":
            hint = None
        elif value.type.kind == "bool":
            hint = f"write `{written} == true`, which is false where it is absent"
        elif value.path is not None:
            hint = f"guard it, as in `{written} != null && ...`"
        else:
            hint = "guard what it is computed from, as in `x != null ? ... : ...`"
        self.problem("absent-value", node, f"`{written}` may be absent, and {what} needs a value", hint=hint)
        return False

    def refuse_sealed(self, result: Value) -> None:
        """Report encrypted fields that the database would have to compute with; as they are they may be read."""
        self.sealed.pop(id(result.node), None)
        for node, _ in self.sealed.values():
            message = f"`{self.text(node)}` is encrypted; the database cannot compute with it"
            hint = "only its presence can be tested: `== null`, `!= null`"
            self.problem("encrypted-field", node, message, hint=hint)

    # -- facts ---------------------------------------------------------------------------------------------------

    @contextmanager
    def assuming(self, facts: frozenset[Path]) -> Iterator[None]:
        """Check what is evaluated only where these paths are present."""
        before = self.facts
        self.facts = before | facts
        try:
            yield
        finally:
            self.facts = before

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Check what decides the result without becoming part of it."""
        self._control += 1
        try:
            yield
        finally:
            self._control -= 1

    def record(self, path: Path, entity: str | None, field: str | None, node: Node) -> int:
        """Note a read; returns its position."""
        self.reads.append(Read(path, entity, field, self._control > 0, node.start, node.end))
        return len(self.reads) - 1

    def followed(self, value: Value) -> None:
        """A reference or relation that was followed decides which row is read."""
        if value.read is not None:
            read = self.reads[value.read]
            self.reads[value.read] = Read(read.path, read.entity, read.field, True, read.start, read.end)

    # -- dispatch ------------------------------------------------------------------------------------------------

    def visit(self, node: Node) -> Value:
        """The typed value of a node."""
        match node:
            case Select():
                return self._select(node)
            case Name():
                return self._name(node)
            case Literal():
                return self._literal(node)
            case Binary():
                return self._binary(node)
            case Logical():
                return self._logical(node)
            case Call():
                return functions.call(self, node)
            case Unary():
                return self._unary(node)
            case Conditional():
                return self._conditional(node)
            case Sequence():
                return comparison.sequence(self, node)
            case Template():
                return self._template(node)
            case Unsupported():
                return self.problem("unsupported", node, f"{node.what} is not part of the language", hint=node.hint)

    def condition(self, node: Node, what: str) -> Value:
        """The value of a node that must be a present bool."""
        value = self.visit(node)
        if value.unknown:
            return value
        if value.type.kind != "bool":
            return self.problem(
                "type-mismatch", node, f"{what} needs a bool", expected="bool", found=str(value.type),
                hint=f"write `{self.text(node)} != null`" if value.path and value.type.optional else None,
            )  # fmt: skip
        return value if self.needs_present(value, node, what) else FAILED

    # -- names and members ---------------------------------------------------------------------------------------

    def _name(self, node: Name) -> Value:
        if node.name in self.variables:
            return self.variables[node.name]
        type = self.scope.names.get(node.name)
        if type is None:
            known = [*self.scope.names, *self.variables]
            hint = suggestion(node.name, known)
            return self.problem("unknown-name", node, f"`{node.name}` is not known here", hint=hint)
        path = (node.name,)
        rows = frozenset({node.name}) & self.scope.database
        read = None if type.kind in ("row", "record") else self.record(path, type.entity, None, node)
        raw = tree("name", type, type.optional, name=node.name)
        optional = type.optional and path not in self.facts
        return Value(raw, type.maybe(optional), path, rows=rows, read=read)

    def _select(self, node: Select) -> Value:
        of = self.visit(node.of)
        if of.unknown:
            return of
        if of.path is None and of.type.kind in ("row", "ref"):
            message = f"`{self.text(node.of)}` is computed, so it cannot be followed"
            return self.problem("computed-reference", node, message, hint=f"take `.{node.field}` in each branch")
        if of.type.kind == "record":
            return self._member(node, of)
        if of.type.kind in ("row", "ref"):
            return self._field(node, of)
        hint = None
        if of.type.kind == "rows":
            hint = f"ask about its rows, as in `{self.text(node.of)}.exists(x, x.{node.field} == ...)`"
        return self.problem(
            "no-members", node, f"`{self.text(node.of)}` is {_a(str(of.type))}, which has no members", hint=hint
        )

    def _member(self, node: Select, of: Value) -> Value:
        type = of.type.fields.get(node.field)
        if type is None:
            hint = suggestion(node.field, of.type.fields)
            place = Select(node.of, node.field, node.field_start, node.field_start, node.end)
            return self.problem("unknown-field", place, f"`{self.text(node.of)}` has no `{node.field}`", hint=hint)
        path = (*of.path, node.field) if of.path else None
        read = None
        if path is not None:
            read = self.record(self.origin(path), None, node.field, node)
        optional = type.optional or of.type.optional
        raw = tree("field", type, type.optional or of.raw_optional, of=of.node, field=node.field)
        return Value(raw, type.maybe(optional and path not in self.facts), path, rows=of.rows, read=read)

    def _field(self, node: Select, of: Value) -> Value:
        entity = of.type.entity or ""
        place = Select(node.of, node.field, node.field_start, node.field_start, node.end)
        info = self.scope.entities.field(entity, node.field)
        if info is None:
            hint = suggestion(node.field, self.scope.entities.names(entity))
            return self.problem("unknown-field", place, f"`{entity}` has no field `{node.field}`", hint=hint)
        type = info.type
        if not self._grouped(node, of) or not self._at_hand(node, of, type):
            return FAILED
        self.followed(of)
        path = (*of.path, node.field) if of.path else None
        origin = self.origin(path) if path else ("?", node.field)
        read = self.record(origin, entity, node.field, node)
        reached = of.node
        if reached["op"] == "field" and reached["field"] == "id" and "entity" in reached:
            # The id of a row leads back to that row.
            reached = reached["of"]
        members = {"of": reached, "field": node.field, "entity": entity}
        if type.kind == "rows":
            # A row that is absent has no rows; the relation itself is never absent.
            return Value(tree("field", type, False, **members), type, path, rows=of.rows, read=read)
        optional = type.optional or of.type.optional
        raw = tree("field", type, type.optional or of.raw_optional, **members)
        if info.encrypted:
            raw["encrypted"] = True
            if of.rows & self.scope.database:
                self.sealed[id(raw)] = (node, raw)
        return Value(raw, type.maybe(optional and path not in self.facts), path, rows=of.rows, read=read)

    def _grouped(self, node: Select, of: Value) -> bool:
        grouped = self.scope.aggregates
        if grouped is None or self.in_aggregate or of.path != ("this",) or node.field in grouped:
            return True
        self.problem(
            "aggregate", node, f"`{self.text(node)}` has many values in a group",
            hint=f"group by `{node.field}`, or take `min({self.text(node)})`",
        )  # fmt: skip
        return False

    def _at_hand(self, node: Select, of: Value, type: Type) -> bool:
        """Whether a loop over values can have it: only what its own rows reach was read with them."""
        follows = of.type.kind == "ref" or type.kind == "rows"
        if not follows or not self.value_loops or (of.path and of.path[0] in self.value_loops):
            return True
        message = f"`{self.text(node)}` follows a reference inside a loop over the rows of a step"
        self.problem("mixed-rows", node, message, hint="read it in a step of its own and name that step's result")
        return False

    def origin(self, path: Path) -> Path:
        return (*self.origins.get(path[0], path[:1]), *path[1:])

    # -- constants -----------------------------------------------------------------------------------------------

    def _literal(self, node: Literal) -> Value:
        value = node.value
        if value is None:
            return literal(None, Type.null())
        if isinstance(value, bool):
            return literal(value, Type.bool())
        if isinstance(value, str):
            return literal(value, Type.text(len(value), values=(value,)))
        scale = scale_of(value) if isinstance(value, Decimal) else 0
        stored = scaled(value, scale) if isinstance(value, Decimal) else value
        assert stored is not None
        if not INT64[0] <= stored <= INT64[1]:
            return self.problem("overflow", node, "a number must fit into 64 bits", found=str(value))
        if isinstance(value, Decimal):
            return literal(stored, Type("decimal", scale=scale, low=stored, high=stored))
        return literal(stored, Type.int(stored, stored))

    # -- operators -----------------------------------------------------------------------------------------------

    def _binary(self, node: Binary) -> Value:
        left = self.visit(node.left)
        right = self.visit(node.right)
        if left.unknown or right.unknown:
            return FAILED
        if node.operator in ("+", "-", "*"):
            return arithmetic.binary(self, node, left, right)
        if node.operator in ("/", "%"):
            return numbers.divide(self, node, left, right)
        if node.operator == "in":
            return comparison.member(self, node, left, right)
        return comparison.compare(self, node, left, right)

    def _unary(self, node: Unary) -> Value:
        if node.operator == "-":
            value = self.visit(node.value)
            return value if value.unknown else arithmetic.negate(self, node, value)
        value = self.condition(node.value, "`!`")
        if value.unknown:
            return value
        result = decide("not", (value,), value=value.node)
        result.when_true, result.when_false = value.when_false, value.when_true
        return result

    def _logical(self, node: Logical) -> Value:
        conjunction = node.operator == "&&"
        values: list[Value] = []
        passed = NOTHING
        stopped: frozenset[Path] | None = None
        for argument in node.arguments:
            with self.assuming(passed):
                value = self.condition(argument, f"`{node.operator}`")
            goes, stops = value.when_true, value.when_false
            if not conjunction:
                goes, stops = stops, goes
            stopped = stops | passed if stopped is None else stopped & (stops | passed)
            passed = passed | goes
            values.append(value)
        if any(value.unknown for value in values):
            return FAILED
        parts = tuple(values)
        result = decide("and" if conjunction else "or", parts, args=[part.node for part in parts])
        stopped = stopped or NOTHING
        result.when_true, result.when_false = (passed, stopped) if conjunction else (stopped, passed)
        return result

    def _conditional(self, node: Conditional) -> Value:
        with self.deciding():
            test = self.condition(node.test, "`?`")
        with self.assuming(test.when_true):
            then = self.visit(node.then)
        with self.assuming(test.when_false):
            otherwise = self.visit(node.otherwise)
        if test.unknown or then.unknown or otherwise.unknown:
            return FAILED
        unified = comparison.unify(self, node, then, otherwise)
        if unified is None:
            return FAILED
        then, otherwise, type = unified
        optional = then.raw_optional or otherwise.raw_optional
        raw = tree("if", type, optional, test=test.node, then=then.node, otherwise=otherwise.node)
        return Value(
            raw,
            type.maybe(then.type.optional or otherwise.type.optional),
            when_true=(test.when_true | then.when_true) & (test.when_false | otherwise.when_true),
            when_false=(test.when_true | then.when_false) & (test.when_false | otherwise.when_false),
            whole_days=then.whole_days and otherwise.whole_days,
            rows=rows_of((test, then, otherwise)),
        )

    def _template(self, node: Template) -> Value:
        parts = [functions.to_text(self, part, self.visit(part)) for part in node.parts]
        if any(part.unknown for part in parts):
            return FAILED
        most = 0
        for part in parts:
            most += part.type.max if part.type.max is not None else 0
        type = Type.text(most if all(part.type.max is not None for part in parts) else None)
        return derive("concat", type, tuple(parts), parts=[part.node for part in parts])


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


__all__ = ["Checker", "Read", "Typed", "check"]
