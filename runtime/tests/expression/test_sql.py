"""The SQL of conditions: what is bound, what may stay unknown, what says ``IS TRUE``."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.errors import PlanError
from archwright_runtime.expression import Parameter, SqlRow, SqlRows, compile_closure, compile_condition, compile_sql
from archwright_runtime.expression.dialect import DialectName


class _Row:
    guarded = False
    id = "t.id"

    def field(self, name: str) -> str:
        return f"t.{name}"

    def follow(self, name: str) -> SqlRow:
        raise NotImplementedError

    def among(self, name: str) -> SqlRows:
        raise NotImplementedError


class _Context:
    def __init__(self, dialect: DialectName = "postgresql") -> None:
        self.dialect: DialectName = dialect
        self.parameters: list[Parameter] = []

    def parameter(self, parameter: Parameter) -> str:
        self.parameters.append(parameter)
        return f"${len(self.parameters)}"

    def row(self, name: str) -> SqlRow | None:
        return _Row() if name == "this" else None

    def reached(self, entity: str, id: str) -> SqlRow:
        raise NotImplementedError

    def alias(self) -> str:
        return "a"

    def holds(self, name: str, path: str) -> bool:
        return False


def _field(name: str, type: Any = "int", optional: bool = False) -> dict[str, Any]:
    row = {"op": "name", "name": "this", "type": {"kind": "row", "entity": "Ticket"}}
    node = {"op": "field", "of": row, "field": name, "entity": "Ticket", "type": type}
    return {**node, "optional": True} if optional else node


def _compare(operator: str, left: Any, right: Any) -> dict[str, Any]:
    return {"op": "compare", "type": "bool", "operator": operator, "left": left, "right": right}


CALLER = {"op": "name", "name": "caller", "type": {"kind": "ref", "entity": "User"}, "optional": True}
OWNED = _compare("==", _field("owner", {"kind": "ref", "entity": "User"}, True), CALLER)
SURE = _compare("<", _field("a"), {"op": "literal", "type": "int", "value": 5})


def test_condition_may_stay_unknown() -> None:
    """Where unknown counts as false, a comparison is left to the index."""
    assert compile_condition(OWNED, _Context()) == "(t.owner = $1::text)"


def test_value_is_known() -> None:
    """As a value, a comparison with what may be absent is true or false."""
    assert compile_sql(OWNED, _Context()) == "((t.owner = $1::text) IS TRUE)"


def test_negation_is_known() -> None:
    """Under a negation too; what is always present needs nothing."""
    negated = {"op": "not", "type": "bool", "value": {"op": "and", "type": "bool", "args": [OWNED, SURE]}}

    assert compile_condition(negated, _Context()) == "(NOT (((t.owner = $1::text) IS TRUE) AND (t.a < $2::bigint)))"


def test_without_rows_is_bound() -> None:
    """What holds no row is computed before the statement and bound, as a whole."""
    signed_in = {"op": "present", "type": "bool", "value": CALLER}
    context = _Context()

    sql = compile_condition({"op": "and", "type": "bool", "args": [signed_in, SURE]}, context)

    assert sql == "($1::boolean AND (t.a < $2::bigint))"
    assert [parameter.bind({"caller": None}) for parameter in context.parameters] == [False, 5]


def test_constants_are_known() -> None:
    """A constant says that it is one, so that whoever writes the statement may write it out."""
    context = _Context()

    compile_condition(SURE, context)

    assert [(parameter.constant, parameter.value) for parameter in context.parameters] == [(True, 5)]


def test_text_is_ordered_by_code_point() -> None:
    """Text is ordered by code point on PostgreSQL, whatever the database's collation."""
    less = _compare("<", _field("a", "text"), _field("b", "text"))

    assert compile_condition(less, _Context()) == '(t.a < (t.b COLLATE "C"))'


@pytest.mark.parametrize(
    ("kind", "value", "bound"),
    [
        ("bool", True, 1),
        ("date", "2026-01-31", "2026-01-31"),
        ("datetime", "2026-01-31T00:00:00.000000Z", "2026-01-31T00:00:00.000000Z"),
    ],
)
def test_encoded_for_sqlite(kind: str, value: Any, bound: Any) -> None:
    """A parameter is bound in the form that the database holds."""
    context = _Context("sqlite")
    name = {"op": "name", "name": "x", "type": kind}

    compile_condition(_compare("==", _field("a", kind), name), context)

    literal = {"op": "literal", "type": kind, "value": value}
    assert [parameter.bind({"x": compile_closure(literal)({})}) for parameter in context.parameters] == [bound]


def test_rows_of_a_step_need_what_they_reach() -> None:
    """A loop over values that would need the database refuses to start."""
    found = {"op": "name", "name": "found", "type": {"kind": "rows", "entity": "Comment"}}
    tree = {"op": "exists", "type": "bool", "over": found, "var": "c", "entity": "Comment", "where": SURE}

    with pytest.raises(PlanError):
        compile_condition(tree, _Context())
