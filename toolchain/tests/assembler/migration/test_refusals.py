"""Changes that a database cannot follow, each with its finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from archwright.assembler.plan import Entity, Plan, Type
from archwright.diagnostics import Severity
from toolchain.tests import plans
from toolchain.tests.assembler.migration.evolution import Service, having, plan, table, without


def desk() -> Plan:
    """Tickets of a person."""
    person = table("Person", {"name": plans.field(plans.TEXT)})
    ticket = table(
        "Ticket",
        {
            "title": plans.field(plans.TEXT),
            "author": plans.field(plans.ref("Person")),
            "count": plans.field(Type(kind="int", low=0, high=99)),
            "price": plans.field(Type(kind="money", currency="EUR", scale=2, digits=12), present=False),
            "state": plans.field(plans.choice("open", "done")),
            "tags": plans.field(Type(kind="list", item=Type(kind="text", max=20), max=9), present=False),
        },
    )
    return plan({"Person": person, "Ticket": ticket})


def ticket(change: Callable[[Entity], Entity]) -> Plan:
    """The desk with another ticket."""
    before = desk()
    return replace(before, entities={**before.entities, "Ticket": change(before.entities["Ticket"])})


def retyped(name: str, type_: Type) -> Plan:
    """The desk with another type of one field."""
    return ticket(lambda of: having(of, **{name: replace(of.fields[name], type=type_)}))


@dataclass(frozen=True)
class Refused:
    """A change, the code that it gets, and what its hint must name."""

    to: Callable[[], Plan]
    code: str
    hint: str


def _encrypted() -> Plan:
    return ticket(lambda of: having(of, title=replace(of.fields["title"], encrypted=True)))


REFUSED = {
    "drop an entity": Refused(lambda: plan({"Person": desk().entities["Person"]}), "loss", "--allow-drop Ticket`"),
    "drop a field": Refused(lambda: ticket(lambda of: without(of, "title")), "loss", "renamed_from"),
    "drop a reference": Refused(lambda: ticket(lambda of: without(of, "author")), "loss", "--allow-drop Ticket.author"),
    "a stored field becomes computed": Refused(
        lambda: ticket(lambda of: having(of, title=replace(of.fields["title"], computed=plans.literal("x")))),
        "loss",
        "--allow-drop Ticket.title",
    ),
    "a new required field": Refused(
        lambda: ticket(lambda of: having(of, body=plans.field(plans.TEXT))),
        "no-value-for-existing-rows",
        "constant default",
    ),
    "a new required reference": Refused(
        lambda: ticket(lambda of: having(of, owner=plans.field(plans.ref("Person")))),
        "no-value-for-existing-rows",
        "--allow-drop Ticket.owner",
    ),
    "a new required field with a default that is no constant": Refused(
        lambda: ticket(lambda of: having(of, day=plans.field(plans.DATE, default=plans.name("today", "date")))),
        "no-value-for-existing-rows",
        "constant default",
    ),
    "an optional field becomes required": Refused(
        lambda: ticket(lambda of: having(of, price=replace(of.fields["price"], present=True))),
        "no-value-for-existing-rows",
        "--allow-drop Ticket.price",
    ),
    "a shorter text": Refused(lambda: retyped("title", Type(kind="text", max=9)), "narrowing", "Ticket.title"),
    "a longer least length": Refused(
        lambda: retyped("title", Type(kind="text", max=200, min=3)), "narrowing", "Ticket.title"
    ),
    "a pattern": Refused(
        lambda: retyped("title", Type(kind="text", max=200, pattern="^a")), "narrowing", "Ticket.title"
    ),
    "fewer choices": Refused(lambda: retyped("state", plans.choice("open")), "narrowing", "Ticket.state"),
    "a smaller range": Refused(lambda: retyped("count", Type(kind="int", low=1, high=99)), "narrowing", "Ticket.count"),
    "fewer items": Refused(
        lambda: retyped("tags", Type(kind="list", item=Type(kind="text", max=20), max=3)), "narrowing", "Ticket.tags"
    ),
    "shorter items": Refused(
        lambda: retyped("tags", Type(kind="list", item=Type(kind="text", max=2), max=9)), "narrowing", "Ticket.tags"
    ),
    "a text becomes a number": Refused(
        lambda: retyped("title", Type(kind="int")), "impossible-change", "copy the values"
    ),
    "another currency": Refused(
        lambda: retyped("price", Type(kind="money", currency="USD", scale=2, digits=12)),
        "impossible-change",
        "copy the values",
    ),
    "fewer places": Refused(
        lambda: retyped("price", Type(kind="money", currency="EUR", scale=1, digits=12)),
        "impossible-change",
        "copy the values",
    ),
    "another target": Refused(lambda: retyped("author", plans.ref("Ticket")), "impossible-change", "copy the values"),
    "a reference becomes a text": Refused(
        lambda: retyped("author", plans.TEXT), "impossible-change", "copy the values"
    ),
    "encryption": Refused(_encrypted, "changed-encryption", "copy the values"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_change_that_may_lose_data_is_refused(name: str) -> None:
    """What the database cannot follow without loss stops the build with one finding that says what to do."""
    service = Service()
    service.change(desk())

    found = service.refused(REFUSED[name].to())

    assert [finding.code for finding in found] == [f"migration/{REFUSED[name].code}"]
    assert REFUSED[name].hint in (found[0].hint or "")


def test_all_refusals_come_in_one_run() -> None:
    """Every change that cannot be followed is reported, not only the first."""
    service = Service()
    service.change(desk())

    found = service.refused(ticket(lambda of: without(of, "title", "author", "count")))

    assert len(found) == 3


def test_an_allowance_that_allows_nothing_is_a_warning() -> None:
    """A misspelt allowance is told, with the name that was probably meant, and the build goes on."""
    service = Service()
    service.change(desk())

    emission, found = service.attempt(desk(), allow_drop=frozenset({"Ticket.titel"}))

    assert emission is not None
    assert [(finding.severity, finding.code, finding.hint) for finding in found] == [
        (Severity.WARNING, "migration/unused-allowance", "did you mean `Ticket.title`?")
    ]


def test_dropping_an_entity_covers_its_links() -> None:
    """Whoever lets an entity go lets its many-to-many links go too."""
    service = Service()
    service.change(plans.helpdesk())
    before = plans.helpdesk()
    names = ("Ticket", "Comment")
    entities = {name: found for name, found in before.entities.items() if name not in names}
    entities["Tag"] = replace(entities["Tag"], relations={})

    emission, found = service.attempt(
        replace(before, entities=entities, links={}, operations={}), allow_drop=frozenset(names)
    )

    assert found == ()
    assert b"DROP TABLE" in emission.files["migrations/0002-drop-comment-ticket-ticket-tags.postgresql.sql"]
