"""Findings as values."""

from __future__ import annotations

import pytest

from archwright.diagnostics import Collector, Diagnostic, Location, Severity, did_you_mean, nearest


def _finding(line: int, column: int = 1, code: str = "yaml/tag") -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, Location("f", line, column), "m")


def test_sorted_by_place() -> None:
    """Findings come out in the order of the document, whatever the order of the checks."""
    collector = Collector([_finding(2), _finding(1, 5), _finding(1, 2)])

    assert [(each.location.line, each.location.column) for each in collector.findings()] == [(1, 2), (1, 5), (2, 1)]


def test_each_once() -> None:
    """The same finding made twice is reported once."""
    collector = Collector()

    collector.add(_finding(1), _finding(1))

    assert len(collector.findings()) == 1


def test_warnings_are_no_errors() -> None:
    """A warning does not stop the build."""
    collector = Collector()

    collector.warning("yaml/tag", Location("f"), "m")

    assert not collector.has_errors


def test_location() -> None:
    """A place is written as editors expect it, and ends where it begins unless it says more."""
    place = Location("f", 3, 7)

    assert (str(place), place.end_line, place.end_column) == ("f:3:7", 3, 7)


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("feilds", "fields"),
        ("Fields", "fields"),
        ("filds", "fields"),
        ("data_table", "data-table"),
        ("wher", "where"),
        ("colour", None),
        ("x", None),
        ("", None),
        ("a" * 5000, None),
    ],
)
def test_nearest(word: str, choice: str | None) -> None:
    """The nearest word is found when few letters differ, and nothing is guessed otherwise."""
    assert nearest(word, ["fields", "where", "data-table", "files"]) == choice


def test_did_you_mean() -> None:
    """A hint names the nearest word."""
    assert did_you_mean("feilds", ["fields"]) == "did you mean `fields`?"
