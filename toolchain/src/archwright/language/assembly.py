"""``assembly.yaml``: one service or application, put together from parts."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Key

from .document import Reading, load
from .entities import Entity
from .model import Problem, Sugared
from .operations import Failure, Operation
from .pages import Page
from .typed import Typed
from .views import View
from .words import (
    Colour,
    ComponentReference,
    Date,
    EntityName,
    EntityReference,
    Expression,
    FieldName,
    FilePath,
    Flag,
    KebabName,
    LongText,
    OperationName,
    Origin,
    Text,
    UrlPath,
    Version,
    WireName,
)


class Setting(Typed):
    """A value given at deployment; it never changes the digest of what is built."""

    NOUN: ClassVar[str] = "setting"
    NULLABLE: ClassVar[tuple[str, ...]] = ("default",)

    default: Any = Key(None, description="The value where none is given.")
    required: Flag | None = Key(None, description="Whether the service refuses to start without it.")
    description: Text | None = Key(None, description="What it is for.")


class ComponentUse(Sugared):
    """One certified part, as it is configured here."""

    NOUN: ClassVar[str] = "component"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = (
        {"type": "string", "description": "The component, such as `std/mail@^1`."},
    )

    use: ComponentReference = Key(
        description="The component with the range of its versions, such as `std/accounts@^1`."
    )
    config: dict[str, Any] = Key({}, description="Its configuration; values may hold `${settings.name}`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"use": data} if isinstance(data, str) else data


class Role(Sugared):
    """A named group of callers."""

    NOUN: ClassVar[str] = "role"

    clears: tuple[KebabName, ...] = Key((), description="The data classes whose values may be shown to it.")
    when: Expression | None = Key(None, description="Held by callers for whom this holds, such as `caller.level >= 3`.")
    of: EntityReference | None = Key(None, description="Relative: held towards rows of this entity.")
    where: Expression | None = Key(None, description="Relative: towards which rows, such as `this.owner == caller`.")
    includes: tuple[KebabName, ...] = Key((), description="Roles whose rights it has too.")
    label: Text | None = Key(None, description="What people call it.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if not isinstance(data, dict):
            return data
        for key, other in (("of", "where"), ("where", "of")):
            if key in data and other not in data:
                problems.append(
                    Problem(
                        name="missing-key",
                        message=f"a relative role needs `{other}` beside `{key}`",
                        expected="`of` and `where`",
                        at=(key,),
                        key=True,
                        hint="for a condition on the caller alone write `when`" if key == "where" else None,
                    )
                )
        if "when" in data and "of" in data:
            problems.append(
                Problem(
                    name="conflicting-keys",
                    message="a role depends on the caller (`when`) or on a row (`of`), not on both",
                    at=("when",),
                    key=True,
                    hint="put the whole condition into `where`",
                )
            )
        return data


class Scope(Sugared):
    """What separates rows, such as tenants, and which one a caller belongs to."""

    NOUN: ClassVar[str] = "scope"

    entity: EntityReference = Key(description="One row of it is one scope, such as an organisation.")
    of: Expression = Key(description="The scope of a caller, such as `caller.organisation`.")


class Errors(Sugared):
    """The shape of error answers."""

    NOUN: ClassVar[str] = "`errors`"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The shape."},)

    shape: Literal["problem", "fields", "message", "coded"] = Key(
        "problem", description="`problem` (RFC 9457) or another one of the certified shapes."
    )
    body: dict[WireName, Any] | None = Key(
        None,
        description="A shape of one's own instead: a mapping with `${code}`, `${status}`, `${title}`, `${detail}`, "
        "`${request}`, `${message}`, `${messages}`, `${fields}` and `${problems}`.",
    )
    failures: dict[KebabName, Failure] = Key({}, description="How kinds of failures look, for all operations.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"shape": data} if isinstance(data, str) else data


class Wire(Sugared):
    """How values look in requests and answers, where a contract demands another form than ours."""

    NOUN: ClassVar[str] = "`wire`"

    times: Literal["microseconds", "milliseconds", "seconds"] = Key(
        "microseconds", description="Digits behind the seconds of a datetime: six, three or none."
    )
    numbers: Literal["text", "number"] = Key(
        "text", description="Decimals and money as text, which every reader keeps exact, or as JSON numbers."
    )
    unreadable: Literal["absent", "null"] = Key(
        "absent", description="What stands for a member that the reader may not see."
    )
    unknown: Literal["refuse", "ignore"] = Key(
        "refuse", description="What happens to unknown members and parameters, unless an operation says otherwise."
    )


class Contract(Sugared):
    """The interface that was promised before the service was written."""

    NOUN: ClassVar[str] = "`contract`"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The document."},)

    document: FilePath = Key(
        description="An OpenAPI 3.0 or 3.1 document beside the assembly, in YAML or JSON, such as `openapi.yaml`."
    )
    base: UrlPath | None = Key(
        None, description="The path before all its paths; that of its first server unless given, `/` for none."
    )

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"document": data} if isinstance(data, str) else data


class Cors(Sugared):
    """Other origins whose pages may call this service."""

    NOUN: ClassVar[str] = "CORS rule"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "array", "items": {"type": "string"}},)

    origins: tuple[Origin, ...] = Key(description="The origins, each written out; there is no wildcard.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"origins": data} if isinstance(data, list) else data


class Theme(Sugared):
    """What pages look like."""

    NOUN: ClassVar[str] = "`theme`"

    brand: Colour | None = Key(None, description="The main colour.")
    name: Text | None = Key(None, description="The name in the corner of every page.")
    logo: FilePath | None = Key(None, description="An image beside the name.")


class Novel(Sugared):
    """One bounded piece of own code: named, budgeted, explained, approved, expiring."""

    NOUN: ClassVar[str] = "piece of novel code"

    name: KebabName = Key(description="What it is called.")
    capability: FieldName = Key(description="The capability that it provides to steps, as `novel.<capability>`.")
    path: FilePath = Key(description="The folder that holds it.")
    why: LongText = Key(description="Why no certified component does it.")
    lines: Annotated[int, Key(strict=True, ge=1, le=5000)] = Key(description="Its budget in lines of code.")
    input: dict[FieldName, Typed] = Key({}, description="What it takes.")
    output: dict[FieldName, Typed] = Key({}, description="What it gives.")
    approved_by: tuple[Text, ...] = Key((), description="Who approved it.")
    expires: Date = Key(description="The day from which it is refused.")


class Language(Sugared):
    """What an assembly and a component may both describe."""

    roles: dict[KebabName, Role] = Key(
        {}, description="Named groups of callers; `anyone` and `signed-in` are built in."
    )
    views: dict[EntityName, View] = Key({}, description="Typed projections of entities.")
    operations: dict[OperationName, Operation] = Key({}, description="What the service does.")
    pages: dict[UrlPath, Page] = Key({}, description="What people open, by path.")


class Assembly(Language):
    """One service or application."""

    NOUN: ClassVar[str] = "assembly"

    assembly: KebabName = Key(description="The name of the service.")
    version: Version = Key(description="Its semantic version.")
    owner: KebabName = Key(description="The team that answers for it.")
    description: LongText | None = Key(None, description="What it is for.")
    settings: dict[FieldName, Setting] = Key({}, description="Values given at deployment.")
    components: dict[FieldName, ComponentUse] = Key({}, description="The certified parts it is put together from.")
    scopes: dict[KebabName, Scope] = Key({}, description="What separates rows, such as tenants.")
    entities: dict[EntityReference, Entity] = Key(
        {}, description="The rows it keeps; `accounts.User` adds fields to the entity of a component."
    )
    contract: Contract | None = Key(None, description="An OpenAPI document that its operations fulfil.")
    errors: Errors | None = Key(None, description="The shape of error answers.")
    wire: Wire | None = Key(None, description="How values look in requests and answers, where a contract demands it.")
    cors: Cors | None = Key(None, description="Other origins whose pages may call it; none unless written here.")
    theme: Theme | None = Key(None, description="What pages look like, where it differs from the architecture.")
    novel: tuple[Novel, ...] = Key((), description="Bounded pieces of own code; empty is the goal.")


def read_assembly(source: bytes | str, file: str = "assembly.yaml") -> Reading[Assembly]:
    """Read ``assembly.yaml``.

    Args:
        source: the text, or its bytes as they lie on disk.
        file: the name that findings carry.
    """
    return load(Assembly, source, file, area="assembly")
