"""Versions, references, durations, sizes, types and patterns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwright.language.fields import KINDS, FieldSpec, FieldType, parse_type, scale
from archwright.language.model import Problem
from archwright.language.patterns import refusal
from archwright.language.quantities import parse_duration, parse_size
from archwright.language.versions import parse_reference, parse_version


def test_precedence() -> None:
    """Versions sort by the rules of semver.org, clause 11."""
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
               "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0", "10.0.0"]  # fmt: skip

    assert sorted(ordered, key=lambda text: parse_version(text) or ()) == ordered


@pytest.mark.parametrize("text", ["1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0 ", "1.0.0-a..b", ""])
def test_other_versions(text: str) -> None:
    """What is no semantic version is none."""
    assert parse_version(text) is None


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        ("^1", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0", "1.5.0-rc.1", "2.0.0-rc.1"]),
        ("^1.2.3", ["1.2.3", "1.3.0"], ["1.2.2", "2.0.0"]),
        ("^0.2", ["0.2.0", "0.2.9"], ["0.1.9", "0.3.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.2.2", "0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.2", "0.0.4"]),
        ("^0", ["0.0.0", "0.9.0"], ["1.0.0"]),
        ("^0.0", ["0.0.0", "0.0.9"], ["0.1.0"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0"]),
        ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]),
        ("1.2.3", ["1.2.3"], ["1.2.4", "1.2.3-rc.1"]),
        ("1.2", ["1.2.0", "1.2.7"], ["1.3.0"]),
        ("^1.0.0-rc.1", ["1.0.0-rc.1", "1.0.0-rc.2", "1.0.0", "1.1.0"], ["1.0.0-beta", "1.1.0-rc.1"]),
    ],
)
def test_ranges(range_: str, inside: list[str], outside: list[str]) -> None:
    """A range holds the versions that it promises, and previews only of the release that it names."""
    reference = parse_reference(f"std/mail@{range_}")

    assert reference is not None
    assert [version for version in (*inside, *outside) if reference.matches(version)] == inside


@pytest.mark.parametrize(
    "text", ["std/mail", "mail@^1", "std/mail@*", "std/mail@latest", "std/mail@>=1", "Std/mail@^1"]
)
def test_other_references(text: str) -> None:
    """A reference without a namespace or with an open range is none."""
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("250ms", 250_000),
        ("90s", 90_000_000),
        ("15m", 900_000_000),
        ("1h", 3_600_000_000),
        ("180d", 180 * 86_400_000_000),
        ("2w", 14 * 86_400_000_000),
        ("6mo", 180 * 86_400_000_000),
        ("3y", 1095 * 86_400_000_000),
    ],
)
def test_durations(text: str, microseconds: int) -> None:
    """A duration has an exact length."""
    found = parse_duration(text)

    assert found is not None
    assert (found.microseconds, str(found)) == (microseconds, text)


@pytest.mark.parametrize("text", ["", "3", "3 y", "0d", "-1d", "1.5h", "3Y", "1234567d"])
def test_other_durations(text: str) -> None:
    """What is no duration is none."""
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("value", "size"), [("5MB", 5 << 20), ("10 KB", 10 << 10), ("1GB", 1 << 30), ("7B", 7), (9, 9)]
)
def test_sizes(value: str | int, size: int) -> None:
    """A size is a number of bytes."""
    assert parse_size(value) == size


@pytest.mark.parametrize("value", ["", "MB", "5 megabytes", "0B", "-1B", True, None, 0, "9999999GB", 1.5])
def test_other_sizes(value: object) -> None:
    """What is no size is none."""
    assert parse_size(value) is None


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("text(500)!", FieldSpec(FieldType(kind="text", max=500), required=True)),
        ("text(3..40)", FieldSpec(FieldType(kind="text", min=3, max=40))),
        ("int(0..)", FieldSpec(FieldType(kind="int", low=0))),
        ("int(-5..5) !", FieldSpec(FieldType(kind="int", low=-5, high=5), required=True)),
        ("decimal(10, 2)", FieldSpec(FieldType(kind="decimal", digits=10, scale=2))),
        ("money(JPY)", FieldSpec(FieldType(kind="money", currency="JPY", scale=0, digits=15))),
        ("money(EUR,4)", FieldSpec(FieldType(kind="money", currency="EUR", scale=4, digits=15))),
        ("image(2MB)", FieldSpec(FieldType(kind="image", max=2 << 20))),
        ("slug", FieldSpec(FieldType(kind="slug", max=100))),
        ("date!", FieldSpec(FieldType(kind="date"), required=True)),
    ],
)
def test_types(text: str, spec: FieldSpec) -> None:
    """The short form of a type says its kind, its bounds and whether a value must be given."""
    assert parse_type(text) == spec


@given(
    st.one_of(
        st.text(max_size=30),
        st.tuples(st.sampled_from(KINDS), st.text("0123456789.,-()! EURMB", max_size=12)).map("".join),
    )
)
def test_any_type(text: str) -> None:
    """Whatever is written as a type, the answer is a type or a problem whose place lies within the text."""
    found = parse_type(text)

    assert isinstance(found, FieldSpec) or found.start is None or 0 <= found.start <= len(text)


@pytest.mark.parametrize(
    ("value", "stored"),
    [("12.30", 1230), (5, 500), ("0.001", None), (True, None), ("1e5", None), ("99999999999999999", None)],
)
def test_scaled(value: object, stored: int | None) -> None:
    """A number of a document has one exact stored form in a type, or none."""
    assert scale(FieldType(kind="money", currency="EUR", scale=2), value) == stored


_EVIL = [
    "(a+)+",
    "(a*)*b",
    "([a-z]+)*",
    "(a|a)*",
    "(-(a|a))*",
    "(ab*b*)*",
    "([a-z]{1,3})*",
    "(a?b)*",
    "(.*,)*",
    "((a+)b?)+",
]


@pytest.mark.parametrize("pattern", [*_EVIL, "(?=a)b", r"(a)\1", "(?i)a", "a++", "(?>a)", "[", "a" * 201, "(?P<x>a)"])
def test_refused_patterns(pattern: str) -> None:
    """Patterns that may never end, or that readers take differently, are refused."""
    assert refusal(pattern) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z0-9-]+",
        "[a-z]+(-[a-z]+)*",
        r"^\d{3}(-\d{2})?$",
        r"(#[0-9a-f]{6}|#[0-9a-f]{3})",
        ".+@.+",
        "(ab|cd)*",
        r"(\d\d:)+",
        "^(/[a-z]+)+$",
    ],
)
def test_accepted_patterns(pattern: str) -> None:
    """Ordinary patterns are taken."""
    assert refusal(pattern) is None


@given(st.text("ab()|*+?-[]^.{1,2}\\d", max_size=12))
def test_any_pattern(pattern: str) -> None:
    """Whatever is written as a pattern, the answer is a reason, or it compiles."""
    if refusal(pattern) is None:
        re.compile(pattern)


def test_problem_below() -> None:
    """A problem keeps its words when it is seen from further up."""
    problem = Problem(name="bad-type", message="m", at=("b",), start=2)

    assert problem.below("a") == Problem(name="bad-type", message="m", at=("a", "b"), start=2)
