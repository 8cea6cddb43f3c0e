"""A closure computes with two truths, passes absence on, and takes no text for code."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from archwright_runtime.expression import compile_closure


def _name(name: str, type: Any = "int", optional: bool = True) -> dict[str, Any]:
    node = {"op": "name", "name": name, "type": type}
    return {**node, "optional": True} if optional else node


def _literal(value: Any, type: Any = "int") -> dict[str, Any]:
    return {"op": "literal", "type": type, "value": value}


def _compare(operator: str, left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return {"op": "compare", "type": "bool", "operator": operator, "left": left, "right": right}


A, B = _name("a"), _name("b")
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(("a", "b"), [(None, None), (None, 1), (1, None)])
def test_comparison_with_absent(operator: str, a: int | None, b: int | None) -> None:
    """A comparison with an absent value is false, whichever operator it has."""
    assert compile_closure(_compare(operator, A, B))({"a": a, "b": b}) is False


def test_negation_of_absent() -> None:
    """The negation of a comparison with an absent value is true: there are two truths."""
    assert compile_closure({"op": "not", "type": "bool", "value": _compare("==", A, B)})({}) is True


@pytest.mark.parametrize(("a", "result"), [(None, None), (3, 7)])
def test_absence_is_passed_on(a: int | None, result: int | None) -> None:
    """What is computed from an absent value is absent, also without a guard."""
    tree = {"op": "add", "type": "int", "optional": True, "left": A, "right": _literal(4)}

    assert compile_closure(tree)({"a": a}) == result


@pytest.mark.parametrize("operation", ["and", "or"])
def test_truths_are_truths(operation: str) -> None:
    """An absent truth counts as false, and the result is a truth and nothing else."""
    flag = _name("flag", "bool")

    assert compile_closure({"op": operation, "type": "bool", "args": [flag, flag]})({"flag": None}) is False


def test_joined_text_is_normalised() -> None:
    """A letter and an accent that meet become one character."""
    tree = {"op": "concat", "type": "text", "parts": [_literal("e", "text"), _literal("\u0301", "text")]}

    assert compile_closure(tree)({}) == "é"


def test_dotted_path() -> None:
    """What is reached through a reference stands beside the reference."""
    row = {"op": "name", "name": "this", "type": {"kind": "row", "entity": "Ticket"}}
    owner = {"op": "field", "of": row, "field": "owner", "entity": "Ticket", "type": {"kind": "ref", "entity": "User"}}
    name = {"op": "field", "of": owner, "field": "name", "entity": "User", "type": "text"}

    assert compile_closure(name)({"this": {"owner": "u1", "owner.name": "Ada"}}) == "Ada"


def test_not_at_hand() -> None:
    """What the names do not hold is an error of the program, never a wrong answer."""
    row = {"op": "name", "name": "this", "type": {"kind": "row", "entity": "Ticket"}}
    field = {"op": "field", "of": row, "field": "title", "entity": "Ticket", "type": "text", "optional": True}

    with pytest.raises(KeyError):
        compile_closure(field)({"this": {}})


@pytest.mark.parametrize("text", ["__import__('os')", "'", '"""', "\\", "{n}", "%s", "\n", "n['a']"])
def test_text_is_never_code(text: str) -> None:
    """Texts and names of a tree are data, whatever they look like."""
    assert compile_closure(_compare("==", _name(text, "text"), _literal(text, "text")))({text: text}) is True


def test_times() -> None:
    """Times are dates and aware datetimes; durations are microseconds."""
    day = 86_400_000_000
    moved = {
        "op": "shift", "type": "date", "value": _name("d", "date", False), "by": _literal(2 * day, "duration"),
        "backwards": True,
    }  # fmt: skip
    instant = _name("t", "datetime", False)
    apart = {
        "op": "between",
        "type": "duration",
        "left": instant,
        "right": _literal("1970-01-01T00:00:00.000001Z", "datetime"),
    }

    assert compile_closure(moved)({"d": date(2024, 3, 1)}) == date(2024, 2, 28)
    assert compile_closure(apart)({"t": datetime(1970, 1, 2, tzinfo=UTC)}) == day - 1
