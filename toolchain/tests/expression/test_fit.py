"""What a position takes: constants become what is expected, other kinds and absence are refused."""

from __future__ import annotations

from typing import Any

import pytest

from archwright.language.expression import Type, Typed, check, constant, parse, parse_template

from .world import SCOPE

TEXT = Type.text(100)


@pytest.mark.parametrize(
    ("written", "expected", "value"),
    [
        ("2026-01-31", Type.date(), "2026-01-31"),
        ("2026-01-31T12:00:00+02:00", Type.datetime(), "2026-01-31T10:00:00.000000Z"),
        ("36h", Type.duration(), 129_600_000_000),
        ("12.30", Type.money("EUR"), 1230),
        ("12.3", Type.decimal(8, 2), 1230),
        (12, Type.money("EUR"), 1200),
        (12, Type.decimal(8, 2), 1200),
        (12, Type.int(), 12),
        (True, Type.bool(), True),
        ("open", Type.enum(["open", "closed"]), "open"),
        ("a@b.test", Type.text(kind="email"), "a@b.test"),
        ("123e4567-e89b-12d3-a456-426614174000", Type.uuid(), "123e4567-e89b-12d3-a456-426614174000"),
        (None, TEXT.maybe(), None),
    ],
)
def test_constants(written: Any, expected: Type, value: Any) -> None:
    """A plain value of a document is read as what is expected, into its stored form."""
    typed = check(constant(written), SCOPE, expected)

    assert isinstance(typed, Typed), typed
    assert typed.node["value"] == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("this.count", Type.decimal(10, 2)),
        ("this.count", Type.int(0, 5)),
        ("this.status", TEXT),
        ("this.key", TEXT),
        ("this", Type.ref("Ticket")),
        ("'open'", Type.enum(["open", "closed"])),
        ("this.public ? 'open' : 'closed'", Type.enum(["open", "closed"])),
        ("input.verdict", Type.enum(["open", "waiting", "closed"])),
        ("this.note", TEXT.maybe()),
        ("null", Type.date().maybe()),
        ("[]", Type.list(TEXT)),
        ("['a', this.title]", Type.list(TEXT)),
        ("this.title", Type.json()),
        ("1.5", Type.decimal(8, 2)),
    ],
)
def test_fitting(text: str, expected: Type) -> None:
    """A value of a kind that the position takes is accepted; bounds are for the write to test."""
    assert isinstance(check(parse(text), SCOPE, expected), Typed)


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        ("this.title", Type.int(), "type-mismatch"),
        ("this.hours", Type.int(), "type-mismatch"),
        ("1.255", Type.decimal(8, 2), "type-mismatch"),
        ("this.price", Type.decimal(15, 2), "type-mismatch"),
        ("this.fee", Type.money("EUR"), "type-mismatch"),
        ("this.note", TEXT, "absent-value"),
        ("null", TEXT, "absent-value"),
        ("'opne'", Type.enum(["open"]), "unknown-value"),
        ("this.title", Type.enum(["open"]), "type-mismatch"),
        ("this.status", Type.enum(["open", "closed"]), "unknown-value"),
        ("this.owner", Type.ref("Ticket"), "type-mismatch"),
        ("this.urgent", Type.bool(), "absent-value"),
        ("this.title", Type.bool(), "type-mismatch"),
        ("[this.note]", Type.list(TEXT), "absent-value"),
        ("'2026-01-31'", Type.date(), "type-mismatch"),
        ("this.comments", Type.json(), "type-mismatch"),
    ],
)
def test_unfitting(text: str, expected: Type, code: str) -> None:
    """Another kind, unit or word, lost digits and absence are refused."""
    problems = check(parse(text), SCOPE, expected)

    assert not isinstance(problems, Typed)
    assert [problem.code for problem in problems] == [code]


@pytest.mark.parametrize(
    ("written", "expected", "hint"),
    [
        ("2026-02-30", Type.date(), "a date is written `2026-01-31`"),
        ("soon", Type.datetime(), "a datetime is written"),
        ("12,30", Type.money("EUR"), "an amount is written"),
    ],
)
def test_invalid_constants(written: str, expected: Type, hint: str) -> None:
    """A constant that is not what is expected says how such constants are written."""
    problems = check(parse_template(written), SCOPE, expected)

    assert not isinstance(problems, Typed)
    assert (problems[0].hint or "").startswith(hint)
