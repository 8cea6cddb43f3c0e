"""Operations: what starts them, what they take, their steps, what they answer."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Tag
from pydantic import Field as Key

from .model import TAG, Problem, Sugared
from .steps import Step
from .triggers import Trigger
from .typed import Typed
from .words import (
    Count,
    EntityReference,
    FieldName,
    Flag,
    KebabName,
    LongText,
    MediaType,
    PageSize,
    Period,
    Principal,
    Size,
    Status,
    Text,
    WireName,
    bad,
)


class Input(Typed):
    """One value that an operation takes."""

    NOUN: ClassVar[str] = "input"
    NEEDS_TYPE: ClassVar[bool] = False
    SINGLE: ClassVar[tuple[str, ...]] = ("class",)
    NULLABLE: ClassVar[tuple[str, ...]] = ("default",)

    from_: Literal["path", "query", "header", "body", "whole-body", "form", "cookie", "file"] | None = Key(
        None,
        description="Where it comes from; otherwise the path, then the query of a GET, then the body. "
        "`whole-body` is the body itself, such as a file, a text or a list.",
    )
    name: str | None = Key(None, min_length=1, max_length=100, description="Its name on the wire where it differs.")
    required: Flag | None = Key(None, description="Whether it must come; the same as `!` after the type.")
    nullable: Flag = Key(False, description="Whether null may be sent, which is not the same as nothing.")
    default: Any = Key(None, description="The value where none comes.")
    class_: tuple[KebabName, ...] = Key((), description="Data classes of the value.")
    label: Text | None = Key(None, description="What people see as its name.")
    help: Text | None = Key(None, description="One sentence beside the form field.")


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


class Cookie(Sugared):
    """A cookie that an answer sets."""

    NOUN: ClassVar[str] = "cookie"
    NULLABLE: ClassVar[tuple[str, ...]] = ("value",)
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": ["string", "null"]},)

    value: str | None = Key(description="The value; null clears it.")
    max_age: Period | None = Key(None, description="How long a browser keeps it.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"value": data} if data is None or isinstance(data, str) else data


class Returns(Sugared):
    """What an operation answers."""

    NOUN: ClassVar[str] = "answer"
    NULLABLE: ClassVar[tuple[str, ...]] = ("body",)

    status: Status | None = Key(None, description="The HTTP status; 200, or 204 without a body, unless said otherwise.")
    body: Any = Key(None, description="The body: an expression such as `${ticket}`, or a mapping of them.")
    headers: dict[str, str] = Key({}, description="Headers, whose values may hold expressions.")
    cookies: dict[str, Cookie] = Key({}, description="Cookies that are set.")
    redirect: str | None = Key(None, description="Where a browser goes next.")
    media: MediaType | None = Key(None, description="The media type of the body; JSON otherwise.")
    file: str | None = Key(None, description="The file value that is sent, such as `${ticket.attachment}`.")
    filename: str | None = Key(None, description="The name under which a browser stores the answer.")
    envelope: WireName | Literal[False] | None = Key(
        None, description="The one member of the body that holds the result; `false` for a list that stands alone."
    )
    total: WireName | None = Key(None, description="A list's member that holds the number of all rows.")


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


class Accepts(Sugared):
    """What the body of a request looks like, where a contract demands another form than ours."""

    NOUN: ClassVar[str] = "`accepts`"
    SINGLE: ClassVar[tuple[str, ...]] = ("media",)

    envelope: WireName | None = Key(None, description="The one member of the body that holds the inputs.")
    unknown: Literal["refuse", "ignore"] | None = Key(
        None, description="What happens to members and parameters that the operation does not know."
    )
    media: tuple[MediaType, ...] = Key(
        (), max_length=20, description="The media types of the body; JSON and forms unless written here."
    )


class PageNames(Sugared):
    """What the parameters of a list are called."""

    NOUN: ClassVar[str] = "`names`"

    limit: WireName | None = Key(None, description="How many rows.")
    offset: WireName | None = Key(None, description="How many rows are skipped.")
    page: WireName | None = Key(None, description="Which page, counted from 1.")
    cursor: WireName | None = Key(None, description="Where the page before ended.")


class Paging(Sugared):
    """How a list is read in parts."""

    NOUN: ClassVar[str] = "`paging`"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"enum": ["cursor", "offset", "page", "none"]},)

    by: Literal["cursor", "offset", "page", "none"] = Key(
        "cursor", description="By an opaque cursor, by skipped rows, by the number of a page, or not at all."
    )
    size: PageSize | None = Key(None, description="Rows per page unless the reader asks otherwise.")
    most: PageSize | None = Key(None, description="The largest page; never above the architecture's bound.")
    above: Literal["refuse", "clamp"] = Key(
        "refuse", description="What happens when more is asked for: a failure, or the largest page."
    )
    names: PageNames | None = Key(None, description="The names of the parameters where they differ.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"by": data} if isinstance(data, str) else data


class Cache(Sugared):
    """How long an answer may be kept by those who got it."""

    NOUN: ClassVar[str] = "`cache`"

    for_: Period = Key(description="How long, such as `60s`.")
    shared: Flag = Key(False, description="Whether proxies may keep what somebody got who did not sign in.")


class Limits(Sugared):
    """Bounds of one operation."""

    NOUN: ClassVar[str] = "`limits`"

    body: Size | None = Key(None, description="The largest body, such as `1MB`.")
    rate: Count | None = Key(None, description="Requests per minute and caller.")
    time: Period | None = Key(None, description="How long it may take before it is given up with 504.")


class Operation(Sugared):
    """One thing that the service does, in one transaction."""

    NOUN: ClassVar[str] = "operation"
    SINGLE: ClassVar[tuple[str, ...]] = ("access",)

    trigger: Trigger | None = Key(None, description="What starts it; may come from the contract.")
    contract: Text | None = Key(
        None, description="The operation of the contract that it fulfils: an `operationId`, or a method and a path."
    )
    access: tuple[Principal, ...] = Key(
        (), description="The roles that may run it; `anyone` and `signed-in` are built in."
    )
    as_: KebabName | None = Key(None, description="The role as which it runs when no person started it.")
    public: LongText | None = Key(None, description="Why anybody may run it although it writes; listed in the summary.")
    input: Inputs = Key({}, description="What it takes: inputs by name, or `patch(Entity: field, ...)`.")
    steps: tuple[Step, ...] = Key((), max_length=100, description="What it does, in order.")
    returns: Returns | None = Key(None, description="What it answers.")
    failures: dict[KebabName, Failure] = Key({}, description="Its named failures, with their status.")
    accepts: Accepts | None = Key(None, description="What the body of its requests looks like.")
    paging: Paging | None = Key(None, description="How the list that it answers is read in parts.")
    cache: Cache | None = Key(None, description="How long its answer may be kept; not at all unless written here.")
    limits: Limits | None = Key(None, description="Its bounds.")
    remember: Period | None = Key(
        None, description="How long an answer is given again to the same caller for the same question; only for reads."
    )
    idempotent: Flag | None = Key(
        None, description="Honours an `Idempotency-Key`; creates do so unless told otherwise."
    )
    summary: Text | None = Key(None, description="One sentence for the API's documentation.")
    description: LongText | None = Key(None, description="More about it.")
