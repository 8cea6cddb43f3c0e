"""Operations: what starts them, what they take, their straight-line steps, what they answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Discriminator, Tag
from pydantic import Field as Key

from archwright.diagnostics import did_you_mean, nearest

from .entities import listed
from .model import TAG, Problem, Sugared
from .typed import Typed
from .words import (
    ROUTE,
    CapabilityName,
    Count,
    EntityReference,
    Expression,
    FieldName,
    Flag,
    KebabName,
    LongText,
    MediaType,
    PageSize,
    Period,
    Principal,
    Route,
    Size,
    Status,
    Text,
    UrlPath,
    bad,
)

__all__ = ["Changed", "Cookie", "Declassify", "Failure", "Input", "Limits", "Operation", "Patch", "Returns",
           "Schedule", "Step", "Trigger", "Webhook"]  # fmt: skip

_CRON_PART = re.compile(
    r"(?:\*|[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?(?:,(?:[0-9]{1,2}(?:-[0-9]{1,2})?)(?:/[0-9]{1,2})?)*"
)
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class Schedule(Sugared):
    """When an operation runs by itself."""

    NOUN: ClassVar[str] = "schedule"

    every: Period | None = Key(None, description="The time between two runs, such as `1h`.")
    cron: str | None = Key(None, description="Five parts in UTC: minute, hour, day, month, weekday; `30 3 * * 1`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, dict):
            one_of(data, ("every", "cron"), "schedule", problems)
            if isinstance(data.get("cron"), str) and not _is_cron(data["cron"]):
                problems.append(
                    bad("a cron schedule of five numeric parts, such as `30 3 * * 1`", data["cron"]).below("cron")
                )
        return data


def _is_cron(text: str) -> bool:
    parts = text.split()
    return len(parts) == 5 and all(
        _CRON_PART.fullmatch(part) and all(low <= int(number) <= high for number in re.findall(r"(?<!/)\b\d+", part))
        for part, (low, high) in zip(parts, _CRON_RANGES, strict=True)
    )


Name = TypeVar("Name", bound=str)
Problems = list[Problem]


def one_of(data: dict[str, Any], keys: tuple[Name, ...], noun: str, problems: list[Problem]) -> Name | None:
    """Return the one of ``keys`` that is given; report when it is none or several."""
    given = [key for key in keys if key in data]
    if len(given) == 1:
        return given[0]
    expected = "exactly one of " + ", ".join(f"`{key}`" for key in keys)
    if given:
        names = " and ".join(f"`{key}`" for key in given)
        problems.append(Problem(
            name="conflicting-keys", message=f"a {noun} has {names}", expected=expected, found=names, at=(given[1],), key=True
        ))  # fmt: skip
    else:
        problems.append(_none_of(data, keys, noun, expected))
    return given[0] if given else None


def _none_of(data: dict[str, Any], keys: Sequence[str], noun: str, expected: str) -> Problem:
    for key in data:
        meant = nearest(str(key), keys)
        if meant is not None:
            return Problem(name="missing-key", message=f"a {noun} says what it is by one of its keys", expected=expected,
                           found=f"`{key}`", hint=f"did you mean `{meant}`?", at=(key,), key=True)  # fmt: skip
    return Problem(name="missing-key", message=f"a {noun} says what it is by one of its keys", expected=expected,
                   found=", ".join(f"`{key}`" for key in data) or "nothing", key=True)  # fmt: skip


class Changed(Sugared):
    """A change of a row as a trigger."""

    NOUN: ClassVar[str] = "trigger"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The entity, for any change."},)

    entity: EntityReference = Key(description="Whose rows are watched.")
    when: Literal["create", "update", "delete", "any"] = Key("any", description="Which change.")
    where: Expression | None = Key(None, description="Only rows for which this holds; knows `old`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"entity": data} if isinstance(data, str) else data


class Webhook(Sugared):
    """A signed call of another service as a trigger."""

    NOUN: ClassVar[str] = "webhook"

    path: UrlPath = Key(description="Where the other service calls.")
    secret: KebabName = Key(description="The name of the secret that signs the calls; never its value.")
    header: str = Key(
        "X-Signature-256", pattern=r"^[A-Za-z0-9-]{1,60}$", description="The header that holds the signature."
    )


_TRIGGERS = ("http", "schedule", "changed", "queue", "webhook")


class Trigger(Sugared):
    """What starts an operation."""

    NOUN: ClassVar[str] = "trigger"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "pattern": f"^{ROUTE}$"},)

    http: Route | None = Key(
        None, description="A request: a method and a path, such as `POST /api/tickets/{id}/close`."
    )
    schedule: Schedule | None = Key(None, description="The clock.")
    changed: Changed | None = Key(None, description="A change of a row, after it is committed.")
    queue: KebabName | None = Key(None, description="A message in this queue.")
    webhook: Webhook | None = Key(None, description="A signed call of another service.")

    @property
    def kind(self) -> str:
        """Which of the keys is given."""
        return next(kind for kind in _TRIGGERS if getattr(self, kind) is not None)

    @property
    def method(self) -> str | None:
        """The HTTP method."""
        return self.http.split()[0] if self.http else ("POST" if self.webhook else None)

    @property
    def path(self) -> str | None:
        """The path of the route."""
        return self.http.split()[1] if self.http else (self.webhook.path if self.webhook else None)

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, str):
            return {"http": data}
        if isinstance(data, dict):
            one_of(data, _TRIGGERS, "trigger", problems)
        return data


class Input(Typed):
    """One value that an operation takes."""

    NOUN: ClassVar[str] = "input"
    NEEDS_TYPE: ClassVar[bool] = False

    from_: Literal["path", "query", "header", "body", "form", "cookie", "file"] | None = Key(
        None,
        description="Where it comes from; by the route otherwise: path parameters, then the query of GET, then the body.",
    )
    name: str | None = Key(None, min_length=1, max_length=100, description="Its name on the wire where it differs.")
    required: Flag | None = Key(None, description="Whether it must come; the same as `!` after the type.")
    nullable: Flag = Key(False, description="Whether null may be sent, which is not the same as nothing.")
    default: Any = Key(None, description="The value where none comes.")
    class_: tuple[KebabName, ...] = Key((), description="Data classes of the value.")
    label: Text | None = Key(None, description="What people see as its name.")
    help: Text | None = Key(None, description="One sentence beside the form field.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        data = super().prepare(data, problems)
        return listed(data, "class") if isinstance(data, dict) else data


_PATCH = re.compile(r"\s*patch\(\s*(?P<entity>[A-Za-z_.][\w.]*)\s*(?::\s*(?P<fields>[\w\s,]*))?\)\s*")


class Patch(Sugared):
    """An input derived from an entity: only members that came are written."""

    NOUN: ClassVar[str] = "patch"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "pattern": r"^patch\(.*\)$"},)

    entity: EntityReference = Key(description="Whose fields are taken.")
    fields: tuple[FieldName, ...] = Key((), description="Which fields; all that may be changed where none is named.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if not isinstance(data, str):
            return data
        match = _PATCH.fullmatch(data) if len(data) <= 2000 else None
        if match is None:
            problems.append(bad("inputs by name, or `patch(Entity: field, field)`", data))
            return {"entity": "Unknown"}
        names = [name.strip() for name in (match["fields"] or "").split(",") if name.strip()]
        return {"entity": match["entity"], "fields": names}


def _input_kind(value: Any) -> str:
    return f"{TAG}patch" if isinstance(value, (str, Patch)) else f"{TAG}inputs"


Inputs = Annotated[
    Annotated[dict[FieldName, Input], Tag(f"{TAG}inputs")] | Annotated[Patch, Tag(f"{TAG}patch")],
    Discriminator(_input_kind),
]


class Declassify(Sugared):
    """A named lowering of what a value is labelled with."""

    NOUN: ClassVar[str] = "declassification"

    value: Expression = Key(description="The value, under its labels.")
    to: tuple[KebabName, ...] = Key(description="The data classes that remain.")
    why: LongText = Key(description="The reason; it is listed in the summary and subject to approval.")
    transform: Literal["none", "redact", "mask", "hash", "truncate", "count"] = Key(
        description="What is done to the value on the way."
    )


StepKind = Literal["get", "list", "create", "update", "delete", "upsert", "require", "call", "declassify"]
_READING = ("where", "when", "each", "else", "as", "view")
_STEP_KEYS: dict[StepKind, tuple[str, ...]] = {
    "get": _READING,
    "list": (*_READING, "sort", "limit"),
    "create": ("set", "when", "each", "else", "as"),
    "update": ("where", "set", "when", "each", "else", "as"),
    "delete": ("where", "when", "each", "else", "as"),
    "upsert": ("key", "set", "when", "each", "else", "as"),
    "require": ("when", "each", "else"),
    "call": ("when", "each", "else", "as"),
    "declassify": ("when", "as"),
}
STEP_KINDS: tuple[StepKind, ...] = tuple(_STEP_KEYS)


def _values_kind(value: Any) -> str:
    return f"{TAG}text" if isinstance(value, str) else f"{TAG}values"


Values = Annotated[
    Annotated[dict[FieldName, Any], Tag(f"{TAG}values")] | Annotated[str, Tag(f"{TAG}text")],
    Discriminator(_values_kind),
]


class Step(Sugared):
    """One certified capability or one write."""

    NOUN: ClassVar[str] = "step"

    get: EntityReference | None = Key(None, description="Read one row of this entity.")
    list: EntityReference | None = Key(None, description="Read rows of this entity.")
    create: EntityReference | None = Key(None, description="Add a row to this entity.")
    update: EntityReference | None = Key(None, description="Change rows of this entity.")
    delete: EntityReference | None = Key(None, description="Remove rows of this entity.")
    upsert: EntityReference | None = Key(None, description="Add a row, or change the one with the same key.")
    require: Expression | None = Key(None, description="Go on only if this holds.")
    call: CapabilityName | None = Key(
        None, description="Use a capability, such as `mail.send`; other keys are its arguments."
    )
    declassify: Declassify | None = Key(None, description="Lower the labels of a value, by name and with a reason.")
    where: Expression | None = Key(None, description="Which rows.")
    set: Values | None = Key(
        None, description="The values that are written, by field; or `${input}` for all that came."
    )
    when: Expression | None = Key(None, description="Run the step only if this holds.")
    each: Expression | None = Key(None, description="Run the step once for each of a bounded list, as `item`.")
    else_: KebabName | None = Key(None, description="The failure when no row matches or the condition does not hold.")
    as_: FieldName | None = Key(None, description="The name of the result for later steps.")
    limit: PageSize | None = Key(None, description="How many rows at most.")
    sort: tuple[str, ...] = Key((), description="The order: field names, with `-` before those that descend.")
    view: str | None = Key(None, description="The view through which rows are read.")
    key: tuple[FieldName, ...] = Key((), description="upsert: the unique fields that decide.")
    arguments: dict[str, Any] = Key({}, description="call: what the capability is given.")

    @property
    def kind(self) -> StepKind:
        """What the step does."""
        return next(kind for kind in STEP_KINDS if getattr(self, kind) is not None)

    @property
    def target(self) -> str:
        """The entity, condition or capability of the step."""
        value = getattr(self, self.kind)
        return value.value if isinstance(value, Declassify) else str(value)

    @classmethod
    def prepare(cls, data: Any, problems: Problems) -> Any:
        if not isinstance(data, dict):
            return data
        kind = one_of(data, STEP_KINDS, "step", problems)
        if kind is None:
            return {}
        allowed = (*STEP_KINDS, *_STEP_KEYS[kind])
        other = [key for key in data if key not in allowed]
        known = {key: value for key, value in data.items() if key in allowed}
        if kind == "call":
            return {**known, "arguments": {key: data[key] for key in other}}
        problems.extend(_foreign(kind, key) for key in other)
        return listed(known, "sort", "key")


def _foreign(kind: StepKind, key: str) -> Problem:
    keys = _STEP_KEYS[kind]
    return Problem(
        name="unknown-key", message=f"a `{kind}` step has no key `{key}`", found=f"`{key}`", at=(key,), key=True,
        expected="one of " + ", ".join(f"`{each}`" for each in keys), hint=did_you_mean(key, keys),
    )  # fmt: skip


class Cookie(Sugared):
    """A cookie that an answer sets."""

    NOUN: ClassVar[str] = "cookie"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": ["string", "null"]},)

    value: str | None = Key(description="The value; null clears it.")
    max_age: Period | None = Key(None, description="How long a browser keeps it.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"value": data} if data is None or isinstance(data, str) else data


class Returns(Sugared):
    """What an operation answers."""

    NOUN: ClassVar[str] = "answer"

    status: Status | None = Key(None, description="The HTTP status; 200, 201 after a create, or 204 without a body.")
    body: Any = Key(None, description="The body: an expression such as `${ticket}`, or a mapping of them.")
    headers: dict[str, str] = Key({}, description="Headers, whose values may hold expressions.")
    cookies: dict[str, Cookie] = Key({}, description="Cookies that are set.")
    redirect: str | None = Key(None, description="Where a browser goes next.")
    media: MediaType | None = Key(None, description="The media type of the body; JSON otherwise.")
    file: str | None = Key(None, description="The file value that is sent, such as `${ticket.attachment}`.")
    filename: str | None = Key(None, description="The name under which a browser stores the answer.")
    envelope: FieldName | None = Key(None, description="The one member of the body that holds the result.")
    total: FieldName | None = Key(None, description="The member that holds the number of all rows.")


class Failure(Sugared):
    """How a named failure looks on the wire."""

    NOUN: ClassVar[str] = "failure"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "integer", "minimum": 400, "maximum": 599},)

    status: Annotated[int, Key(ge=400, le=599, strict=True)] = Key(description="The HTTP status.")
    title: Text | None = Key(None, description="What the failure is called.")
    detail: Text | None = Key(None, description="One sentence for people.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"status": data} if isinstance(data, int) and not isinstance(data, bool) else data


class Limits(Sugared):
    """Bounds of one operation."""

    NOUN: ClassVar[str] = "limit"

    body: Size | None = Key(None, description="The largest body, such as `1MB`.")
    rate: Count | None = Key(None, description="Requests per minute and caller.")


class Operation(Sugared):
    """One thing that the service does, in one transaction."""

    NOUN: ClassVar[str] = "operation"

    trigger: Trigger | None = Key(None, description="What starts it; may come from the contract.")
    access: tuple[Principal, ...] = Key(
        (), description="The roles that may run it; `anyone` and `signed-in` are built in."
    )
    as_: KebabName | None = Key(None, description="The role as which it runs when no person started it.")
    input: Inputs = Key({}, description="What it takes: inputs by name, or `patch(Entity: field, ...)`.")
    steps: tuple[Step, ...] = Key((), max_length=100, description="What it does, in order.")
    returns: Returns | None = Key(None, description="What it answers.")
    failures: dict[KebabName, Failure] = Key({}, description="Its named failures, with their status.")
    limits: Limits | None = Key(None, description="Its bounds.")
    idempotent: Flag | None = Key(
        None, description="Honours an `Idempotency-Key`; creates do so unless told otherwise."
    )
    summary: Text | None = Key(None, description="One sentence for the API's documentation.")
    description: LongText | None = Key(None, description="More about it.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return listed(data, "access") if isinstance(data, dict) else data
