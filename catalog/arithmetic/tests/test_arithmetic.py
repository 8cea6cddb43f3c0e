"""Arithmetic is right, and what attacks ends as a failure at once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright_runtime.errors import Refusal
from archwright_std_arithmetic.evaluation import evaluate
from archwright_std_arithmetic.syntax import parse
from testing_support.part import Part

PART = Part(Path(__file__).parent.parent)


async def _value(expression: str, **values: Any) -> str:
    return str((await PART.run("evaluate", expression=expression, values=values))["result"])


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("0.1 + 0.2", "0.3"),
        ("2 ^ 3 ^ 2", "512"),
        ("-2 ^ 2", "-4"),
        ("2 ^ -2", "0.25"),
        ("10 % 3", "1"),
        ("-7 % 3", "-1"),
        ("1 / 8", "0.125"),
        ("10 - 4 - 3", "3"),
        ("8 / 4 / 2", "1"),
        ("1e3 * 2", "2000"),
        ("--1", "1"),
        ("+1", "1"),
        ("sqrt(2) ^ 2 - 2 < 1".replace(" < 1", ""), None),
        ("0 ^ 0", "1"),
        ("min(3, 1, 2)", "1"),
        ("max(3, 1, 2)", "3"),
        ("sum(0.1, 0.2)", "0.3"),
        ("abs(-3)", "3"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(2.345, 2)", "2.35"),
        ("3 × 4 ÷ 2 − 1", "5"),
        ("2 ** 10", "1024"),
        (".5", "0.5"),
        ("price * 3", "37.5"),
        ("0 * -1", "0"),
        ("100 * 100", "10000"),
    ],
)
async def test_values(expression: str, result: str | None) -> None:
    """Expressions have the value that school gives them."""
    found = await _value(expression, price="12.50")

    assert result is None or found == result


async def test_exact() -> None:
    """It says whether something was rounded."""
    assert (await PART.run("evaluate", expression="1 / 8"))["exact"]
    assert not (await PART.run("evaluate", expression="1 / 3"))["exact"]


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(-999, 999)), min_size=1, max_size=8))
def test_like_fractions(parts: list[tuple[str, int]]) -> None:
    """Sums and products are exact."""
    text = "1" + "".join(f" {operator} ({number})" for operator, number in parts)

    result, exact = evaluate(parse(text), None, 34)

    assert exact and Fraction(Decimal(result)) == eval(text)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("", "bad-expression"),
        ("1 +", "bad-expression"),
        ("1 2", "bad-expression"),
        ("x", "bad-expression"),
        ("__import__('os')", "bad-expression"),
        ("a.b", "bad-expression"),
        ("f(1)", "bad-expression"),
        ("1 if 1 else 2", "bad-expression"),
        ("[1]", "bad-expression"),
        ("1; 2", "bad-expression"),
        ("NaN", "bad-expression"),
        ("inf", "bad-expression"),
        ("abs(1, 2)", "bad-expression"),
        ("min()", "bad-expression"),
        ("١ + ٢", "bad-expression"),
        ("(" * 200 + "1" + ")" * 200, "bad-expression"),
        ("-" * 400 + "1", "bad-expression"),
        ("1^" * 200 + "1", "bad-expression"),
        ("1 / 0", "division-by-zero"),
        ("0 ^ -1", "division-by-zero"),
        ("5 % 0", "division-by-zero"),
        ("0 / 0", "division-by-zero"),
        ("9 ^ 9 ^ 9", "out-of-range"),
        ("9 ^ 999", "out-of-range"),
        ("1e999", "out-of-range"),
        ("10 ^ -300", "out-of-range"),
        ("1" * 40, "out-of-range"),
        ("2 ^ 0.5", "out-of-range"),
        ("sqrt(-1)", "out-of-range"),
        ("round(1, 99)", "out-of-range"),
        ("1e150 * 1e150", "out-of-range"),
        ("1e199 % 3", "out-of-range"),
    ],
)
async def test_attacks(expression: str, kind: str) -> None:
    """What is no arithmetic, has no value or no end is a failure."""
    with pytest.raises(Refusal) as caught:
        await _value(expression)
    assert caught.value.kind == kind


@pytest.mark.parametrize("value", [None, True, "x", "NaN", "Infinity", "1e400", [], {}, "1" * 50])
async def test_values_that_are_none(value: Any) -> None:
    """A value that is no number, or too long a one, is a failure."""
    with pytest.raises(Refusal):
        await _value("x + 1", x=value)


@given(st.text("0123456789.+-*/%^() exabs,", max_size=60))
def test_whatever_comes(text: str) -> None:
    """Every text has a value or is a failure."""
    try:
        result, _ = evaluate(parse(text), {}, 34)
    except Refusal:
        return
    assert len(result) <= 250 and Decimal(result).is_finite()


async def test_names() -> None:
    """The names that need a value are known beforehand."""
    assert (await PART.run("names", expression="b * (a + max(b, c))"))["names"] == ["a", "b", "c"]
