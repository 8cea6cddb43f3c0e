"""Compiles a tree to a Python function, by way of a syntax tree that is built here: no text is ever evaluated.

What a closure is given:

* a mapping from names to values: ``this`` and other rows are mappings of fields, ``input`` and other records are
  mappings, ``caller`` and other references are ids;
* what is reached through a reference is found under its dotted path beside the reference, as in
  ``row["owner.email"]``, ``names["caller.department"]``, ``input["ticket.owner"]``;
* a relation is a sequence of rows: ``row["comments"]``;
* an aggregate finds the rows of its group under the name ``rows``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

from ..errors import PlanError
from . import tree, values
from .library import function_of
from .patterns import matches
from .tree import Node

Closure = Callable[[Mapping[str, Any]], Any]

_OPERATORS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_METHODS = {"starts": "startswith", "ends": "endswith"}
_SET_FROM = 6
"""A constant list of so many items is searched by hash."""


def compile_closure(source: Mapping[str, Any] | Node) -> Closure:
    """The function that evaluates an expression.

    Raises:
        PlanError: the tree has an operation that this runtime does not know.
    """
    node = tree.decode(source)
    builder = _Builder()
    body = builder.value(node)
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg("n")], kwonlyargs=[], kw_defaults=[], defaults=[])
    program = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    code = compile(program, "<expression>", "eval")
    inner = next(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **builder.globals}, "expression")


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _is_none(value: ast.expr, negated: bool = False) -> ast.expr:
    if isinstance(value, ast.Constant):
        return ast.Constant((value.value is None) is not negated)
    return ast.Compare(value, [ast.IsNot() if negated else ast.Is()], [ast.Constant(None)])


def _item(of: ast.expr, key: str) -> ast.expr:
    return ast.Subscript(of, ast.Constant(key), ast.Load())


def _call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    return ast.Call(function, list(arguments), [])


def _lambda(parameter: str, body: ast.expr) -> ast.expr:
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg(parameter)], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(arguments, body)


class _Builder:
    """The state of compiling one expression: what it refers to, and which temporary names are taken."""

    def __init__(self) -> None:
        self.globals: dict[str, Any] = {}
        self._variables: dict[str, str] = {}
        self._temporaries = 0

    # -- pieces --------------------------------------------------------------------------------------------------

    def constant(self, value: Any) -> ast.expr:
        """A value that the function refers to."""
        if value is None or isinstance(value, bool | int | str):
            return ast.Constant(value)
        name = f"k{len(self.globals)}"
        self.globals[name] = value
        return _name(name)

    def function(self, function: Callable[..., Any]) -> ast.expr:
        """One of the functions below or in ``values``."""
        name = f"_{function.__name__}"
        if self.globals.setdefault(name, function) is not function:
            return self.constant(function)
        return _name(name)

    def _kept(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        """An expression that keeps its value, and how to refer to it afterwards."""
        if isinstance(value, ast.Name | ast.Constant):
            return value, value
        self._temporaries += 1
        name = f"t{self._temporaries}"
        return ast.NamedExpr(ast.Name(name, ast.Store()), value), _name(name)

    def _lifted(self, nodes: Sequence[Node], compute: Callable[[list[ast.expr]], ast.expr]) -> ast.expr:
        """What is computed from values: absent where one that may be absent is."""
        tests: list[ast.expr] = []
        operands: list[ast.expr] = []
        for node in nodes:
            value = self.value(node)
            # All are kept where one is tested, so that every part is evaluated once and in order.
            if node.optional:
                keeping, value = self._kept(value)
                tests.append(_is_none(keeping))
            operands.append(value)
        if not tests:
            return compute(operands)
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
        return ast.IfExp(test, ast.Constant(None), compute(operands))

    def truth(self, node: Node) -> ast.expr:
        """A condition: a value that may be absent counts as false."""
        value = self.value(node)
        if node.optional:
            return ast.Compare(value, [ast.Is()], [ast.Constant(True)])
        return value

    # -- values --------------------------------------------------------------------------------------------------

    def value(self, node: Node) -> ast.expr:
        """The syntax that computes a node."""
        handler = _HANDLERS.get(type(node))
        if handler is None:
            raise PlanError(f"this runtime cannot compute `{type(node).__name__}`")
        return handler(self, node)

    def literal(self, node: tree.Constant) -> ast.expr:
        return self.constant(tree.constant_value(node))

    def name(self, node: tree.Name) -> ast.expr:
        variable = self._variables.get(node.name)
        if variable is not None:
            return _name(variable)
        if node.optional:
            return _call(ast.Attribute(_name("n"), "get", ast.Load()), ast.Constant(node.name))
        return _item(_name("n"), node.name)

    def field(self, node: tree.Field) -> ast.expr:
        base, fields = tree.chain(node)
        key = ".".join(field.field for field in fields)
        if isinstance(base, tree.Name) and base.form.kind == "ref":
            return _item(_name("n"), f"{base.name}.{key}")
        if base.form.kind not in ("row", "record"):
            raise PlanError(f"`{key}` is reached through a reference that is computed")
        of = self.value(base)
        if base.form.kind == "record" and node.optional:
            read: Callable[[ast.expr], ast.expr] = lambda of: _call(  # noqa: E731
                ast.Attribute(of, "get", ast.Load()), ast.Constant(key)
            )
        else:
            read = lambda of: _item(of, key)  # noqa: E731
        if not base.optional:
            return read(of)
        keeping, kept = self._kept(of)
        return ast.IfExp(_is_none(keeping), ast.Constant(None), read(kept))

    def present(self, node: tree.Present) -> ast.expr:
        return _is_none(self.value(node.value), negated=True) if node.value.optional else ast.Constant(True)

    def absent(self, node: tree.Absent) -> ast.expr:
        return _is_none(self.value(node.value)) if node.value.optional else ast.Constant(False)

    def compare(self, node: tree.Compare) -> ast.expr:
        left, right = self.value(node.left), self.value(node.right)
        tests: list[ast.expr] = []
        # `==` with one side that may be absent is false by itself.
        guarded = [node.left.optional, node.right.optional]
        if node.operator == "==" and not all(guarded):
            guarded = [False, False]
        elif node.operator == "==":
            guarded = [True, False]
        if guarded[0]:
            keeping, left = self._kept(left)
            tests.append(_is_none(keeping, negated=True))
        if guarded[1]:
            keeping, right = self._kept(right)
            tests.append(_is_none(keeping, negated=True))
        comparison = ast.Compare(left, [_OPERATORS[node.operator]()], [right])
        return ast.BoolOp(ast.And(), [*tests, comparison]) if tests else comparison

    def conjunction(self, node: tree.And) -> ast.expr:
        return ast.BoolOp(ast.And(), [self.truth(part) for part in node.args])

    def disjunction(self, node: tree.Or) -> ast.expr:
        return ast.BoolOp(ast.Or(), [self.truth(part) for part in node.args])

    def negation(self, node: tree.Not) -> ast.expr:
        return ast.UnaryOp(ast.Not(), self.truth(node.value))

    def choice(self, node: tree.If) -> ast.expr:
        return ast.IfExp(self.truth(node.test), self.value(node.then), self.value(node.otherwise))

    def arithmetic(self, node: tree.Add | tree.Subtract | tree.Multiply) -> ast.expr:
        operator = {tree.Add: ast.Add, tree.Subtract: ast.Sub, tree.Multiply: ast.Mult}[type(node)]()
        return self._lifted((node.left, node.right), lambda of: ast.BinOp(of[0], operator, of[1]))

    def negate(self, node: tree.Negate) -> ast.expr:
        return self._lifted((node.value,), lambda of: ast.UnaryOp(ast.USub(), of[0]))

    def scale(self, node: tree.Scale) -> ast.expr:
        factor = ast.Constant(10**node.by)
        return self._lifted((node.value,), lambda of: ast.BinOp(of[0], ast.Mult(), factor))

    def shift(self, node: tree.Shift) -> ast.expr:
        move = self.function(values.shift_date if node.value.form.kind == "date" else values.shift_datetime)

        def compute(of: list[ast.expr]) -> ast.expr:
            return _call(move, of[0], ast.UnaryOp(ast.USub(), of[1]) if node.backwards else of[1])

        return self._lifted((node.value, node.by), compute)

    def between(self, node: tree.Between) -> ast.expr:
        between = self.function(values.between)
        return self._lifted((node.left, node.right), lambda of: _call(between, of[0], of[1]))

    def day(self, node: tree.Day) -> ast.expr:
        return self._lifted((node.value,), lambda of: _call(ast.Attribute(of[0], "date", ast.Load())))

    def concat(self, node: tree.Concat) -> ast.expr:
        def compute(of: list[ast.expr]) -> ast.expr:
            joined = ast.JoinedStr([ast.FormattedValue(part, -1, None) for part in of])
            return _call(self.function(values.nfc), joined)

        return self._lifted(node.parts, compute)

    def text(self, node: tree.Text) -> ast.expr:
        convert = self.constant(values.text_of(node.value.form))
        return self._lifted((node.value,), lambda of: _call(convert, of[0]))

    def size(self, node: tree.Size) -> ast.expr:
        if node.value.form.kind == "rows":
            return _call(self.function(_rows_size), self.value(node.value))
        return self._lifted((node.value,), lambda of: _call(self.constant(len), of[0]))

    def search(self, node: tree.Search) -> ast.expr:
        def compute(of: list[ast.expr]) -> ast.expr:
            if node.mode == "contains":
                return ast.Compare(of[1], [ast.In()], [of[0]])
            if node.mode == "matches":
                return _call(self.function(matches), of[0], of[1])
            return _call(ast.Attribute(of[0], _METHODS[node.mode], ast.Load()), of[1])

        return self._decided((node.value, node.part), compute)

    def _decided(self, nodes: Sequence[Node], compute: Callable[[list[ast.expr]], ast.expr]) -> ast.expr:
        """A truth computed from values: false where one that may be absent is."""
        tests: list[ast.expr] = []
        operands: list[ast.expr] = []
        for node in nodes:
            value = self.value(node)
            if node.optional:
                keeping, value = self._kept(value)
                tests.append(_is_none(keeping, negated=True))
            operands.append(value)
        result = compute(operands)
        return ast.BoolOp(ast.And(), [*tests, result]) if tests else result

    def items(self, node: tree.Items) -> ast.expr:
        return ast.List([self.value(item) for item in node.items], ast.Load())

    def member(self, node: tree.In) -> ast.expr:
        def compute(of: list[ast.expr]) -> ast.expr:
            return ast.Compare(of[0], [ast.In()], [of[1]])

        if isinstance(node.list, tree.Items):
            known = [tree.constant_value(item) for item in node.list.items if isinstance(item, tree.Constant)]
            if len(known) == len(node.list.items):
                choices = self.constant(frozenset(known) if len(known) >= _SET_FROM else tuple(known))
            else:
                choices = ast.Tuple([self.value(item) for item in node.list.items], ast.Load())
            return self._decided((node.value,), lambda of: ast.Compare(of[0], [ast.In()], [choices]))
        return self._decided((node.value, node.list), compute)

    def quantifier(self, node: tree.Exists | tree.All | tree.Count | tree.Fold) -> ast.expr:
        over = self.value(node.over)
        hidden = self._variables.get(node.var)
        self._temporaries += 1
        parameter = f"r{self._temporaries}"
        self._variables[node.var] = parameter
        try:
            inside = self.value(node.value) if isinstance(node, tree.Fold) else self.truth(node.where)
        finally:
            del self._variables[node.var]
            if hidden is not None:
                self._variables[node.var] = hidden
        if isinstance(node, tree.Fold):
            return _call(self.constant(_fold(node)), over, _lambda(parameter, inside))
        function = {tree.Exists: _exists, tree.All: _all, tree.Count: _count}[type(node)]
        return _call(self.function(function), over, _lambda(parameter, inside))

    def applied(self, node: tree.Apply) -> ast.expr:
        if node.function == "orValue":
            keeping, value = self._kept(self.value(node.args[0]))
            if not node.args[0].optional:
                return keeping
            return ast.IfExp(_is_none(keeping), self.value(node.args[1]), value)
        compute = self.constant(function_of(node))
        return self._lifted(node.args, lambda of: _call(compute, *of))

    def loop(self, node: tree.Map | tree.Filter) -> ast.expr:
        hidden = self._variables.get(node.var)
        self._temporaries += 1
        parameter = f"r{self._temporaries}"
        self._variables[node.var] = parameter
        try:
            body = self.value(node.value) if isinstance(node, tree.Map) else self.truth(node.where)
        finally:
            del self._variables[node.var]
            if hidden is not None:
                self._variables[node.var] = hidden
        run = self.function(_mapped if isinstance(node, tree.Map) else _filtered)
        return self._lifted((node.over,), lambda of: _call(run, of[0], _lambda(parameter, body)))

    def aggregate(self, node: tree.Aggregate) -> ast.expr:
        compute = _aggregate(node)
        return _call(self.constant(compute), _name("n"))


def _rows_size(rows: Sequence[Any] | None) -> int:
    return 0 if rows is None else len(rows)


def _exists(rows: Sequence[Any] | None, where: Callable[[Any], bool]) -> bool:
    return any(where(row) for row in rows or ())


def _all(rows: Sequence[Any] | None, where: Callable[[Any], bool]) -> bool:
    return all(where(row) for row in rows or ())


def _mapped(items: Sequence[Any], value: Callable[[Any], Any]) -> list[Any]:
    return [value(item) for item in items if item is not None]


def _filtered(items: Sequence[Any], where: Callable[[Any], bool]) -> list[Any]:
    return [item for item in items if item is not None and where(item)]


def _count(rows: Sequence[Any] | None, where: Callable[[Any], bool]) -> int:
    return sum(1 for row in rows or () if where(row))


def _aggregate(node: tree.Aggregate) -> Closure:
    if node.value is None:
        keep = compile_closure(node.where) if node.where is not None else None
        return lambda n: sum(1 for row in n["rows"] if keep is None or keep({**n, "this": row}))
    value, combine = compile_closure(node.value), _combine(node)
    return lambda n: combine([value({**n, "this": row}) for row in n["rows"]])


def _fold(node: tree.Fold) -> Callable[[Sequence[Any] | None, Callable[[Any], Any]], Any]:
    combine = _combine(node)
    return lambda rows, value: combine([value(row) for row in rows or ()])


def _combine(node: tree.Aggregate | tree.Fold) -> Callable[[list[Any]], Any]:
    """Many values as one; absent ones are passed over."""
    by, limit = node.by, node.limit
    if node.function in ("min", "max"):
        pick: Callable[..., Any] = min if node.function == "min" else max
        return lambda found: pick(_present(found), default=None)
    if node.function == "sum":
        return lambda found: values.clamp(sum(_present(found)), limit)

    def average(found: list[Any]) -> int | None:
        present = _present(found)
        return values.average(sum(present), len(present), by)

    return average


def _present(found: list[Any]) -> list[Any]:
    return [one for one in found if one is not None]


_HANDLERS: dict[type, Callable[[_Builder, Any], ast.expr]] = {
    tree.Constant: _Builder.literal,
    tree.Name: _Builder.name,
    tree.Field: _Builder.field,
    tree.Present: _Builder.present,
    tree.Absent: _Builder.absent,
    tree.Compare: _Builder.compare,
    tree.And: _Builder.conjunction,
    tree.Or: _Builder.disjunction,
    tree.Not: _Builder.negation,
    tree.If: _Builder.choice,
    tree.Add: _Builder.arithmetic,
    tree.Subtract: _Builder.arithmetic,
    tree.Multiply: _Builder.arithmetic,
    tree.Negate: _Builder.negate,
    tree.Scale: _Builder.scale,
    tree.Shift: _Builder.shift,
    tree.Between: _Builder.between,
    tree.Day: _Builder.day,
    tree.Concat: _Builder.concat,
    tree.Text: _Builder.text,
    tree.Size: _Builder.size,
    tree.Search: _Builder.search,
    tree.Items: _Builder.items,
    tree.In: _Builder.member,
    tree.Exists: _Builder.quantifier,
    tree.All: _Builder.quantifier,
    tree.Count: _Builder.quantifier,
    tree.Fold: _Builder.quantifier,
    tree.Aggregate: _Builder.aggregate,
    tree.Apply: _Builder.applied,
    tree.Map: _Builder.loop,
    tree.Filter: _Builder.loop,
}
