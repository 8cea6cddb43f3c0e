"""A plan that uses every kind of step and trigger."""

from __future__ import annotations

from typing import Any

import msgspec

from archwright_runtime.plan import (
    Access,
    Assign,
    Capability,
    Component,
    Expr,
    Grant,
    Identity,
    Input,
    Operation,
    Plan,
    Retention,
    Returns,
    Role,
    Step,
    Trigger,
    Type,
)
from runtime.tests import trees
from runtime.tests.plans import INT, TEXT, Builder, entity, present, ref, stored

FILE = Type(kind="file", max=1_000)
TEXTS = Type(kind="list", item=TEXT, max=10)


def composed() -> Plan:
    """Items in a stock, with counters; notes that a component keeps."""
    item = entity(
        "Item",
        {
            "code": present("Item.code", TEXT),
            "stock": present("Item.stock", INT, default=trees.literal(0)),
            "secret": stored("Item.secret", TEXT, encrypted=True, classes=("secret",)),
            "owner": stored("Item.owner", ref("User"), default=trees.caller()),
            "seen": stored("Item.seen", Type(kind="datetime")),
            "manual": stored("Item.manual", FILE),
            "labels": present("Item.labels", TEXTS, default={"op": "list", "type": _texts(), "items": []}),
            "contact": present("Item.contact", TEXT, classes=("personal",), default=trees.literal("somebody")),
        },
        unique=(("code",),),
        retention=None,
    )
    log = entity("Log", {"what": present("Log.what", TEXT), "item": stored("Log.item", TEXT)})
    users = entity("User", {"name": present("User.name", TEXT), "team": stored("User.team", TEXT)})
    note = entity("parts.Note", {"text": present("Note.text", TEXT), "by": stored("Note.by", TEXT)}, component="parts")
    note = msgspec.structs.replace(note, table="parts_note")
    made = Builder({"Item": item, "Log": log, "User": users, "parts.Note": note}, ("clerk", "lead", "cleaner"))
    made.entities["Item"] = msgspec.structs.replace(
        item, retention=Retention(days=10, start=made.of("Item", "seen"), then="anonymise")
    )
    made.entities["Log"] = msgspec.structs.replace(
        log, retention=Retention(days=10, start=made.of("Log", "created_at"), then="delete")
    )
    every = ("code", "stock", "secret", "owner", "seen", "manual", "labels", "contact")
    for role in ("clerk", "lead"):
        made.grant(
            "Item",
            Grant(principal=role, action="read", fields=made.names("Item")),
            Grant(principal=role, action="create", fields=every),
            Grant(principal=role, action="update", fields=every),
            Grant(principal=role, action="delete"),
        )
        made.grant("User", Grant(principal=role, action="read", fields=("id", "name")))
    for name in ("Received", "Nightly", "Swept"):
        made.grant("Log", Grant(principal=f"operation:{name}", action="create", fields=("what", "item")))
    made.grant("Item", Grant(principal="cleaner", action="read", fields=("id", "code", "stock")))
    made.expose("Item", access=("clerk", "lead"), fields=every)
    _operations(made)
    plan = made.plan(components={"parts": _component()}, identity=Identity(component="parts", entity="User"))
    roles = {**plan.roles, "lead": Role(includes=("clerk",))}
    return msgspec.structs.replace(plan, roles=roles)


def _texts() -> Any:
    return {"kind": "list", "item": "text"}


def _component() -> Component:
    text = {"text": TEXT}
    return Component(
        use="test/parts", version="1.0.0", digest="sha256:0", module="runtime.tests.operations.parts",
        capabilities={
            "note": Capability(input=text, output={"id": TEXT, "at": Type(kind="datetime")}),
            "refuse": Capability(input={**text, "keep": Type(kind="bool")}, errors=("notes.full",)),
            "send": Capability(input={"to": TEXT, "at": Type(kind="datetime")}, effects=("egress:post",)),
            "wrong": Capability(output={"id": TEXT}),
        },
    )  # fmt: skip


def _operations(made: Builder) -> None:
    access = ("clerk",)
    id = Input(name="id", type=ref("Item"), source="path", required=True)
    code, many = Input(name="code", type=TEXT, required=True), Input(name="codes", type=TEXTS, required=True)
    amount = Input(name="amount", type=Type(kind="int"), required=True)
    stock = made.of("Item", "stock")
    item = trees.row("item", "Item")
    by_id = made.by_id("Item")
    more = Assign(field="stock", value=trees.add(stock, trees.given("amount", INT)))
    code_of = Assign(field="code", value=trees.given("code", TEXT))
    item_code: Expr = {"op": "name", "name": "item", "type": "text"}

    made.add("Receive", Step(kind="update", entity="Item", where=by_id, set=(more,), bind="item"),
             access=access, input=(id, amount), returns=Returns(body=item))  # fmt: skip
    made.add("Put", Step(kind="upsert", entity="Item", key=("code",), bind="item", set=(
        code_of, Assign(field="stock", value=trees.given("amount", INT)))),
        access=access, input=(code, amount), returns=Returns(body=item))  # fmt: skip
    made.add("AddMany", Step(kind="create", entity="Item", each=trees.given("codes", TEXTS), bind="items",
                             set=(Assign(field="code", value=item_code),)),
             access=access, input=(many,), returns=Returns(body=trees.rows("items", "Item")))  # fmt: skip
    found = Step(kind="get", select=made.whole("Item", where=by_id, single=True), bind="item")
    enough = trees.compare(made.of("Item", "stock", "item"), ">=", trees.given("amount", INT))
    less: Expr = {"op": "subtract", "type": "int", "left": stock, "right": trees.given("amount", INT)}
    made.add("Take", found, Step(kind="require", condition=enough, refusal="not-enough"),
             Step(kind="update", entity="Item", where=by_id, set=(Assign(field="stock", value=less),), bind="left"),
             access=access, input=(id, amount), returns=Returns(body=made.of("Item", "stock", "left")))  # fmt: skip
    large = trees.compare(trees.given("amount", INT), ">", trees.literal(10))
    text = trees.concat(trees.literal("took "), made.of("Item", "code", "item"))
    item_code_of = made.of("Item", "code", "item")
    members = {
        "code": item_code_of,
        "item": item,
        "at": _note("at", "datetime"),
        "masked": {"op": "name", "name": "masked", "type": "text"},
    }
    made.add(
        "Noted",
        found,
        Step(kind="call", capability="parts.note", arguments={"text": text}, when=large, bind="note"),
        Step(kind="value", condition=item_code_of, transform="mask", bind="masked"),
        access=access,
        input=(id, amount),
        returns=Returns(body={"op": "record", "type": "record", "fields": members}),
    )
    keep = Input(name="keep", type=Type(kind="bool"), required=True)
    refusing = {"text": trees.literal("kept?"), "keep": trees.given("keep", Type(kind="bool"))}
    made.add("Refuse", Step(kind="call", capability="parts.refuse", arguments=refusing), access=access, input=(keep,))
    made.add("Wrong", Step(kind="call", capability="parts.wrong"), access=access)
    send = Step(
        kind="call",
        capability="parts.send",
        deferred=True,
        arguments={"to": trees.given("code", TEXT), "at": trees.now()},
    )
    made.add("Write", send, access=access, input=(code,))
    made.add("WriteThenFail", send, Step(kind="require", condition=trees.literal(False)), access=access, input=(code,))
    team = made.of("User", "team", "caller")
    team = {**team, "of": trees.caller(), "optional": True}
    made.add("ForTeam", Step(kind="require", condition=trees.equal(team, trees.literal("blue")), refusal="wrong-team"),
             access=access, returns=Returns(body=team))  # fmt: skip
    made.add("Download", found, access=access, input=(id,), returns=Returns(file=made.of("Item", "manual", "item")))
    _triggered(made)
    rule = Access(role="clerk", when=trees.equal(team, trees.literal("blue")))
    made.operations["BlueOnly"] = Operation(
        trigger=Trigger(kind="internal"), access=(rule,), returns=Returns(status=204)
    )


def _note(name: str, kind: str) -> Expr:
    of = {"op": "name", "name": "note", "type": "record", "optional": True}
    return {"op": "field", "of": of, "field": name, "type": kind, "optional": True}


def _triggered(made: Builder) -> None:
    row_code, row_id = made.of("Item", "code", "row"), made.of("Item", "id", "row")
    grew = trees.compare(made.of("Item", "stock"), ">", made.of("Item", "stock", "old"))
    written = Step(
        kind="create", entity="Log", set=(Assign(field="what", value=row_code), Assign(field="item", value=row_id))
    )
    made.add("Received", written, access=(), principal="cleaner",
             trigger=Trigger(kind="changed", entity="Item", actions=("update",), where=grew))  # fmt: skip
    tick = Step(kind="create", entity="Log", set=(Assign(field="what", value=trees.literal("night")),))
    made.add("Nightly", tick, access=(), principal="cleaner", trigger=Trigger(kind="schedule", cron="30 2 * * *"))
