"""The plan: what the assembler compiled and the runtime executes, as plain data.

The plan is the only thing that the two distributions share.
Its rules:

* It is canonical JSON: sorted keys, no floats, no clock, no locale.
* Every name in it is resolved, every shorthand expanded, every expression typed; the runtime never guesses.
* ``format`` counts incompatible changes, ``requires`` names the features a plan needs; an unknown one refuses to start.
* Unknown members are an error: a plan that says more than the runtime understands must not run.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

FORMAT = 1
FEATURES = frozenset({"accounts", "changed-within", "files", "jobs", "outbox", "pages", "traits"})

Expr = dict[str, Any]
"""A typed expression tree; see ``docs/reference/expression-tree.md``."""


class _Record(
    msgspec.Struct,
    forbid_unknown_fields=True,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
):
    """Common settings of every record of the plan."""


class Type(_Record, frozen=True):
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


class Field(_Record, frozen=True):
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


class Relation(_Record, frozen=True):
    """Rows of another entity that belong to a row: a reverse reference or a many-to-many link."""

    entity: str
    field: str | None = None
    """Reverse: the reference in ``entity`` that points here."""
    table: str | None = None
    """Many-to-many: the link table; with ``near`` pointing here and ``far`` pointing to ``entity``."""
    near: str | None = None
    far: str | None = None


class Grant(_Record, frozen=True):
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
    preset: dict[str, Expr] = {}
    """Values that the action always sets and clients never do."""


class Retention(_Record, frozen=True):
    """How long rows are kept, and what happens then."""

    days: int
    start: Expr
    then: Literal["delete", "anonymise"]


class Search(_Record, frozen=True):
    """The words of some fields, kept in an index so that rows are found by them."""

    name: str
    """Stable, and another one whenever the definition differs, so that two plans can run side by side."""
    fields: tuple[str, ...]
    """At most four; a row with all words in an earlier one comes first."""
    language: Literal["simple", "english"] = "simple"


class Entity(_Record, frozen=True):
    """One kind of row, its table and its permissions."""

    id: str
    table: str
    fields: dict[str, Field]
    relations: dict[str, Relation] = {}
    title: str | None = None
    """The field that names a row to people."""
    label: str | None = None
    subject: str | None = None
    check: tuple[Check, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    grants: tuple[Grant, ...] = ()
    on_delete: dict[str, Literal["refuse", "cascade", "clear"]] = {}
    """For each reference field of *this* entity: what happens to this row when the row it points to is deleted."""
    search: Search | None = None
    retention: Retention | None = None
    unheld: Expr | None = None
    """The rows that may be changed, deleted or anonymised: those that no hold keeps as they are."""
    part_of: str | None = None
    """A reference: whoever may not read the row that it points to, does not see this one."""
    component: str | None = None


class Check(_Record, frozen=True):
    """A condition that every stored row meets."""

    name: str
    says: Expr
    message: str | None = None


class Column(_Record, frozen=True):
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
    arguments: dict[str, Expr] = {}
    """call: what it is given, over ``this``."""
    take: str | None = None
    """call: which of its results this is."""


class Filter(_Record, frozen=True):
    """A query parameter that narrows a list, applied only when it is given."""

    name: str
    """The parameter, e.g. ``status`` or ``ends.gte``."""
    operator: Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "startsWith"]
    value: Expr
    """Over ``this``; compared with the parameter."""
    type: Type


class Sort(_Record, frozen=True):
    """A key to order by, over ``this``."""

    name: str
    value: Expr
    descending: bool = False
    optional: bool = False


class Select(_Record, frozen=True):
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


class Input(_Record, frozen=True):
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


class Assign(_Record, frozen=True):
    """A value that a write gives to a field."""

    field: str
    value: Expr
    given: str | None = None
    """Only when this optional input came at all (absent, null and value are three things)."""
    again: Expr | None = None
    """upsert: the value where the row is there already; over ``this``."""


class Message(_Record, frozen=True):
    """Values for an operation that a queue runs."""

    operation: str
    values: dict[str, Expr] = {}
    results: tuple[str, ...] = ()
    """Results of the effect that are given on under their names."""


class Step(_Record, frozen=True):
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
    arguments: dict[str, Expr] = {}
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


class Cookie(_Record, frozen=True):
    """A cookie that an answer sets (or clears, where the value is null)."""

    name: str
    value: Expr
    max_age: Expr | None = None


class Returns(_Record, frozen=True):
    """What an operation answers."""

    status: int = 200
    body: Expr | None = None
    """Absent: no body. A ``row`` or ``rows`` keeps the permissions with which it was read."""
    envelope: str | None = None
    """A list answers ``{"items": [...], "next": cursor}`` unless named otherwise; a single body is wrapped if named."""
    bare: bool = False
    """A list stands alone, without an envelope."""
    total: str | None = None
    """The member of a list's answer that always holds the number of all rows."""
    type: Type | None = None
    location: Expr | None = None
    headers: dict[str, Expr] = {}
    cookies: tuple[Cookie, ...] = ()
    file: Expr | None = None
    """A file value to stream; with its media type and name."""
    filename: Expr | None = None
    """The name under which a browser stores the answer."""
    media: str = "application/json"


class Paging(_Record, frozen=True):
    """How the list that an operation answers is read in parts."""

    by: Literal["cursor", "offset", "page", "none"] = "cursor"
    limit: str = "limit"
    """The names of the parameters."""
    offset: str = "offset"
    page: str = "page"
    cursor: str = "cursor"
    clamp: bool = False
    """A larger page than the largest is the largest one, instead of a failure."""


class Cache(_Record, frozen=True):
    """How long those who got an answer may keep it."""

    seconds: int
    shared: bool = False
    """Also proxies, for everybody."""


class Failure(_Record, frozen=True):
    """How a named failure looks on the wire."""

    status: int
    title: str | None = None
    detail: str | None = None


class Access(_Record, frozen=True):
    """Who may run an operation or see a page."""

    role: str
    when: Expr | None = None
    """Over ``caller`` alone, for predicate roles."""


class Signature(_Record, frozen=True):
    """How calls of another service are signed."""

    secret: str
    scheme: Literal["sha256", "stamped", "standard"]
    header: str
    tolerance: int = 300
    """Seconds between a signed time and the clock."""


class Trigger(_Record, frozen=True):
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


class Operation(_Record, frozen=True):
    """One thing that the service does."""

    trigger: Trigger
    access: tuple[Access, ...] = ()
    principal: str | None = None
    """For jobs: the role as which they run."""
    input: tuple[Input, ...] = ()
    media: tuple[str, ...] = ("application/json",)
    steps: tuple[Step, ...] = ()
    returns: Returns = Returns()
    failures: dict[str, Failure] = {}
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


class Part(_Record, frozen=True):
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
    config: dict[str, Any] = {}
    access: tuple[Access, ...] = ()


class PartAction(_Record, frozen=True):
    """A button beside a row or a record: runs an operation with that row's id."""

    operation: str
    label: str
    values: dict[str, Any] = {}
    """Inputs fixed by the button."""
    fields: tuple[str, ...] = ()
    """Inputs asked from the person."""
    danger: bool = False
    when: Expr | None = None
    """Shown only where this holds for the row."""


class Page(_Record, frozen=True):
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
    operations: dict[str, str] = {}
    component: str | None = None


class Egress(_Record, frozen=True):
    """What a component may reach outside."""

    hosts: tuple[str, ...] = ()
    """``api.example.org``, ``api.example.org:8443``, ``*.example.org``, or ``*`` for any public host."""


class Volume(_Record, frozen=True):
    """A directory that outlives the process and that every replica shares."""

    name: str
    path: Any
    """A constant, or ``{"$": {"setting": name}}``."""
    size: int


class Component(_Record, frozen=True):
    """One certified part as it is configured here."""

    use: str
    version: str
    digest: str
    module: str | None = None
    """The Python module that implements its capabilities; absent where it is data only."""
    distribution: str | None = None
    config: dict[str, Any] = {}
    """Values are constants or expression trees over ``settings`` (marked ``{"$": tree}``)."""
    secrets: tuple[str, ...] = ()
    optional_secrets: tuple[str, ...] = ()
    """May be missing: the service starts without them."""
    egress: dict[str, Egress] = {}
    """By the kind of effect: ``https`` for ``egress:https``."""
    capabilities: dict[str, Capability] = {}
    volumes: tuple[Volume, ...] = ()
    blobs: bool = False
    """It keeps the bytes of files, instead of the database."""
    credentials: bool = False
    """It recognises callers by credentials of its own, beside those of the identity."""


class Capability(_Record, frozen=True):
    """A typed ability that steps and views may use."""

    input: dict[str, Type] = {}
    output: dict[str, Type] = {}
    required: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    """Empty: pure."""
    errors: tuple[str, ...] = ()


class Role(_Record, frozen=True):
    """A named group of callers; ``includes`` are roles whose rights it has too (already closed over)."""

    includes: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    label: str | None = None


class Setting(_Record, frozen=True):
    """A value given at deployment."""

    type: Type
    default: Any = None
    """In wire form."""
    required: bool = False


class Link(_Record, frozen=True):
    """A many-to-many link table."""

    id: str
    near: str
    """Entity whose id the column ``near`` holds."""
    far: str


class Errors(_Record, frozen=True):
    """The shape of error answers."""

    shape: str = "problem"
    """``problem`` (RFC 9457), or a named other shape; ``custom`` is what ``body`` says."""
    body: Any = None
    """A body whose texts hold ``${code}``, ``${status}``, ``${title}``, ``${detail}``, ``${request}``, ``${message}``,
    ``${messages}``, ``${fields}`` or ``${problems}``."""
    failures: dict[str, Failure] = {}
    """How kinds of failures look, unless an operation says otherwise."""


class Wire(_Record, frozen=True):
    """How values look in requests and answers."""

    digits: int = 6
    """Behind the seconds of a datetime."""
    numbers: bool = False
    """Decimals and money are JSON numbers instead of text."""
    nulls: bool = False
    """A member that its reader may not see is null instead of absent."""


OURS = Wire()
"""How values look where no contract demands another form."""


class Identity(_Record, frozen=True):
    """Which component says who a caller is."""

    component: str
    entity: str
    """The accounts entity; ``caller`` is a reference to it."""
    roles: str | None = "roles"
    """Its list field of granted roles."""
    sign_in: str | None = None
    """The page that a person without a session is sent to."""


class Theme(_Record, frozen=True):
    """What the pages take from the architecture."""

    brand: str = "#0b5fff"
    name: str = ""
    logo: str | None = None


class Plan(_Record, frozen=True):
    """A whole service, compiled."""

    format: int
    requires: tuple[str, ...]
    name: str
    version: str
    owner: str
    settings: dict[str, Setting] = {}
    components: dict[str, Component] = {}
    identity: Identity | None = None
    roles: dict[str, Role] = {}
    entities: dict[str, Entity] = {}
    links: dict[str, Link] = {}
    operations: dict[str, Operation] = {}
    pages: dict[str, Page] = {}
    errors: Errors = Errors()
    wire: Wire = Wire()
    cors: tuple[str, ...] = ()
    theme: Theme = Theme()
    description: str | None = None


def decode(data: bytes) -> Plan:
    """Read a plan, refusing formats and features that this runtime does not know.

    Raises:
        PlanError: the bytes are not a plan, or a newer runtime is needed.
    """
    from .errors import PlanError

    try:
        plan = msgspec.json.decode(data, type=Plan)
    except msgspec.MsgspecError as error:
        raise PlanError(f"this is not a plan: {error}") from None
    if plan.format != FORMAT:
        raise PlanError(f"the plan has format {plan.format}; this runtime reads format {FORMAT}")
    unknown = sorted(set(plan.requires) - FEATURES)
    if unknown:
        raise PlanError(f"the plan needs features that this runtime lacks: {', '.join(unknown)}")
    return plan
