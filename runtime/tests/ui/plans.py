"""A plan written by hand: a helpdesk small enough to read and wide enough to show every part."""

from __future__ import annotations

from typing import Any

from archwright_runtime.plan import (
    Access,
    Assign,
    Capability,
    Column,
    Component,
    Cookie,
    Entity,
    Failure,
    Field,
    Filter,
    Grant,
    Identity,
    Input,
    Operation,
    Page,
    Part,
    PartAction,
    Plan,
    Relation,
    Returns,
    Role,
    Select,
    Sort,
    Step,
    Theme,
    Trigger,
    Type,
)
from archwright_runtime.ui import trees

TEXT = Type(kind="text", max=120)
STATUS = Type(kind="enum", values=("open", "in_progress", "solved"))
PRIORITY = Type(kind="enum", values=("low", "normal", "urgent"))
PERSON = Type(kind="ref", entity="accounts.User")
SIGNED_IN = (Access(role="signed-in"),)
AGENT = (Access(role="agent"),)
ANYONE = (Access(role="anyone"),)


def _id() -> Field:
    return Field(id="id", column="id", type=Type(kind="text", max=22), present=True, generated="id")


def _built_in() -> dict[str, Field]:
    moment = Type(kind="datetime")
    return {
        "id": _id(),
        "version": Field(id="version", column="version", type=Type(kind="int"), present=True, generated="version"),
        "created_at": Field(id="created_at", column="created_at", type=moment, present=True, generated="created"),
        "updated_at": Field(id="updated_at", column="updated_at", type=moment, present=True, generated="updated"),
    }


def _field(name: str, type: Type, **more: Any) -> Field:
    return Field(id=name, column=name, type=type, **more)


def literal(value: Any, kind: str) -> dict[str, Any]:
    """A constant."""
    return {"op": "literal", "type": kind, "value": value}


def given(name: str, kind: Any) -> dict[str, Any]:
    """``input.name``."""
    record = {"op": "name", "type": "record", "name": "input"}
    return {"op": "field", "type": kind, "of": record, "field": name}


_PERSON_NODE = {"kind": "ref", "entity": "accounts.User"}
CALLER = {"op": "name", "type": _PERSON_NODE, "name": "caller", "optional": True}

USER = Entity(
    id="User",
    table="accounts_user",
    title="name",
    label="Person",
    component="accounts",
    fields={
        **_built_in(),
        "email": _field("email", Type(kind="email"), present=True),
        "name": _field("name", TEXT, present=True),
        "roles": _field(
            "roles",
            Type(kind="list", item=Type(kind="text", max=40), max=20),
            present=True,
            default=literal("[]", "json"),
        ),
    },
    grants=(Grant(principal="signed-in", action="read", fields=("id", "name")),),
)

TICKET_FIELDS = {
    **_built_in(),
    "subject": _field("subject", TEXT, present=True),
    "description": _field("description", Type(kind="markdown", max=4000)),
    "status": _field("status", STATUS, present=True, default=literal("open", "enum")),
    "priority": _field("priority", PRIORITY, present=True, default=literal("normal", "enum")),
    "reporter": _field("reporter", PERSON, present=True, default=CALLER, immutable=True),
    "assignee": _field("assignee", PERSON),
    "due": _field("due", Type(kind="date"), help="When it has to be solved."),
    "cost": _field("cost", Type(kind="money", currency="EUR", scale=2, digits=12)),
    "effort": _field("effort", Type(kind="duration")),
    "billable": _field("billable", Type(kind="bool"), present=True, default=literal(False, "bool")),
}
_READABLE = tuple(name for name in TICKET_FIELDS if name != "version")
_WRITABLE = ("subject", "description", "priority", "assignee", "due", "cost", "effort", "billable")

TICKET = Entity(
    id="Ticket",
    table="ticket",
    title="subject",
    fields=TICKET_FIELDS,
    relations={
        "comments": Relation(entity="Comment", field="ticket"),
        "attachments": Relation(entity="Attachment", field="ticket"),
    },
    grants=(
        Grant(principal="agent", action="read", fields=_READABLE),
        Grant(
            principal="signed-in",
            action="read",
            fields=tuple(name for name in _READABLE if name != "cost"),
            where={
                "op": "compare",
                "type": "bool",
                "operator": "==",
                "left": {
                    "op": "field",
                    "type": {"kind": "ref", "entity": "accounts.User"},
                    "of": trees.this("Ticket"),
                    "field": "reporter",
                    "entity": "Ticket",
                },
                "right": CALLER,
            },
        ),
        Grant(principal="signed-in", action="create", fields=("subject", "description", "priority")),
        Grant(principal="agent", action="create", fields=_WRITABLE),
        Grant(principal="agent", action="update", fields=(*_WRITABLE, "status")),
        Grant(principal="agent", action="delete"),
    ),
)

COMMENT = Entity(
    id="Comment",
    table="comment",
    fields={
        **_built_in(),
        "ticket": _field("ticket", Type(kind="ref", entity="Ticket"), present=True),
        "author": _field("author", PERSON, present=True, default=CALLER),
        "body": _field("body", Type(kind="text", max=2000), present=True),
    },
    grants=(
        Grant(principal="signed-in", action="read", fields=("id", "ticket", "author", "body", "created_at")),
        Grant(principal="signed-in", action="create", fields=("ticket", "body")),
    ),
    on_delete={"ticket": "cascade"},
)

DOCUMENT = Type(kind="file", max=100_000, media=("text/plain", "application/pdf"))
ATTACHMENT = Entity(
    id="Attachment",
    table="attachment",
    fields={
        **_built_in(),
        "ticket": _field("ticket", Type(kind="ref", entity="Ticket"), present=True),
        "document": _field("document", DOCUMENT, present=True),
    },
    grants=(
        Grant(principal="agent", action="read", fields=("id", "ticket", "document", "created_at")),
        Grant(
            principal="signed-in",
            action="read",
            fields=("id", "ticket", "document", "created_at"),
            where={
                "op": "compare",
                "type": "bool",
                "operator": "==",
                "left": {
                    "op": "field",
                    "type": _PERSON_NODE,
                    "of": {
                        "op": "field",
                        "type": {"kind": "ref", "entity": "Ticket"},
                        "of": trees.this("Attachment"),
                        "field": "ticket",
                        "entity": "Attachment",
                    },
                    "field": "reporter",
                    "entity": "Ticket",
                },
                "right": CALLER,
            },
        ),
        Grant(principal="signed-in", action="create", fields=("ticket", "document")),
    ),
    on_delete={"ticket": "cascade"},
)

ENTITIES = {"accounts.User": USER, "Ticket": TICKET, "Comment": COMMENT, "Attachment": ATTACHMENT}
_DRAFT = Plan(format=1, requires=(), name="helpdesk", version="1.0.0", owner="team", entities=ENTITIES)


def column(entity: str, name: str) -> Column:
    """A field as it is."""
    return Column(name=name, value=trees.field(_DRAFT, entity, name), type=ENTITIES[entity].fields[name].type)


def columns(entity: str, *names: str) -> tuple[Column, ...]:
    """Fields as they are."""
    return tuple(column(entity, name) for name in names)


def _filter(name: str, field: str, operator: Any) -> Filter:
    return Filter(
        name=name, operator=operator, value=trees.field(_DRAFT, "Ticket", field), type=TICKET_FIELDS[field].type
    )


def _sort(name: str, **more: Any) -> Sort:
    return Sort(name=name, value=trees.field(_DRAFT, "Ticket", name), optional=not TICKET_FIELDS[name].present, **more)


BOARD = Select(
    entity="Ticket",
    columns=columns("Ticket", "id", "subject", "status", "priority", "assignee", "due", "cost", "created_at"),
    filters=(
        _filter("status", "status", "eq"),
        _filter("assignee", "assignee", "eq"),
        _filter("due.gte", "due", "ge"),
        _filter("due.lte", "due", "le"),
    ),
    search=("subject",),
    sorts=(_sort("subject"), _sort("due"), _sort("created_at")),
    order=(_sort("created_at", descending=True),),
    limit=5,
)

_WHOLE = columns("Ticket", *_READABLE)


def _inputs(entity: Entity, names: tuple[str, ...], *, required: bool) -> tuple[Input, ...]:
    made = []
    for name in names:
        field = entity.fields[name]
        made.append(
            Input(
                name=name,
                type=field.type,
                required=required and field.present and field.default is None,
                nullable=not field.present,
                default=field.default if required and field.default and field.default["op"] == "literal" else None,
            )
        )
    return tuple(made)


_PATH = Input(name="id", type=Type(kind="text", max=64), source="path", required=True)


def _where_id(entity: str) -> dict[str, Any]:
    return {
        "op": "compare",
        "type": "bool",
        "operator": "==",
        "left": trees.field(_DRAFT, entity, "id"),
        "right": given("id", {"kind": "ref", "entity": entity}),
    }


def _row(name: str, entity: str) -> dict[str, Any]:
    return {"op": "name", "type": {"kind": "row", "entity": entity}, "name": name}


def _http(method: str, path: str) -> Trigger:
    return Trigger(kind="http", method=method, path=path)


def _assign(entity: Entity, names: tuple[str, ...], *, given_only: tuple[str, ...]) -> tuple[Assign, ...]:
    return tuple(
        Assign(
            field=name,
            value=given(name, _node(entity.fields[name].type)),
            given=name if name in given_only else None,
        )
        for name in names
    )


def _node(type: Type) -> Any:
    if type.kind in ("decimal", "money"):
        return {"kind": type.kind, "scale": type.scale or 0}
    if type.kind == "ref":
        return {"kind": "ref", "entity": type.entity}
    if type.kind == "list":
        return {"kind": "list", "item": _node(type.item or TEXT)}
    return type.kind


def _create(name: str, entity: Entity, path: str, names: tuple[str, ...], **more: Any) -> Operation:
    inputs = _inputs(entity, names, required=True)
    optional = tuple(entry.name for entry in inputs if not entry.required)
    return Operation(
        trigger=_http("POST", path),
        access=more.pop("access", SIGNED_IN),
        input=inputs,
        steps=(Step(kind="create", entity=name, set=_assign(entity, names, given_only=optional), bind="row"),),
        returns=Returns(status=201, body=_row("row", name)),
        idempotent=True,
        entity=name,
        action="create",
        **more,
    )


OPERATIONS = {
    "Ticket.create": _create("Ticket", TICKET, "/api/tickets", ("subject", "description", "priority")),
    "Ticket.get": Operation(
        trigger=_http("GET", "/api/tickets/{id}"),
        access=SIGNED_IN,
        input=(_PATH,),
        steps=(
            Step(
                kind="get",
                select=Select(entity="Ticket", columns=_WHOLE, where=_where_id("Ticket"), whole=True, limit=1),
                bind="row",
            ),
        ),
        returns=Returns(body=_row("row", "Ticket")),
        entity="Ticket",
        action="get",
    ),
    "Ticket.update": Operation(
        trigger=_http("PATCH", "/api/tickets/{id}"),
        access=AGENT,
        input=(_PATH, *_inputs(TICKET, (*_WRITABLE, "status"), required=False)),
        steps=(
            Step(
                kind="update",
                entity="Ticket",
                where=_where_id("Ticket"),
                set=_assign(TICKET, (*_WRITABLE, "status"), given_only=(*_WRITABLE, "status")),
                bind="row",
            ),
        ),
        returns=Returns(body=_row("row", "Ticket")),
        entity="Ticket",
        action="update",
    ),
    "Ticket.delete": Operation(
        trigger=_http("DELETE", "/api/tickets/{id}"),
        access=AGENT,
        input=(_PATH,),
        steps=(Step(kind="delete", entity="Ticket", where=_where_id("Ticket")),),
        returns=Returns(status=204),
        entity="Ticket",
        action="delete",
    ),
    "Solve": Operation(
        trigger=_http("POST", "/api/tickets/{id}/solution"),
        access=AGENT,
        input=(_PATH, Input(name="answer", type=Type(kind="text", max=2000), required=True, label="Answer")),
        steps=(
            Step(
                kind="update",
                entity="Ticket",
                where={
                    "op": "and",
                    "type": "bool",
                    "args": [
                        _where_id("Ticket"),
                        {
                            "op": "compare",
                            "type": "bool",
                            "operator": "!=",
                            "left": trees.field(_DRAFT, "Ticket", "status"),
                            "right": literal("solved", "enum"),
                        },
                    ],
                },
                set=(Assign(field="status", value=literal("solved", "enum")),),
                refusal="already-solved",
                bind="row",
            ),
            Step(
                kind="create",
                entity="Comment",
                set=(
                    Assign(field="ticket", value=given("id", {"kind": "ref", "entity": "Ticket"})),
                    Assign(field="body", value=given("answer", "text")),
                ),
            ),
        ),
        returns=Returns(body=_row("row", "Ticket")),
        failures={"already-solved": Failure(status=409, title="Somebody has solved this already")},
    ),
    "Comment.create": _create("Comment", COMMENT, "/api/comments", ("ticket", "body")),
    "Attachment.create": _create(
        "Attachment", ATTACHMENT, "/api/attachments", ("ticket", "document"), media=("multipart/form-data",)
    ),
    "accounts.SignIn": Operation(
        trigger=_http("POST", "/api/accounts/sign-in"),
        access=ANYONE,
        input=(
            Input(name="email", type=Type(kind="text", max=254), required=True, label="E-mail address"),
            Input(
                name="password", type=Type(kind="text", max=200), required=True, label="Password", classes=("secret",)
            ),
        ),
        steps=(
            Step(
                kind="call",
                capability="accounts.sign_in",
                arguments={"email": given("email", "text"), "password": given("password", "text")},
                bind="session",
            ),
        ),
        returns=Returns(
            cookies=(
                Cookie(
                    name="session",
                    value={
                        "op": "field",
                        "type": "text",
                        "of": {"op": "name", "type": "record", "name": "session"},
                        "field": "token",
                    },
                    max_age=literal(3600, "int"),
                ),
            ),
        ),
        failures={"wrong-credentials": Failure(status=401, title="The e-mail address or the password is wrong")},
        component="accounts",
    ),
    "accounts.SignOut": Operation(
        trigger=_http("POST", "/api/accounts/sign-out"),
        access=ANYONE,
        steps=(Step(kind="call", capability="accounts.sign_out"),),
        returns=Returns(status=204, cookies=(Cookie(name="session", value=literal(None, "null")),)),
        component="accounts",
    ),
}

_STATUS_COLUMN = column("Ticket", "status")
_COUNT = {"op": "aggregate", "type": "int", "function": "count"}
BY_STATUS = Select(
    entity="Ticket",
    columns=(_STATUS_COLUMN, Column(name="tickets", value=_COUNT, type=Type(kind="int"), label="Tickets")),
    group=("status",),
    grouped=True,
    order=(Sort(name="status", value=_STATUS_COLUMN.value or {}),),
)
TOTALS = Select(
    entity="Ticket",
    columns=(Column(name="tickets", value=_COUNT, type=Type(kind="int"), label="All tickets"),),
    grouped=True,
)
_NOT_SOLVED = {
    "op": "compare",
    "type": "bool",
    "operator": "!=",
    "left": trees.field(_DRAFT, "Ticket", "status"),
    "right": literal("solved", "enum"),
}

PAGES = {
    "/": Page(
        title="Tickets",
        navigation="Tickets",
        access=SIGNED_IN,
        parts=(
            Part(
                kind="form",
                title="Report a problem",
                operation="Ticket.create",
                fields=("subject", "priority", "description"),
                config={"submit": "Send"},
            ),
            Part(
                kind="data-table",
                title="All tickets",
                select=BOARD,
                link="/tickets/{id}",
                actions=(PartAction(operation="Ticket.delete", label="Delete", danger=True, when=_NOT_SOLVED),),
                config={"empty": "Nobody has reported anything."},
            ),
        ),
    ),
    "/tickets/{id}": Page(
        title="Ticket",
        entity="Ticket",
        access=SIGNED_IN,
        parts=(
            Part(
                kind="detail",
                select=Select(
                    entity="Ticket",
                    columns=columns(
                        "Ticket",
                        *("subject", "status", "priority", "reporter", "assignee", "due", "cost", "effort"),
                        *("billable", "created_at", "description"),
                    ),
                ),
                actions=(
                    PartAction(operation="Solve", label="Solve", fields=("answer",), when=_NOT_SOLVED),
                    PartAction(operation="Ticket.delete", label="Delete", danger=True),
                ),
            ),
            Part(
                kind="data-table",
                title="Conversation",
                select=Select(
                    entity="Comment",
                    columns=columns("Comment", "author", "body", "created_at"),
                    order=(Sort(name="created_at", value=trees.field(_DRAFT, "Comment", "created_at")),),
                ),
                config={"row": "ticket", "empty": "No reply yet."},
            ),
            Part(
                kind="form",
                title="Reply",
                operation="Comment.create",
                fields=("body",),
                config={"row": "ticket", "submit": "Reply", "message": "Your reply was added."},
            ),
            Part(
                kind="data-table",
                title="Attachments",
                select=Select(entity="Attachment", columns=columns("Attachment", "document", "created_at")),
                config={"row": "ticket", "empty": "Nothing attached."},
            ),
            Part(
                kind="form",
                title="Attach a file",
                operation="Attachment.create",
                fields=("document",),
                config={"row": "ticket", "submit": "Attach"},
            ),
        ),
    ),
    "/tickets/{id}/edit": Page(
        title="Edit",
        entity="Ticket",
        access=AGENT,
        parts=(Part(kind="form", title="Edit ticket", operation="Ticket.update", config={"success": "/tickets/{id}"}),),
    ),
    "/overview": Page(
        title="Overview",
        navigation="Overview",
        access=AGENT,
        parts=(
            Part(kind="stat", select=TOTALS, config={"values": {"Tickets in all": "tickets"}}),
            Part(
                kind="bar-chart",
                title="Tickets by status",
                select=BY_STATUS,
                config={"label": "status", "value": "tickets"},
            ),
            Part(kind="text", title="About", config={"text": "Counted **now**."}),
        ),
    ),
    "/sign-in": Page(
        title="Sign in",
        layout="plain",
        access=ANYONE,
        component="accounts",
        parts=(
            Part(kind="form", operation="accounts.SignIn", config={"submit": "Sign in", "success": "/"}),
            Part(kind="links", config={"links": [{"to": "/overview", "label": "For agents"}, {"to": "/sign-in"}]}),
        ),
    ),
}

HELPDESK = Plan(
    format=1,
    requires=("accounts", "files", "pages"),
    name="helpdesk",
    version="1.0.0",
    owner="team-support",
    identity=Identity(component="accounts", entity="accounts.User", sign_in="/sign-in"),
    roles={"agent": Role(label="Agent")},
    entities=ENTITIES,
    operations=OPERATIONS,
    pages=PAGES,
    components={
        "accounts": Component(
            use="test/accounts",
            version="1.0.0",
            digest="sha256:0",
            module="runtime.tests.ui.people",
            capabilities={
                "sign_in": Capability(
                    input={"email": Type(kind="text"), "password": Type(kind="text")},
                    output={"token": Type(kind="text")},
                    effects=("persistence",),
                    errors=("wrong-credentials",),
                ),
                "sign_out": Capability(effects=("persistence",)),
            },
        )
    },
    theme=Theme(brand="#0b5fff", name="Helpdesk"),
)
