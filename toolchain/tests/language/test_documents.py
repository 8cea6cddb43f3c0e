"""Finding the place of a part of a model, through every shorthand."""

from __future__ import annotations

import pytest

from archwright.language.assembly import Assembly, read_assembly
from archwright.language.document import Document

_SOURCE = """\
assembly: shop
version: 1.0.0
owner: team-shop
entities:
  Ticket:
    fields:
      subject: text(120)!
      state: {enum: [open, solved], default: open}
    check: {named: this.subject != ''}
    permissions:
      agent: [read, create]
      lead: {all: {where: this.state == 'open'}}
      boss: all
    expose: /api/tickets
operations:
  Close:
    trigger: POST /close
    access: lead
    steps:
      - {call: mail.send, to: "${caller.email}"}
    failures: {closed: 409}
views:
  Card:
    of: Ticket
    fields: [id, {name: this.subject}, {replies: {of: replies, fields: [id]}}]
pages:
  /: {show: [board, {data-table: {view: Card}}]}
"""


@pytest.fixture(scope="module")
def document() -> Document[Assembly]:
    """A small assembly."""
    found = read_assembly(_SOURCE, "f").document
    assert found is not None
    return found


_TICKET = ("entities", "Ticket")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("owner",), "team-shop"),
        ((*_TICKET, "fields", "state", "default"), "open"),
        ((*_TICKET, "fields", "state", "enum", 1), "solved"),
        ((*_TICKET, "fields", "subject", "type"), "text(120)!"),
        ((*_TICKET, "fields", "state", "type", "enum", 1), "solved"),
        ((*_TICKET, "check", 0, "says"), "this.subject != ''"),
        ((*_TICKET, "permissions", "agent", "create"), "create"),
        ((*_TICKET, "permissions", "agent", "create", "fields"), "create"),
        ((*_TICKET, "permissions", "lead", "update", "where"), "this.state == 'open'"),
        ((*_TICKET, "permissions", "lead", "create", "check"), "this.state == 'open'"),
        ((*_TICKET, "permissions", "boss", "delete"), "all"),
        ((*_TICKET, "expose", "path"), "/api/tickets"),
        (("operations", "Close", "trigger", "http"), "POST /close"),
        (("operations", "Close", "access", 0), "lead"),
        (("operations", "Close", "steps", 0, "arguments", "to"), '"${caller.email}"'),
        (("operations", "Close", "failures", "closed", "status"), "409"),
        (("views", "Card", "fields", 0, "name"), "id"),
        (("views", "Card", "fields", 1, "value"), "this.subject"),
        (("views", "Card", "fields", 2, "rows", "of"), "replies"),
        (("views", "Card", "fields", 2, "rows", "fields", 0), "id"),
        (("pages", "/", "show", 0, "kind"), "board"),
        (("pages", "/", "show", 1, "config", "view"), "Card"),
    ],
)  # fmt: skip
def test_values(document: Document[Assembly], path: tuple[str | int, ...], text: str) -> None:
    """The path of the canonical form leads to what is written, however short it is written."""
    place = document.locate(path)

    line = _SOURCE.split("\n")[place.line - 1]
    assert line[place.column - 1 : place.end_column - 1] == text


def test_keys(document: Document[Assembly]) -> None:
    """On request the place is that of the key."""
    place = document.locate((*_TICKET, "fields", "state"), key=True)

    assert (place.line, place.column, place.end_column) == (8, 7, 12)


def test_parts(document: Document[Assembly]) -> None:
    """A stretch of an expression has a place of its own."""
    place = document.locate((*_TICKET, "check", 0, "says"), start=5, length=7)

    assert _SOURCE.split("\n")[place.line - 1][place.column - 1 : place.end_column - 1] == "subject"


def test_whole(document: Document[Assembly]) -> None:
    """What has no place of its own is at the beginning."""
    assert document.locate(("theme", "brand")).line == 1
