"""What an expression depends on, and whether it becomes part of the value or only decides it."""

from __future__ import annotations

import pytest

from archwright.language.expression import Typed, check, parse

from .world import SCOPE, VIEW


def _reads(text: str, scope: object = SCOPE) -> list[tuple[str, str | None, bool]]:
    typed = check(parse(text), SCOPE if scope is SCOPE else VIEW)
    assert isinstance(typed, Typed), typed
    return [(".".join(read.path), read.entity, read.control) for read in typed.reads]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("this.title", [("this.title", "Ticket", False)]),
        ("caller", [("caller", "User", False)]),
        ("input.text + settings.host", [("input.text", None, False), ("settings.host", None, False)]),
        ("this.owner.name", [("this.owner", "Ticket", True), ("this.owner.name", "User", False)]),
        (
            "this.public ? this.title : this.owner.name",
            [
                ("this.public", "Ticket", True),
                ("this.title", "Ticket", False),
                ("this.owner", "Ticket", True),
                ("this.owner.name", "User", False),
            ],
        ),
        ("this.note == null", [("this.note", "Ticket", False)]),
        (
            "this.comments.exists(c, c.author.name == this.title)",
            [
                ("this.comments", "Ticket", True),
                ("this.comments.author", "Comment", True),
                ("this.comments.author.name", "User", True),
                ("this.title", "Ticket", True),
            ],
        ),
        ("size(this.comments)", [("this.comments", "Ticket", True)]),
    ],
)
def test_reads(text: str, reads: list[tuple[str, str | None, bool]]) -> None:
    """Every read is noted with its path; what chooses a branch, a row or a number of rows is control."""
    assert _reads(text) == reads


def test_place() -> None:
    """A read knows where it is written."""
    text = "this.public && this.owner.name == 'a'"
    typed = check(parse(text), SCOPE)
    assert isinstance(typed, Typed)

    places = [text[read.start : read.end] for read in typed.reads]

    assert places == ["this.public", "this.owner", "this.owner.name"]


def test_aggregates() -> None:
    """Counting rows is a read of the rows themselves."""
    assert _reads("count()", VIEW) == [("this", "Ticket", False)]
