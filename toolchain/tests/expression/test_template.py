"""Templates: one expression alone keeps its type, several become text."""

from __future__ import annotations

from typing import Any

import pytest

from archwright.language.expression import Type, Typed, check, parse_template

from .world import SCOPE


def _checked(text: str, expected: Type | None = None) -> Any:
    return check(parse_template(text), SCOPE, expected)


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("${this.count}", "int"),
        ("${this.starts}", "date"),
        ("${caller}", "reference to User or absent"),
        ("${this.note}", "text or absent"),
        ("plain", "text"),
        ("No ${this.count}: ${this.title}", "text"),
        ("${this.owner.name} <${this.id}>", "text"),
        ("${'}'}", "text"),
        ("a${'${'}b", "text"),
        ("${this.price}${this.public}", "text"),
    ],
)
def test_type(text: str, type: str) -> None:
    """A template has the type of its only expression, or is text."""
    typed = _checked(text)

    assert isinstance(typed, Typed), typed
    assert str(typed.type) == type


@pytest.mark.parametrize(
    ("text", "value"), [("$${x}", "${x}"), ("a$${b}$$c", "a${b}$$c"), ("e\u0301", "é"), ("100 $", "100 $"), ("", "")]
)
def test_constant(text: str, value: str) -> None:
    """Text without an expression is itself, normalised; ``$${`` is how ``${`` is written."""
    assert _checked(text).node == {"op": "literal", "type": "text", "value": value}


def test_place() -> None:
    """A problem inside a template is where it stands in the whole text."""
    text = "Ticket ${this.id} of ${this.onwer.name}"

    (problem,) = _checked(text)

    assert (problem.code, text[problem.start : problem.end]) == ("unknown-field", "onwer")


def test_absent_parts() -> None:
    """What may be absent does not become text without a proof."""
    (problem,) = _checked("Note: ${this.note}")

    assert (problem.code, problem.hint) == ("absent-value", "guard it, as in `this.note != null && ...`")


def test_guarded_parts() -> None:
    """A guard inside of the expression is a proof."""
    assert str(_checked("Note: ${has(this.note) ? this.note : '-'}").type) == "text"
