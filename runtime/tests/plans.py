"""Plans written by hand: leave requests, and a help desk with nested rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archwright_runtime.plan import (
    FORMAT,
    Access,
    Assign,
    Check,
    Column,
    Entity,
    Expr,
    Field,
    Filter,
    Grant,
    Input,
    Link,
    Operation,
    Plan,
    Relation,
    Returns,
    Role,
    Select,
    Sort,
    Step,
    Trigger,
    Type,
)
from runtime.tests import trees

TEXT = Type(kind="text", max=500)
DATE = Type(kind="date")
INT = Type(kind="int", low=0, high=1_000)
STATUS = Type(kind="enum", values=("pending", "approved", "rejected"))
_GENERATED: dict[str, tuple[str, Type]] = {
    "created_at": ("created", Type(kind="datetime")),
    "updated_at": ("updated", Type(kind="datetime")),
    "version": ("version", Type(kind="int")),
}


def ref(entity: str) -> Type:
    """A reference."""
    return Type(kind="ref", entity=entity)


def entity(name: str, fields: dict[str, Field], **rest: Any) -> Entity:
    """An entity with the fields that every one has."""
    own = {"id": Field(id=f"{name}.id", column="id", type=ref(name), generated="id")}
    made: dict[str, Field] = {
        key: Field(id=f"{name}.{key}", column=key, type=type, generated=generated)  # type: ignore[arg-type]
        for key, (generated, type) in _GENERATED.items()
    }
    return Entity(id=name, table=name.lower(), fields={**own, **fields, **made}, **rest)


def stored(name: str, type: Type, **rest: Any) -> Field:
    """A stored field; ``name`` is ``Entity.field``."""
    return Field(id=name, column=name.rpartition(".")[2], type=type, **rest)


def present(name: str, type: Type, **rest: Any) -> Field:
    """A stored field that is never absent."""
    return stored(name, type, present=True, **rest)


@dataclass
class Builder:
    """A plan while it is put together."""

    entities: dict[str, Entity]
    roles: tuple[str, ...]
    links: dict[str, Link] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    def plan(self, **rest: Any) -> Plan:
        """The whole."""
        return Plan(
            format=FORMAT, requires=(), name="test", version="1.0.0", owner="nobody", entities=self.entities,
            roles={name: Role() for name in self.roles}, links=self.links, operations=self.operations, **rest,
        )  # fmt: skip

    def grant(self, entity: str, *grants: Grant) -> None:
        """Add grants to an entity."""
        import msgspec

        before = self.entities[entity]
        self.entities[entity] = msgspec.structs.replace(before, grants=(*before.grants, *grants))

    def of(self, entity: str, path: str, name: str = "this") -> Expr:
        """A path from a row."""
        return trees.of(self.entities, entity, path, name)

    def names(self, entity: str) -> tuple[str, ...]:
        """Every field and relation of an entity."""
        return (*self.entities[entity].fields, *self.entities[entity].relations)

    def column(self, entity: str, path: str, name: str | None = None) -> Column:
        """A member that is a path."""
        value = self.of(entity, path)
        return Column(name=name or path, value=value)

    def whole(self, entity: str, **rest: Any) -> Select:
        """Every field."""
        fields = [name for name, one in self.entities[entity].fields.items() if one.generated != "version"]
        columns = tuple(self.column(entity, name) for name in fields)
        return Select(entity=entity, columns=columns, whole=True, **rest)

    def by_id(self, entity: str) -> Expr:
        """The row that the path names."""
        return trees.equal(self.of(entity, "id"), trees.given("id", ref(entity)))

    def filter(self, entity: str, name: str, operator: str = "eq") -> Filter:
        """A filter over a field."""
        key = name if operator == "eq" else f"{name}.{operator}"
        type = self.entities[entity].fields[name].type
        return Filter(name=key, operator=operator, value=self.of(entity, name), type=type)  # type: ignore[arg-type]

    def sort(self, entity: str, path: str, descending: bool = False) -> Sort:
        """An order by a path."""
        value = self.of(entity, path)
        return Sort(name=path, value=value, descending=descending, optional=bool(value.get("optional")))

    def add(self, name: str, *steps: Step, access: tuple[str, ...], **rest: Any) -> None:
        """An operation."""
        roles = tuple(Access(role=role) for role in access)
        trigger = rest.pop("trigger", Trigger(kind="internal"))
        self.operations[name] = Operation(trigger=trigger, access=roles, steps=steps, **rest)

    def expose(self, entity: str, *, access: tuple[str, ...], fields: tuple[str, ...], **listing: Any) -> None:
        """List, get, create, update and delete."""
        id = Input(name="id", type=ref(entity), source="path", required=True)
        row, rows = trees.row("row", entity), trees.rows("rows", entity)
        inputs = tuple(self._input(entity, name) for name in fields)
        given = tuple(Assign(field=one.name, value=trees.given(one.name, one.type), given=one.name) for one in inputs)
        where = self.by_id(entity)
        get = Step(kind="get", select=self.whole(entity, where=where, single=True), bind="row")
        self.add(f"{entity}.get", get, access=access, input=(id,), returns=Returns(body=row))
        step = Step(kind="list", select=self.whole(entity, **listing), bind="rows")
        self.add(f"{entity}.list", step, access=access, returns=Returns(body=rows))
        create = Step(kind="create", entity=entity, set=given, bind="row")
        self.add(f"{entity}.create", create, access=access, input=inputs, idempotent=True,
                 returns=Returns(status=201, body=row))  # fmt: skip
        update = Step(kind="update", entity=entity, where=where, set=given, bind="row")
        self.add(f"{entity}.update", update, access=access, input=(id, *inputs), returns=Returns(body=row))
        delete = Step(kind="delete", entity=entity, where=where)
        self.add(f"{entity}.delete", delete, access=access, input=(id,), returns=Returns(status=204))

    def _input(self, entity: str, name: str) -> Input:
        owner = self.entities[entity]
        if name in owner.relations:
            item = ref(owner.relations[name].entity)
            return Input(name=name, type=Type(kind="list", item=item, max=100))
        field = owner.fields[name]
        return Input(name=name, type=field.type, nullable=not field.present)


def leave_requests() -> Builder:
    """Employees ask for leave, their managers decide, HR keeps the overview."""
    users = entity(
        "User",
        {
            "name": present("User.name", TEXT),
            "email": present("User.email", Type(kind="email", max=200)),
            "manager": stored("User.manager", ref("User")),
        },
        unique=(("email",),),
    )
    leave = entity(
        "Leave",
        {
            "owner": present("Leave.owner", ref("User"), default=trees.caller(), immutable=True),
            "starts": present("Leave.starts", DATE),
            "ends": present("Leave.ends", DATE),
            "reason": stored("Leave.reason", TEXT),
            "status": present("Leave.status", STATUS, default=trees.literal("pending", "enum")),
        },
        indexes=(("owner",), ("status",)),
    )
    made = Builder({"User": users, "Leave": leave}, ("employee", "manager", "hr"))
    this = lambda path: made.of("Leave", path)  # noqa: E731
    check = Check(name="ends-after-start", says=trees.compare(this("ends"), ">=", this("starts")))
    import msgspec

    made.entities["Leave"] = msgspec.structs.replace(leave, check=(check,))
    own = trees.equal(this("owner"), trees.caller())
    report = trees.equal(this("owner.manager"), trees.caller())
    pending = trees.equal(this("status"), trees.literal("pending", "enum"))
    shown = ("id", "owner", "starts", "ends", "status", "created_at")
    given = ("starts", "ends", "reason")
    made.grant(
        "Leave",
        Grant(principal="employee", action="read", where=own, fields=made.names("Leave")),
        Grant(principal="employee", action="create", fields=given),
        Grant(principal="employee", action="update", where=trees.both(own, pending), fields=given),
        Grant(principal="employee", action="delete", where=trees.both(own, pending)),
        Grant(principal="manager", action="read", where=report, fields=shown),
        Grant(principal="operation:Decide", action="update", where=trees.both(pending, report), fields=("status",)),
        Grant(principal="hr", action="read", fields=made.names("Leave")),
    )
    made.grant("User", Grant(principal="signed-in", action="read", fields=("id", "name")))
    everybody = ("employee", "manager", "hr")
    made.expose(
        "Leave", access=everybody, fields=given,
        filters=(made.filter("Leave", "status"), made.filter("Leave", "reason"), made.filter("Leave", "ends", "ge"),
                 made.filter("Leave", "status", "in")),
        sorts=(made.sort("Leave", "starts"), made.sort("Leave", "reason"), made.sort("Leave", "owner.name")),
        search=("reason", "status"),
    )  # fmt: skip
    made.add(
        "Decide",
        Step(
            kind="update",
            entity="Leave",
            where=made.by_id("Leave"),
            set=(Assign(field="status", value=trees.given("verdict", STATUS)),),
            refusal="already-decided",
            bind="leave",
        ),
        access=("manager",),
        input=(
            Input(name="id", type=ref("Leave"), source="path", required=True),
            Input(name="verdict", type=STATUS, required=True),
        ),
        returns=Returns(body=trees.row("leave", "Leave")),
    )
    return made


def help_desk() -> Builder:
    """Tickets with comments and tags; internal comments are for agents."""
    users = entity("User", {"name": present("User.name", TEXT), "phone": stored("User.phone", TEXT)})
    tickets = entity(
        "Ticket",
        {
            "title": present("Ticket.title", TEXT),
            "reporter": present("Ticket.reporter", ref("User"), default=trees.caller()),
            "assignee": stored("Ticket.assignee", ref("User")),
            "votes": present("Ticket.votes", INT, default=trees.literal(0)),
            "price": stored("Ticket.price", Type(kind="decimal", digits=10, scale=2)),
        },
        relations={
            "comments": Relation(entity="Comment", field="ticket"),
            "tags": Relation(entity="Tag", table="ticket_tags", near="near", far="far"),
        },
        on_delete={"assignee": "clear"},
    )
    comments = entity(
        "Comment",
        {
            "ticket": present("Comment.ticket", ref("Ticket")),
            "author": present("Comment.author", ref("User"), default=trees.caller()),
            "body": present("Comment.body", TEXT),
            "internal": present("Comment.internal", Type(kind="bool"), default=trees.literal(False)),
        },
        on_delete={"ticket": "cascade"},
    )
    tags = entity("Tag", {"name": present("Tag.name", TEXT)}, unique=(("name",),))
    made = Builder(
        {"User": users, "Ticket": tickets, "Comment": comments, "Tag": tags},
        ("customer", "agent"),
        {"ticket_tags": Link(id="ticket_tags", near="Ticket", far="Tag")},
    )
    this = lambda path: made.of("Ticket", path)  # noqa: E731
    public = trees.equal(made.of("Comment", "internal"), trees.literal(False))
    mine = trees.equal(this("reporter"), trees.caller())
    all_tickets = made.names("Ticket")
    made.grant(
        "Ticket",
        Grant(principal="agent", action="read", fields=all_tickets),
        Grant(principal="agent", action="create", fields=("title", "assignee", "tags", "votes", "price")),
        Grant(principal="agent", action="update", fields=("title", "assignee", "tags", "votes", "price")),
        Grant(principal="agent", action="delete"),
        Grant(principal="customer", action="read", where=mine, fields=("id", "title", "assignee", "tags", "votes")),
        Grant(principal="customer", action="create", fields=("title", "tags")),
    )
    made.grant(
        "Comment",
        Grant(principal="agent", action="read", fields=made.names("Comment")),
        Grant(principal="customer", action="read", where=public, fields=("id", "ticket", "author", "body")),
        Grant(principal="agent", action="create", fields=("ticket", "body", "internal")),
    )
    made.grant("Tag", Grant(principal="agent", action="create", fields=("name",)))
    made.grant("Tag", Grant(principal="signed-in", action="read", fields=made.names("Tag")))
    made.grant(
        "User",
        Grant(principal="agent", action="read", fields=made.names("User")),
        Grant(principal="customer", action="read", fields=("id", "name")),
    )
    card = Select(
        entity="Ticket",
        columns=(
            made.column("Ticket", "id"),
            made.column("Ticket", "title"),
            made.column("Ticket", "price"),
            made.column("Ticket", "assignee.name", "assigned_to"),
            Column(name="said", value=trees.size(this("comments"))),
            Column(
                name="assignee",
                rows=Select(
                    entity="User",
                    via="assignee",
                    single=True,
                    columns=(made.column("User", "name"), made.column("User", "phone")),
                ),
            ),
            Column(
                name="comments",
                rows=Select(
                    entity="Comment",
                    via="comments",
                    columns=(
                        made.column("Comment", "body"),
                        made.column("Comment", "created_at"),
                        made.column("Comment", "internal"),
                        Column(
                            name="author",
                            rows=Select(
                                entity="User", via="author", single=True, columns=(made.column("User", "name"),)
                            ),
                        ),
                    ),
                    order=(made.sort("Comment", "body"),),
                    limit=3,
                ),
            ),
            Column(
                name="tags",
                rows=Select(
                    entity="Tag", via="tags", columns=(made.column("Tag", "name"),), order=(made.sort("Tag", "name"),)
                ),
            ),
        ),
        order=(made.sort("Ticket", "title"),),
    )
    made.add("Cards", Step(kind="list", select=card, bind="rows"), access=("customer", "agent"),
             returns=Returns(body=trees.rows("rows", "Ticket")))  # fmt: skip
    made.expose("Ticket", access=("customer", "agent"), fields=("title", "assignee", "tags", "votes", "price"))
    made.expose("Comment", access=("customer", "agent"), fields=("ticket", "body", "internal"))
    made.expose("Tag", access=("agent",), fields=("name",))
    return made
