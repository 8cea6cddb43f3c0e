"""The compiled service as typed values; ``to_data`` turns it into what ``plan.json`` holds.

The runtime has its own reading of the same format and the two never import each other: golden plans, tested by both,
keep them equal.
Defaults are left out, names are sorted, and there are no floats, so the same plan is always the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

FORMAT = 1

OnDelete = Literal["refuse", "cascade", "clear"]

Expr = dict[str, Any]
"""A typed expression tree; see ``docs/reference/expression-tree.md``."""


@dataclass(frozen=True, kw_only=True)
class Type:
    """What values a field, an input or a setting may hold."""

    kind: str
    """text slug markdown html email url phone int decimal money bool date datetime duration uuid enum json list file
    image ref; for expressions also: row rows record null."""
    min: int | None = None
    max: int | None = None
    """text: code points; list: items; file, image, json: bytes."""
    low: int | None = None
    high: int | None = None
    """Bounds of an int, and of a decimal or money value in scaled units."""
    digits: int | None = None
    scale: int | None = None
    currency: str | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    item: Type | None = None
    entity: str | None = None
    media: tuple[str, ...] = ()

    @property
    def of_files(self) -> Type | None:
        """The type of the files that a value is or holds."""
        type = self.item if self.kind == "list" and self.item is not None else self
        return type if type.kind in ("file", "image") else None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One stored or computed value of an entity."""

    id: str
    """Stable across renames; kept in the lock."""
    column: str
    type: Type
    present: bool = False
    """Never null: required on create, or filled by a default."""
    default: Expr | None = None
    immutable: bool = False
    computed: Expr | None = None
    """Not stored: evaluated over ``this`` in the statement that reads it."""
    generated: Literal["id", "version", "created", "updated", "number"] | None = None
    """Filled by the runtime and by nobody else."""
    encrypted: bool = False
    classes: tuple[str, ...] = ()
    label: str | None = None
    help: str | None = None


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Rows of another entity that belong to a row: a reverse reference or a many-to-many link."""

    entity: str
    field: str | None = None
    """Reverse: the reference in ``entity`` that points here."""
    table: str | None = None
    """Many-to-many: the link table; with ``near`` pointing here and ``far`` pointing to ``entity``."""
    near: str | None = None
    far: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One row of the canonical permission table: who may do what, to which rows, with which columns."""

    principal: str
    """A role, ``anyone``, ``signed-in``, or ``operation:Name`` for rights held by an operation alone."""
    action: Literal["read", "create", "update", "delete"]
    fields: tuple[str, ...] = ()
    """read: readable fields; create and update: fields that may be given. Always written out; empty for delete."""
    where: Expr | None = None
    """Over ``this`` (the row before the action) and ``caller``; for create it has no meaning and is null."""
    check: Expr | None = None
    """Over ``this`` (the row after a create or update), ``old`` and ``caller``."""
    preset: dict[str, Expr] = field(default_factory=dict)
    """Values that the action always sets and clients never do."""


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long rows are kept, and what happens then."""

    days: int
    start: Expr
    then: Literal["delete", "anonymise"]


@dataclass(frozen=True, kw_only=True)
class Search:
    """The words of some fields, kept in an index so that rows are found by them."""

    name: str
    """Stable, and another one whenever the definition differs, so that two plans can run side by side."""
    fields: tuple[str, ...]
    """At most four; a row with all words in an earlier one comes first."""
    language: Literal["simple", "english"] = "simple"


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One kind of row, its table and its permissions."""

    id: str
    table: str
    fields: dict[str, Field]
    relations: dict[str, Relation] = field(default_factory=dict)
    title: str | None = None
    """The field that names a row to people."""
    label: str | None = None
    subject: str | None = None
    check: tuple[Check, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    grants: tuple[Grant, ...] = ()
    on_delete: dict[str, OnDelete] = field(default_factory=dict)
    """For each reference field of *this* entity: what happens to this row when the row it points to is deleted."""
    search: Search | None = None
    retention: Retention | None = None
    unheld: Expr | None = None
    """The rows that may be changed, deleted or anonymised: those that no hold keeps as they are."""
    part_of: str | None = None
    """A reference: whoever may not read the row that it points to, does not see this one."""
    component: str | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """A condition that every stored row meets."""

    name: str
    says: Expr
    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One member of a selected row: an expression over ``this``, nested rows, or what a pure capability gives."""

    name: str
    value: Expr | None = None
    rows: Select | None = None
    """Nested rows, as a list (or one record or null where ``rows.single``)."""
    classes: tuple[str, ...] = ()
    type: Type | None = None
    label: str | None = None
    call: str | None = None
    """A pure capability that makes the value after the statement, instead of ``value``."""
    arguments: dict[str, Expr] = field(default_factory=dict)
    """call: what it is given, over ``this``."""
    take: str | None = None
    """call: which of its results this is."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A query parameter that narrows a list, applied only when it is given."""

    name: str
    """The parameter, e.g. ``status`` or ``ends.gte``."""
    operator: Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "startsWith"]
    value: Expr
    """Over ``this``; compared with the parameter."""
    type: Type


@dataclass(frozen=True, kw_only=True)
class Sort:
    """A key to order by, over ``this``."""

    name: str
    value: Expr
    descending: bool = False
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Select:
    """One statement's worth of reading: rows of an entity, projected, nested, counted or grouped."""

    entity: str
    columns: tuple[Column, ...]
    via: str | None = None
    """Nested only: the relation or reference of the outer row that is followed."""
    single: bool = False
    where: Expr | None = None
    group: tuple[str, ...] = ()
    """Fields of ``this`` to group by; the other columns then hold aggregates over ``this``."""
    grouped: bool = False
    """Columns hold aggregates: one row per group, or one row in all where ``group`` is empty."""
    having: Expr | None = None
    filters: tuple[Filter, ...] = ()
    search: tuple[str, ...] = ()
    """Fields looked through by ``q``: for words where the entity has a ``search``, for parts of text elsewhere."""
    sorts: tuple[Sort, ...] = ()
    """Orders that a reader may choose."""
    order: tuple[Sort, ...] = ()
    """The order taken otherwise; ``id`` always breaks ties."""
    limit: int = 25
    """Rows per page when not asked otherwise; for nested rows the bound."""
    most: int = 200
    """The largest page that may be asked for."""
    flat: bool = False
    """A row is the value of its only column."""
    whole: bool = False
    """The columns are every field of the entity that the caller may read (what exposing an entity gives)."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """One value that an operation takes."""

    name: str
    type: Type
    source: Literal["path", "query", "header", "cookie", "body", "whole-body"] = "body"
    wire: str | None = None
    """The name on the wire where it differs."""
    required: bool = False
    nullable: bool = False
    default: Expr | None = None
    classes: tuple[str, ...] = ()
    label: str | None = None
    help: str | None = None


@dataclass(frozen=True, kw_only=True)
class Assign:
    """A value that a write gives to a field."""

    field: str
    value: Expr
    given: str | None = None
    """Only when this optional input came at all (absent, null and value are three things)."""
    again: Expr | None = None
    """upsert: the value where the row is there already; over ``this``."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """Values for an operation that a queue runs."""

    operation: str
    values: dict[str, Expr] = field(default_factory=dict)
    results: tuple[str, ...] = ()
    """Results of the effect that are given on under their names."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One straight-line step of an operation."""

    kind: Literal["get", "list", "create", "update", "delete", "upsert", "require", "call", "send", "value"]
    select: Select | None = None
    """get, list: what is read."""
    entity: str | None = None
    where: Expr | None = None
    set: tuple[Assign, ...] = ()
    key: tuple[str, ...] = ()
    """upsert: the unique fields that decide between create and update."""
    condition: Expr | None = None
    """require: what must hold; value: what is bound."""
    transform: str | None = None
    """value: what is done to it on the way: none, redact, mask, hash, truncate or count (a declassification)."""
    capability: str | None = None
    """call: ``component.capability`` under its name in this assembly."""
    arguments: dict[str, Expr] = field(default_factory=dict)
    when: Expr | None = None
    each: Expr | None = None
    """A bounded list; the step runs once for each, as ``item``."""
    refusal: str | None = None
    """The failure when nothing matched (or the requirement does not hold); else the built-in ``not-found``."""
    bind: str | None = None
    deferred: bool = False
    """call: an external effect, delivered through the outbox after the commit, at least once."""
    message: Message | None = None
    """send: what is written down, to be received after the commit."""
    at: Expr | None = None
    """send: not before this time."""
    once: Expr | None = None
    """send: a key; of messages with one key within a day, only the first is sent."""
    then: Message | None = None
    """call of an external effect: sent when it is done, with its results."""
    otherwise: Message | None = None
    """call of an external effect: sent when it is given up."""
    tier: int = 1


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie that an answer sets (or clears, where the value is null)."""

    name: str
    value: Expr
    max_age: Expr | None = None


@dataclass(frozen=True, kw_only=True)
class Returns:
    """What an operation answers."""

    status: int = 200
    body: Expr | None = None
    """Absent: no body. A ``row`` or ``rows`` keeps the permissions with which it was read."""
    envelope: str | None = None
    """A list answers ``{"items": [...], "next": cursor}`` unless named otherwise; a single body is wrapped then."""
    bare: bool = False
    """A list stands alone, without an envelope."""
    total: str | None = None
    """The member of a list's answer that always holds the number of all rows."""
    type: Type | None = None
    location: Expr | None = None
    headers: dict[str, Expr] = field(default_factory=dict)
    cookies: tuple[Cookie, ...] = ()
    file: Expr | None = None
    """A file value to stream; with its media type and name."""
    filename: Expr | None = None
    """The name under which a browser stores the answer."""
    media: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Paging:
    """How the list that an operation answers is read in parts."""

    by: Literal["cursor", "offset", "page", "none"] = "cursor"
    limit: str = "limit"
    """The names of the parameters."""
    offset: str = "offset"
    page: str = "page"
    cursor: str = "cursor"
    clamp: bool = False
    """A larger page than the largest is the largest one, instead of a failure."""


@dataclass(frozen=True, kw_only=True)
class Cache:
    """How long those who got an answer may keep it."""

    seconds: int
    shared: bool = False
    """Also proxies, for everybody."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How a named failure looks on the wire."""

    status: int
    title: str | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may run an operation or see a page."""

    role: str
    when: Expr | None = None
    """Over ``caller`` alone, for predicate roles."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """How calls of another service are signed."""

    secret: str
    scheme: Literal["sha256", "stamped", "standard"]
    header: str
    tolerance: int = 300
    """Seconds between a signed time and the clock."""


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What starts an operation."""

    kind: Literal["http", "schedule", "changed", "queue", "internal"]
    method: str | None = None
    path: str | None = None
    """``/api/tickets/{id}``."""
    every: int | None = None
    """Seconds."""
    cron: str | None = None
    queue: str | None = None
    """The queue in which messages to the operation are counted."""
    attempts: int | None = None
    """queue: how often a message is tried."""
    wait: int | None = None
    """queue: seconds before the second attempt; doubled each time."""
    signature: Signature | None = None
    """http: the caller is another service that signs."""
    entity: str | None = None
    actions: tuple[str, ...] = ()
    where: Expr | None = None
    within: bool = False
    """changed: in the transaction of the change, instead of after its commit."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that the service does."""

    trigger: Trigger
    access: tuple[Access, ...] = ()
    principal: str | None = None
    """For jobs: the role as which they run."""
    input: tuple[Input, ...] = ()
    media: tuple[str, ...] = ("application/json",)
    steps: tuple[Step, ...] = ()
    returns: Returns = Returns()
    failures: dict[str, Failure] = field(default_factory=dict)
    body_limit: int = 1_048_576
    rate: int | None = None
    """Requests per minute and caller."""
    remember: int | None = None
    """Seconds for which an answer is given again to the same caller for the same question."""
    seconds: int | None = None
    """When it is given up."""
    paging: Paging | None = None
    """Of a list; by cursor and by offset, with a total on demand, where absent."""
    cache: Cache | None = None
    idempotent: bool = False
    """Honours an ``Idempotency-Key``."""
    lenient: bool = False
    """Unknown members of the body are ignored instead of refused."""
    wrapped: str | None = None
    """The body is an object with this one member, which holds the values."""
    tier: int = 1
    summary: str | None = None
    description: str | None = None
    component: str | None = None
    entity: str | None = None
    """The entity that it exposes, for pages and documentation."""
    public: str | None = None
    """Why anonymous callers may write with it."""
    action: str | None = None
    """list, get, create, update or delete, where it is one of the expanded operations."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One visible part of a page."""

    kind: str
    """data-table, form, detail, stat, bar-chart, text, links, or a part that a component brings."""
    title: str | None = None
    select: Select | None = None
    """What it shows; run with the caller's rights."""
    operation: str | None = None
    """What it submits."""
    fields: tuple[str, ...] = ()
    link: str | None = None
    """A row's own page, e.g. ``/tickets/{id}``."""
    actions: tuple[PartAction, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    access: tuple[Access, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartAction:
    """A button beside a row or a record: runs an operation with that row's id."""

    operation: str
    label: str
    values: dict[str, Any] = field(default_factory=dict)
    """Inputs fixed by the button."""
    fields: tuple[str, ...] = ()
    """Inputs asked from the person."""
    danger: bool = False
    when: Expr | None = None
    """Shown only where this holds for the row."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One address that people open."""

    title: str
    layout: str = "app-shell"
    access: tuple[Access, ...] = ()
    navigation: str | None = None
    """Its label in the navigation; absent: not listed."""
    order: int = 0
    """Its place in the navigation, as the document lists the pages."""
    parts: tuple[Part, ...] = ()
    entity: str | None = None
    """For ``/tickets/{id}``: the entity whose id the path holds."""
    operations: dict[str, str] = field(default_factory=dict)
    component: str | None = None


@dataclass(frozen=True, kw_only=True)
class Egress:
    """What a component may reach outside."""

    hosts: tuple[str, ...] = ()
    """``api.example.org``, ``api.example.org:8443``, ``*.example.org``, or ``*`` for any public host."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A directory that outlives the process and that every replica shares."""

    name: str
    path: Any
    """A constant, or ``{"$": {"setting": name}}``."""
    size: int


@dataclass(frozen=True, kw_only=True)
class Component:
    """One certified part as it is configured here."""

    use: str
    version: str
    digest: str
    module: str | None = None
    """The Python module that implements its capabilities; absent where it is data only."""
    distribution: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    """Values are constants or expression trees over ``settings`` (marked ``{"$": tree}``)."""
    secrets: tuple[str, ...] = ()
    optional_secrets: tuple[str, ...] = ()
    """May be missing: the service starts without them."""
    egress: dict[str, Egress] = field(default_factory=dict)
    """By the kind of effect: ``https`` for ``egress:https``."""
    capabilities: dict[str, Capability] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    blobs: bool = False
    """It keeps the bytes of files, instead of the database."""
    credentials: bool = False
    """It recognises callers by credentials of its own, beside those of the identity."""


@dataclass(frozen=True, kw_only=True)
class Capability:
    """A typed ability that steps and views may use."""

    input: dict[str, Type] = field(default_factory=dict)
    output: dict[str, Type] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    """Empty: pure."""
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Role:
    """A named group of callers; ``includes`` are roles whose rights it has too (already closed over)."""

    includes: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A value given at deployment."""

    type: Type
    default: Any = None
    """In wire form."""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """A many-to-many link table."""

    id: str
    near: str
    """Entity whose id the column ``near`` holds."""
    far: str


@dataclass(frozen=True, kw_only=True)
class Errors:
    """The shape of error answers."""

    shape: str = "problem"
    """``problem`` (RFC 9457), or a named other shape; ``custom`` is what ``body`` says."""
    body: Any = None
    """A body whose texts hold ``${code}``, ``${status}``, ``${title}``, ``${detail}``, ``${request}``, ``${message}``,
    ``${messages}``, ``${fields}`` or ``${problems}``."""
    failures: dict[str, Failure] = field(default_factory=dict)
    """How kinds of failures look, unless an operation says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Wire:
    """How values look in requests and answers."""

    digits: int = 6
    """Behind the seconds of a datetime."""
    numbers: bool = False
    """Decimals and money are JSON numbers instead of text."""
    nulls: bool = False
    """A member that its reader may not see is null instead of absent."""


OURS = Wire()
"""How values look where no contract demands another form."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which component says who a caller is."""

    component: str
    entity: str
    """The accounts entity; ``caller`` is a reference to it."""
    roles: str | None = "roles"
    """Its list field of granted roles."""
    sign_in: str | None = None
    """The page that a person without a session is sent to."""


@dataclass(frozen=True, kw_only=True)
class Theme:
    """What the pages take from the architecture."""

    brand: str = "#0b5fff"
    name: str = ""
    logo: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole service, compiled."""

    format: int
    requires: tuple[str, ...]
    name: str
    version: str
    owner: str
    settings: dict[str, Setting] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    identity: Identity | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    errors: Errors = Errors()
    wire: Wire = Wire()
    cors: tuple[str, ...] = ()
    theme: Theme = Theme()
    description: str | None = None


def to_data(value: Any) -> Any:
    """The plain data of a plan or of a part of it, without members that hold their default."""
    if dataclasses.is_dataclass(value):
        return {f.name: to_data(v) for f in dataclasses.fields(value) if (v := getattr(value, f.name)) != _default(f)}
    if isinstance(value, dict):
        return {key: to_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_data(item) for item in value]
    return value


def _default(member: dataclasses.Field[Any]) -> Any:
    if member.default_factory is not dataclasses.MISSING:
        return member.default_factory()
    return member.default


def canonical(data: Any) -> bytes:
    """Canonical JSON: sorted keys, no insignificant space, UTF-8, a line feed at the end."""
    return (
        json.dumps(
            data,
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
            allow_nan=False,
        ).encode()
        + b"\n"
    )
