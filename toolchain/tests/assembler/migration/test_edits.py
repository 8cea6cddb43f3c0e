"""Each kind of edit, applied to real databases that hold data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from archwright.assembler.identity import NONE, Renames
from archwright.assembler.migration.ddl import Dialect
from archwright.assembler.plan import Entity, Link, Plan, Relation, Type
from toolchain.tests import plans
from toolchain.tests.assembler.migration.databases import Database, differences, statements
from toolchain.tests.assembler.migration.evolution import (
    Service,
    afresh,
    having,
    plan,
    row,
    table,
    without,
)

NUMBER = Type(kind="int")


def shop() -> Plan:
    """Customers and orders."""
    customer = table("Customer", {"name": plans.field(plans.TEXT), "note": plans.field(plans.TEXT, present=False)})
    order = table(
        "Order",
        {
            "customer": plans.field(plans.ref("Customer")),
            "total": plans.field(NUMBER),
            "state": plans.field(plans.choice("open", "paid"), default=plans.literal("open")),
            "day": plans.field(plans.DATE, present=False),
        },
        on_delete={"customer": "cascade"},
        unique=(("customer", "total"),),
        indexes=(("state",),),
    )
    return plan({"Customer": customer, "Order": order})


def edited(name: str, change: Callable[[Entity], Entity]) -> Plan:
    """The shop with one entity changed."""
    before = shop()
    return replace(before, entities={**before.entities, name: change(before.entities[name])})


def fill(database: Database) -> None:
    """A customer with two orders."""
    database.insert("customer", row("c1", name="Ada; \n'x'", note=None))
    day = "2026-02-03"
    database.insert("order", row("o1", customer="c1", total=5, state="open", day=day))
    database.insert("order", row("o2", customer="c1", total=7, state="paid", day=None))


@dataclass(frozen=True)
class Edit:
    """One change of the shop, and a query whose answer shows that the data survived."""

    to: Callable[[], Plan]
    shows: tuple[str, ...]
    expected: list[tuple[Any, ...]]
    allow_drop: frozenset[str] = frozenset()
    renames: Renames = field(default=NONE)


def _with_tags() -> Plan:
    before = shop()
    tags = Relation(entity="Tag", table="order_tags", near="near", far="far")
    order = replace(before.entities["Order"], relations={"tags": tags})
    tag = table("Tag", {"name": plans.field(plans.TEXT)}, unique=(("name",),))
    return plan({**before.entities, "Order": order, "Tag": tag}, {"order_tags": Link(id="", near="Order", far="Tag")})


def _renamed_entity() -> Plan:
    before = shop()
    client = replace(before.entities["Customer"], table="client")
    order = having(before.entities["Order"], customer=plans.field(plans.ref("Client")))
    return plan({"Client": client, "Order": order})


def _renamed_field() -> Plan:
    before = without(shop().entities["Order"], "customer")
    buyer = replace(
        having(before, buyer=plans.field(plans.ref("Customer"))),
        on_delete={"buyer": "cascade"},
        unique=(("buyer", "total"),),
    )
    return plan({"Customer": shop().entities["Customer"], "Order": buyer})


def _swapped() -> Plan:
    customer = shop().entities["Customer"]
    fields = {
        **customer.fields,
        "name": replace(customer.fields["note"], column="name"),
        "note": replace(customer.fields["name"], column="note"),
    }
    return edited("Customer", lambda of: replace(of, fields=fields))


def _present(name: str, **members: Any) -> Callable[[Entity], Entity]:
    return lambda of: having(of, **{name: replace(of.fields[name], **members)})


MARKS = Type(kind="list", item=plans.TEXT, max=9)
MARKS_DEFAULT = {"op": "list", "type": "list", "items": [plans.literal("a"), plans.literal("é")]}
TEXT_DEFAULT = plans.literal("it's; \n new")
ORDERS = ("order", "id", "customer", "total")
BOTH = [("o1", "c1", 5), ("o2", "c1", 7)]
EDITS = {
    "add an optional field": Edit(
        lambda: edited("Order", lambda of: having(of, memo=plans.field(plans.TEXT, present=False))),
        ("order", "id", "memo"),
        [("o1", None), ("o2", None)],
    ),
    "add a required field with a default": Edit(
        lambda: edited("Order", lambda of: having(of, memo=plans.field(plans.TEXT, default=TEXT_DEFAULT))),
        ("order", "id", "memo"),
        [("o1", "it's; \n new"), ("o2", "it's; \n new")],
    ),
    "add a required number with a default": Edit(
        lambda: edited("Order", lambda of: having(of, rank=plans.field(NUMBER, default=plans.literal(3, "int")))),
        ("order", "id", "rank"),
        [("o1", 3), ("o2", 3)],
    ),
    "add a required list with a default": Edit(
        lambda: edited("Order", lambda of: having(of, marks=plans.field(MARKS, default=MARKS_DEFAULT))),
        ("order", "id", "marks"),
        [("o1", '["a","é"]'), ("o2", '["a","é"]')],
    ),
    "add an optional reference": Edit(
        lambda: edited("Order", lambda of: having(of, payer=plans.field(plans.ref("Customer"), present=False))),
        ("order", "id", "payer"),
        [("o1", None), ("o2", None)],
    ),
    "add an entity that is referred to": Edit(_with_tags, ORDERS, BOTH),
    "drop a field": Edit(
        lambda: edited("Order", lambda of: without(of, "day")), ORDERS, BOTH, allow_drop=frozenset({"Order.day"})
    ),
    "drop a required field with an index": Edit(
        lambda: edited("Order", lambda of: without(of, "state")), ORDERS, BOTH, allow_drop=frozenset({"Order.state"})
    ),
    "drop a reference": Edit(
        lambda: edited("Order", lambda of: without(of, "customer")),
        ("order", "id", "total"),
        [("o1", 5), ("o2", 7)],
        allow_drop=frozenset({"Order.customer"}),
    ),
    "drop an entity": Edit(
        lambda: plan({"Customer": shop().entities["Customer"]}),
        ("customer", "id", "name"),
        [("c1", "Ada; \n'x'")],
        allow_drop=frozenset({"Order"}),
    ),
    "rename an entity that is referred to": Edit(
        _renamed_entity, ("client", "id", "name"), [("c1", "Ada; \n'x'")], renames=Renames({"Client": "Customer"})
    ),
    "rename a reference in a unique key": Edit(
        _renamed_field,
        ("order", "id", "buyer", "total"),
        BOTH,
        renames=Renames(fields={("Order", "buyer"): "customer"}),
    ),
    "take the name of a dropped field": Edit(
        lambda: edited("Customer", lambda of: having(without(of, "name"), note=plans.field(plans.TEXT))),
        ("customer", "note"),
        [("Ada; \n'x'",)],
        allow_drop=frozenset({"Customer.note"}),
        renames=Renames(fields={("Customer", "note"): "name"}),
    ),
    "require a field that has a default now": Edit(
        lambda: edited("Customer", _present("note", present=True, default=plans.literal("none"))),
        ("customer", "note"),
        [("none",)],
    ),
    "no longer require a field": Edit(
        lambda: edited("Customer", _present("name", present=False)), ("customer", "name"), [("Ada; \n'x'",)]
    ),
    "widen a text": Edit(
        lambda: edited("Customer", _present("name", type=Type(kind="text", max=900))),
        ("customer", "name"),
        [("Ada; \n'x'",)],
    ),
    "a whole number becomes a decimal": Edit(
        lambda: edited("Order", _present("total", type=Type(kind="decimal", digits=18, scale=2))),
        ("order", "id", "total"),
        [("o1", 500), ("o2", 700)],
    ),
    "add a choice": Edit(
        lambda: edited("Order", _present("state", type=plans.choice("open", "paid", "sent"))),
        ("order", "id", "state"),
        [("o1", "open"), ("o2", "paid")],
    ),
    "narrow a text that fits": Edit(
        lambda: edited("Customer", _present("name", type=Type(kind="text", max=20))),
        ("customer", "name"),
        [("Ada; \n'x'",)],
        allow_drop=frozenset({"Customer.name"}),
    ),
    "add a unique key": Edit(
        lambda: edited("Order", lambda of: replace(of, unique=(*of.unique, ("total",)))), ORDERS, BOTH
    ),
    "drop a unique key": Edit(lambda: edited("Order", lambda of: replace(of, unique=())), ORDERS, BOTH),
    "swap an index": Edit(lambda: edited("Order", lambda of: replace(of, indexes=(("day", "state"),))), ORDERS, BOTH),
    "another action on delete": Edit(
        lambda: edited("Order", lambda of: replace(of, on_delete={"customer": "refuse"})), ORDERS, BOTH
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_keeps_the_data_and_ends_where_a_fresh_database_begins(
    name: str, migrated: Database, fresh: Database
) -> None:
    """After any edit the rows are there, and the tables equal those of a database made for the new plan."""
    edit = EDITS[name]
    service = Service()
    migrated.apply(service.change(shop()))
    fill(migrated)
    kept = migrated.rows(edit.shows[0].replace("client", "customer"))

    migrated.apply(service.change(edit.to(), allow_drop=edit.allow_drop, renames=edit.renames))
    fresh.apply(afresh(edit.to()))

    assert differences(migrated, fresh) == []
    assert migrated.rows(*edit.shows) == edit.expected
    assert migrated.rows(edit.shows[0]) == kept


def test_a_date_becomes_the_first_instant_of_its_day(migrated: Database, fresh: Database) -> None:
    """A date widens to a time at midnight UTC, in the stored form of its database."""
    service = Service()
    to = edited("Order", _present("day", type=plans.MOMENT))
    migrated.apply(service.change(shop()))
    fill(migrated)

    migrated.apply(service.change(to))
    fresh.apply(afresh(to))

    first, second = migrated.rows("order", "id", "day")
    shown = first[1] if migrated.dialect is Dialect.SQLITE else first[1].isoformat()
    expected = "2026-02-03T00:00:00.000000Z" if migrated.dialect is Dialect.SQLITE else "2026-02-03T00:00:00+00:00"
    assert (shown, second[1]) == (expected, None)
    assert differences(migrated, fresh) == []


def test_two_fields_can_exchange_their_names(migrated: Database, fresh: Database) -> None:
    """Renames that stand in each other's way go through a name that nobody uses."""
    service = Service()
    migrated.apply(service.change(shop()))
    fill(migrated)
    assert service.lock is not None
    locked = service.lock.entities["Customer"]
    swapped = {**locked.fields, "name": locked.fields["note"], "note": locked.fields["name"]}
    entities = {**service.lock.entities, "Customer": replace(locked, fields=swapped)}
    service.lock = replace(service.lock, entities=entities)

    migrated.apply(service.change(_swapped()))
    fresh.apply(afresh(_swapped()))

    assert migrated.rows("customer", "name", "note") == [(None, "Ada; \n'x'")]
    assert differences(migrated, fresh) == []


def test_a_narrowing_stops_when_a_value_does_not_fit(migrated: Database) -> None:
    """A named narrowing is verified row by row; where one does not fit, nothing has changed."""
    service = Service()
    migrated.apply(service.change(shop()))
    fill(migrated)
    before = service.change(
        edited("Customer", _present("name", type=Type(kind="text", max=3))), allow_drop=frozenset({"Customer.name"})
    )

    with pytest.raises(Exception, match=r"Customer\.name has values that do not fit"):
        migrated.apply(before)

    assert migrated.rows("customer", "name") == [("Ada; \n'x'",)]


def test_a_rebuild_refuses_to_run_with_foreign_keys_on(tmp_path: Any) -> None:
    """SQLite would run ``ON DELETE`` on the rows that point to a table being rebuilt, so the migration stops first."""
    database = Database(Dialect.SQLITE, f"sqlite:///{tmp_path}/on.sqlite")
    service = Service()
    database.apply(service.change(shop()))
    fill(database)
    [migration] = service.change(edited("Customer", _present("name", present=False)))
    text = migration.files[f"migrations/{migration.name}.sqlite.sql"].decode()

    with pytest.raises(Exception, match="foreign_keys must be off"):
        database.run(statements(text), foreign_keys=True)

    assert database.rows("order") == [(2,)]
    database.close()


def test_phases_are_in_the_header() -> None:
    """Each file says its phase, and whether the previous plan can run on after it."""
    service = Service()
    service.change(shop())
    to = edited("Order", lambda of: having(without(of, "day"), memo=plans.field(plans.TEXT, default=TEXT_DEFAULT)))

    made = service.change(to, allow_drop=frozenset({"Order.day"}))

    heads = [
        migration.files[f"migrations/{migration.name}.postgresql.sql"].decode().splitlines()[3:5] for migration in made
    ]
    yes = "-- compatible with the previous plan: yes"
    assert heads == [["-- phase: expand", yes], ["-- phase: contract", yes]]


def test_a_rename_says_that_the_previous_plan_must_stop() -> None:
    """A rename cannot be compatible with both plans, and its file says so."""
    service = Service()
    service.change(shop())

    [made] = service.change(_renamed_field(), renames=Renames(fields={("Order", "buyer"): "customer"}))

    assert made.name == "0002-rename-order-buyer"
    assert (
        b"-- compatible with the previous plan: no, stop it first" in made.files[f"migrations/{made.name}.sqlite.sql"]
    )
