"""Stable ids: given once, kept through renames, never given twice."""

from __future__ import annotations

from dataclasses import replace

from archwright.assembler.identity import Renames, claimed_twice
from archwright.diagnostics import Location
from toolchain.tests import plans
from toolchain.tests.assembler.migration.evolution import Service, having, plan, table, without


def test_the_same_names_get_the_same_ids() -> None:
    """Ids follow from names alone, so two first builds agree."""
    first, second = plans.helpdesk(), plans.helpdesk()

    assert first == second


def test_ids_differ_between_entities() -> None:
    """No two fields of a plan share an id."""
    ids = [found.id for entity in plans.helpdesk().entities.values() for found in entity.fields.values()]

    assert len(ids) == len(set(ids))


def test_a_rename_keeps_the_id_and_counts_once() -> None:
    """A renamed field keeps its id, also when the declaration stays in the document for the next build."""
    service = Service()
    before = table("Ticket", {"title": plans.field(plans.TEXT)})
    service.change(plan({"Ticket": before}))
    renames = Renames(fields={("Ticket", "heading"): "title"})
    after = having(without(before, "title"), heading=plans.field(plans.TEXT))
    assert service.plan is not None
    kept = service.plan.entities["Ticket"].fields["title"].id

    service.change(plan({"Ticket": after}), renames=renames)
    service.change(plan({"Ticket": after}), renames=renames)

    assert service.plan.entities["Ticket"].fields["heading"].id == kept


def test_a_former_name_can_be_used_again() -> None:
    """A new field under a former name gets an id of its own, and the renamed one keeps its values."""
    service = Service()
    before = table("Ticket", {"title": plans.field(plans.TEXT)})
    service.change(plan({"Ticket": before}))
    renames = Renames(fields={("Ticket", "heading"): "title"})
    heading = having(without(before, "title"), heading=plans.field(plans.TEXT))
    service.change(plan({"Ticket": heading}), renames=renames)
    both = having(heading, title=plans.field(plans.TEXT, present=False))

    service.change(plan({"Ticket": both}), renames=renames)
    made = service.change(plan({"Ticket": both}), renames=renames)

    assert service.plan is not None
    fields = service.plan.entities["Ticket"].fields
    assert fields["title"].id != fields["heading"].id
    assert made == ()


def test_a_link_keeps_its_id_when_its_relation_is_renamed() -> None:
    """A many-to-many relation under another name, with another table, is the same link."""
    service = Service()
    before = plans.helpdesk()
    service.change(before)
    ticket, tag = before.entities["Ticket"], before.entities["Tag"]
    labels = replace(ticket.relations["tags"], table="ticket_labels")
    backwards = replace(tag.relations["tickets"], table="ticket_labels")
    entities = {
        **before.entities,
        "Ticket": replace(ticket, relations={"comments": ticket.relations["comments"], "labels": labels}),
        "Tag": replace(tag, relations={"tickets": backwards}),
    }
    after = replace(before, entities=entities, links={"ticket_labels": before.links["ticket_tags"]})

    [made] = service.change(after, renames=Renames(fields={("Ticket", "labels"): "tags"}))

    sql = made.files[f"migrations/{made.name}.sqlite.sql"].decode()
    assert 'ALTER TABLE "ticket_tags" RENAME TO "ticket_labels"' in sql


def test_two_names_cannot_continue_one() -> None:
    """Where two names claim one former name, the second is reported at its place."""
    place = Location("assembly.yaml", 9)
    renames = Renames(fields={("Ticket", "a"): "title", ("Ticket", "b"): "title"})

    [found] = claimed_twice(renames, {"Ticket.b": place}, Location("assembly.yaml"))

    assert (found.code, found.location) == ("lock/claimed-twice", place)
