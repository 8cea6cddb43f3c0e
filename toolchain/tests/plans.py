"""Hand-made plans: what the resolver would give for two small services, without the resolver."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archwright.assembler.identity import assign_ids
from archwright.assembler.plan import (
    Access,
    Assign,
    Capability,
    Check,
    Column,
    Component,
    Entity,
    Expr,
    Failure,
    Field,
    Filter,
    Grant,
    Identity,
    Input,
    Link,
    Operation,
    Page,
    Part,
    PartAction,
    Plan,
    Relation,
    Retention,
    Returns,
    Role,
    Select,
    Setting,
    Sort,
    Step,
    Theme,
    Trigger,
    Type,
)

TEXT = Type(kind="text", max=200)
DATE = Type(kind="date")
WHOLE = Type(kind="int")
MOMENT = Type(kind="datetime")


def ref(entity: str) -> Type:
    """A reference to an entity."""
    return Type(kind="ref", entity=entity)


def choice(*values: str) -> Type:
    """One of some words."""
    return Type(kind="enum", values=values)


def literal(value: Any, kind: str = "text") -> Expr:
    """A constant."""
    return {"op": "literal", "type": kind, "value": value}


def name(key: str, type_: Any) -> Expr:
    """A name that is known where the expression stands."""
    return {"op": "name", "type": type_, "name": key}


def member(of: Expr, owner: str, key: str, type_: Any = "text", **extra: Any) -> Expr:
    """A field of a row."""
    return {"op": "field", "type": type_, "of": of, "field": key, "entity": owner, **extra}


def this(owner: str, key: str, type_: Any = "text", **extra: Any) -> Expr:
    """A field of ``this``."""
    return member(name("this", {"kind": "row", "entity": owner}), owner, key, type_, **extra)


def given(key: str, type_: Any = "text") -> Expr:
    """An input of the operation."""
    return {"op": "field", "type": type_, "of": name("input", "record"), "field": key}


def compare(left: Expr, operator: str, right: Expr) -> Expr:
    """Two values in an order."""
    return {"op": "compare", "type": "bool", "operator": operator, "left": left, "right": right}


LEAVE_ID = {"kind": "ref", "entity": "LeaveRequest"}
CALLER: Expr = {**name("caller", {"kind": "ref", "entity": "accounts.User"}), "optional": True}


def field(type_: Type, **members: Any) -> Field:
    """A field; required unless said otherwise. Ids are given by ``service``."""
    return Field(id="", column="", type=type_, **{"present": True, **members})


def entity(table: str, owner: str, **members: Any) -> Entity:
    """An entity with the fields that every one has."""
    fields: dict[str, Field] = members.pop("fields")
    around = {
        "id": field(ref(owner), generated="id"),
        **fields,
        "created_at": field(MOMENT, generated="created"),
        "updated_at": field(MOMENT, generated="updated"),
        "version": field(WHOLE, generated="version"),
    }
    named = {key: replace(found, column=found.column or key) for key, found in around.items()}
    return Entity(id="", table=table, fields=named, **members)


def service(called: str, **members: Any) -> Plan:
    """A plan with stable ids."""
    plan = Plan(format=1, requires=members.pop("requires", ()), name=called, version="1.0.0", owner="team", **members)
    return assign_ids(plan, None)


def _readable(found: Entity, *but: str) -> tuple[str, ...]:
    return tuple(key for key in found.fields if key not in (*but, "version"))


def accounts_user() -> Entity:
    """What ``std/accounts`` stores about a person."""
    return entity(
        "accounts_user",
        "accounts.User",
        title="name",
        subject="id",
        component="accounts",
        unique=(("email",),),
        fields={
            "email": field(Type(kind="email", max=254), classes=("personal",)),
            "name": field(TEXT, classes=("personal",)),
            "password": field(Type(kind="text", max=500), classes=("secret",)),
            "roles": field(
                Type(kind="list", item=choice("employee", "manager", "hr"), max=20),
                default={"op": "list", "type": {"kind": "list", "item": "enum"}, "items": []},
            ),
            "manager": field(ref("accounts.User"), present=False),
        },
        on_delete={"manager": "clear"},
        grants=(Grant(principal="signed-in", action="read", fields=("id", "name")),),
    )


def accounts_component() -> Component:
    """The component itself, as it is configured."""
    return Component(
        use="std/accounts",
        version="1.0.0",
        digest="sha256:" + "1" * 64,
        module="archwright_std_accounts",
        distribution="archwright-std-accounts",
        config={"session": "cookie"},
        secrets=("session-key",),
        capabilities={
            "sign-in": Capability(
                input={"email": Type(kind="email"), "password": TEXT},
                output={"token": Type(kind="text", max=200)},
                required=("email", "password"),
                errors=("wrong-credentials",),
            )
        },
    )


def leave_requests() -> Plan:
    """Ask for leave, decide about it, keep the overview."""
    status = choice("pending", "approved", "rejected")
    user = {"kind": "ref", "entity": "accounts.User"}
    owner = this("LeaveRequest", "owner", user)
    own = compare(owner, "==", CALLER)
    reports = compare(member(owner, "accounts.User", "manager", user, optional=True), "==", CALLER)
    leave = entity(
        "leave_request",
        "LeaveRequest",
        label="Leave request",
        subject="owner",
        fields={
            "owner": field(ref("accounts.User"), default=CALLER, immutable=True, label="Employee"),
            "starts": field(DATE, label="First day"),
            "ends": field(DATE, label="Last day"),
            "reason": field(Type(kind="text", max=500), present=False, classes=("personal",)),
            "status": field(status, default=literal("pending")),
        },
        check=(
            Check(
                name="ends-after-start",
                says=compare(this("LeaveRequest", "ends", "date"), ">=", this("LeaveRequest", "starts", "date")),
            ),
        ),
        indexes=(("status",), ("starts",), ("ends",)),
        grants=(
            Grant(
                principal="employee",
                action="read",
                fields=("id", "owner", "starts", "ends", "reason", "status"),
                where=own,
            ),
            Grant(principal="employee", action="create", fields=("starts", "ends", "reason")),
            Grant(principal="employee", action="delete", where=own),
            Grant(
                principal="manager", action="read", fields=("id", "owner", "starts", "ends", "status"), where=reports
            ),
            Grant(principal="hr", action="read", fields=("id", "owner", "starts", "ends", "reason", "status")),
            Grant(principal="operation:DecideLeave", action="update", fields=("status",), where=reports),
        ),
        retention=Retention(days=1095, start=this("LeaveRequest", "ends", "date"), then="anonymise"),
    )
    entities = {"accounts.User": accounts_user(), "LeaveRequest": leave}
    operations = {
        **exposed(
            "LeaveRequest",
            leave,
            "/api/leave-requests",
            ("list", "get", "create", "delete"),
            ("employee", "manager", "hr"),
        ),
        "DecideLeave": _decide_leave(status),
        "accounts.sign-in": _sign_in(),
    }
    everything = Select(entity="LeaveRequest", columns=columns("LeaveRequest", leave, "id", "starts", "ends", "status"))
    return service(
        "leave-requests",
        requires=("accounts", "pages"),
        description="Ask for leave, decide about it, keep the overview.",
        settings={"smtp_host": Setting(type=TEXT, default="localhost")},
        components={"accounts": accounts_component()},
        identity=Identity(component="accounts", entity="accounts.User", sign_in="/sign-in"),
        roles={"employee": Role(), "manager": Role(includes=("employee",)), "hr": Role(clears=("personal",))},
        entities=entities,
        operations=operations,
        pages={
            "/": Page(
                title="My leave",
                navigation="My leave",
                access=(Access(role="employee"),),
                parts=(
                    Part(kind="form", operation="LeaveRequest.create", fields=("starts", "ends", "reason")),
                    Part(
                        kind="data-table",
                        select=everything,
                        actions=(PartAction(operation="LeaveRequest.delete", label="Withdraw"),),
                    ),
                ),
            ),
        },
        theme=Theme(name="Acme"),
    )


def _decide_leave(status: Type) -> Operation:
    return Operation(
        trigger=Trigger(kind="http", method="POST", path="/api/leave-requests/{id}/decision"),
        summary="Approve or reject a pending request of one's own report",
        access=(Access(role="manager"),),
        input=(
            Input(name="id", type=ref("LeaveRequest"), source="path", required=True),
            Input(name="verdict", type=choice("approved", "rejected"), required=True),
        ),
        steps=(
            Step(
                kind="update",
                entity="LeaveRequest",
                where=compare(this("LeaveRequest", "id", LEAVE_ID), "==", given("id", LEAVE_ID)),
                set=(Assign(field="status", value=given("verdict")),),
                refusal="already-decided",
                bind="leave",
            ),
        ),
        returns=Returns(
            body=name("leave", {"kind": "row", "entity": "LeaveRequest"}),
            type=Type(kind="row", entity="LeaveRequest"),
        ),
        failures={"already-decided": Failure(status=409, title="This request is not waiting for your decision")},
    )


def _sign_in() -> Operation:
    return Operation(
        trigger=Trigger(kind="http", method="POST", path="/api/session"),
        summary="Sign in",
        component="accounts",
        tier=0,
        access=(Access(role="anyone"),),
        rate=20,
        input=(
            Input(name="email", type=Type(kind="email", max=254), required=True, classes=("personal",)),
            Input(name="password", type=Type(kind="text", max=200), required=True, classes=("secret",)),
        ),
        steps=(Step(kind="call", capability="accounts.sign-in", bind="session"),),
        returns=Returns(status=204),
        failures={"wrong-credentials": Failure(status=401, title="E-mail or password are wrong")},
    )


def columns(owner: str, of: Entity, *keys: str) -> tuple[Column, ...]:
    """Columns that show fields as they are."""
    return tuple(
        Column(name=key, value=_shown(owner, of, key), type=of.fields[key].type, classes=of.fields[key].classes)
        for key in keys
    )


def _shown(owner: str, of: Entity, key: str) -> Expr:
    found = of.fields[key]
    optional = {} if found.present else {"optional": True}
    return this(owner, key, _node(found.type), **optional)


def _node(type_: Type) -> Any:
    if type_.entity is not None:
        return {"kind": type_.kind, "entity": type_.entity}
    return {"kind": type_.kind, "scale": type_.scale} if type_.scale is not None else type_.kind


def exposed(owner: str, of: Entity, path: str, kinds: tuple[str, ...], roles: tuple[str, ...]) -> dict[str, Operation]:
    """What ``expose`` expands to."""
    access = tuple(Access(role=role) for role in roles)
    readable = _readable(of)
    select = Select(entity=owner, columns=columns(owner, of, *readable), whole=True)
    identifier = Input(name="id", type=ref(owner), source="path", required=True)
    row = name("row", {"kind": "row", "entity": owner})
    body = Returns(body=row, type=Type(kind="row", entity=owner))
    writable = [key for key in readable if of.fields[key].generated is None and of.fields[key].computed is None]
    made = {
        "list": Operation(
            trigger=Trigger(kind="http", method="GET", path=path),
            steps=(
                Step(
                    kind="list",
                    select=replace(select, filters=filters(owner, of), sorts=_sorts(owner, of)),
                    bind="rows",
                ),
            ),
            returns=Returns(body=name("rows", {"kind": "rows", "entity": owner}), type=Type(kind="rows", entity=owner)),
        ),
        "get": Operation(
            trigger=Trigger(kind="http", method="GET", path=f"{path}/{{id}}"),
            input=(identifier,),
            steps=(
                Step(
                    kind="get",
                    select=select,
                    where=compare(this(owner, "id", _node(ref(owner))), "==", given("id", _node(ref(owner)))),
                    bind="row",
                ),
            ),
            returns=body,
        ),
        "create": Operation(
            trigger=Trigger(kind="http", method="POST", path=path),
            input=tuple(_created(of, key) for key in writable),
            steps=(Step(kind="create", entity=owner, bind="row"),),
            returns=replace(body, status=201, location=member(row, owner, "id")),
            idempotent=True,
        ),
        "update": Operation(
            trigger=Trigger(kind="http", method="PATCH", path=f"{path}/{{id}}"),
            input=(identifier, *(_updated(of, key) for key in writable if not of.fields[key].immutable)),
            steps=(Step(kind="update", entity=owner, bind="row"),),
            returns=body,
        ),
        "delete": Operation(
            trigger=Trigger(kind="http", method="DELETE", path=f"{path}/{{id}}"),
            input=(identifier,),
            steps=(Step(kind="delete", entity=owner),),
            returns=Returns(status=204),
        ),
    }
    return {
        f"{owner}.{kind}": replace(
            made[kind], access=access, entity=owner, action=kind, tier=2, summary=f"{kind} {owner}"
        )
        for kind in kinds
    }


def _created(of: Entity, key: str) -> Input:
    found = of.fields[key]
    needed = found.present and found.default is None
    return Input(name=key, type=found.type, required=needed, nullable=not found.present, classes=found.classes)


def _updated(of: Entity, key: str) -> Input:
    found = of.fields[key]
    return Input(name=key, type=found.type, nullable=not found.present, classes=found.classes)


def filters(owner: str, of: Entity) -> tuple[Filter, ...]:
    """One for each indexed field."""
    keys = [index[0] for index in of.indexes if of.fields[index[0]].type.kind != "json"]
    return tuple(
        Filter(name=key, operator="eq", value=_shown(owner, of, key), type=of.fields[key].type) for key in keys
    )


def _sorts(owner: str, of: Entity) -> tuple[Sort, ...]:
    return tuple(
        Sort(name=index[0], value=_shown(owner, of, index[0]), optional=not of.fields[index[0]].present)
        for index in of.indexes
    )


def helpdesk() -> Plan:
    """Tickets with comments, tags and attachments."""
    ticket = entity(
        "ticket",
        "Ticket",
        title="title",
        label="Ticket",
        fields={
            "number": field(WHOLE),
            "title": field(TEXT),
            "body": field(Type(kind="markdown", max=20_000), present=False),
            "priority": field(choice("low", "normal", "high"), default=literal("normal")),
            "author": field(ref("accounts.User")),
            "assignee": field(ref("accounts.User"), present=False),
            "budget": field(Type(kind="money", currency="EUR", scale=2, digits=12), present=False),
            "due": field(MOMENT, present=False),
            "effort": field(Type(kind="duration"), present=False),
            "open": field(Type(kind="bool"), default=literal(True, "bool")),
            "screenshot": field(Type(kind="image", max=1_000_000, media=("image/png", "image/jpeg")), present=False),
            "details": field(Type(kind="json", max=10_000), present=False),
            "heading": field(TEXT, computed=this("Ticket", "title"), present=True),
        },
        relations={
            "comments": Relation(entity="Comment", field="ticket"),
            "tags": Relation(entity="Tag", table="ticket_tags", near="near", far="far"),
        },
        unique=(("number",),),
        indexes=(("priority", "due"), ("due",)),
        on_delete={"assignee": "clear"},
        grants=_everything("signed-in", "title", "body", "priority", "assignee", "due", "open", "number"),
    )
    comment = entity(
        "comment",
        "Comment",
        fields={
            "ticket": field(ref("Ticket")),
            "body": field(Type(kind="markdown", max=5_000)),
            "attachment": field(Type(kind="file", max=5_000_000), present=False),
        },
        on_delete={"ticket": "cascade"},
        indexes=(("ticket", "created_at"),),
        grants=_everything("signed-in", "ticket", "body", "attachment"),
    )
    tag = entity(
        "tag",
        "Tag",
        title="name",
        fields={"name": field(Type(kind="slug", max=40))},
        unique=(("name",),),
        relations={"tickets": Relation(entity="Ticket", table="ticket_tags", near="far", far="near")},
        grants=_everything("signed-in", "name"),
    )
    every = ("list", "get", "create", "update", "delete")
    return service(
        "helpdesk",
        requires=("accounts", "files"),
        components={"accounts": accounts_component()},
        identity=Identity(component="accounts", entity="accounts.User"),
        roles={"employee": Role(), "manager": Role(), "hr": Role()},
        entities={"accounts.User": accounts_user(), "Ticket": ticket, "Comment": comment, "Tag": tag},
        links={"ticket_tags": Link(id="", near="Ticket", far="Tag")},
        operations={
            **exposed("Ticket", ticket, "/api/tickets", every, ("signed-in",)),
            **exposed("Comment", comment, "/api/comments", every, ("signed-in",)),
            **exposed("Tag", tag, "/api/tags", ("list", "get", "create"), ("anyone",)),
        },
    )


def _everything(principal: str, *fields: str) -> tuple[Grant, ...]:
    return (
        Grant(principal=principal, action="read", fields=("id", *fields, "created_at", "updated_at")),
        Grant(principal=principal, action="create", fields=fields),
        Grant(principal=principal, action="update", fields=fields),
        Grant(principal=principal, action="delete"),
    )
