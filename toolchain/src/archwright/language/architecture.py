"""``architecture.yaml``: the law of an organisation or a repository."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, WithJsonSchema
from pydantic import Field as Key

from .assembly import Theme
from .document import Reading, load
from .model import Problem, Sugared
from .words import KEBAB, Count, EntityName, FilePath, KebabName, LongText, PageSize, Period, Size, Text, matching

_ENFORCER = rf"(?:invariant|rule|evidence|review)/{KEBAB}"
_SYMBOL = r"[A-Za-z_][\w.*-]*"

Enforcer = Annotated[
    str,
    AfterValidator(matching(_ENFORCER, "what enforces it, such as `rule/raw-sql` or `invariant/bounded-reads`")),
    WithJsonSchema({"type": "string", "pattern": f"^{_ENFORCER}$"}),
]
Symbol = Annotated[
    str,
    AfterValidator(matching(_SYMBOL, "a package, module or function, such as `hashlib.md5`")),
    WithJsonSchema({"type": "string"}),
]


class Principle(Sugared):
    """One thing that is not negotiable."""

    NOUN: ClassVar[str] = "principle"

    id: KebabName = Key(description="What it is called.")
    says: LongText = Key(description="What it says.")
    enforced_by: tuple[Enforcer, ...] = Key(
        min_length=1, description="The invariants, rules or reviews that enforce it."
    )


class Service(Sugared):
    """One service and its boundary."""

    NOUN: ClassVar[str] = "service"

    path: FilePath = Key(description="The folder that holds it.")
    owns: tuple[EntityName, ...] = Key((), description="The entities whose rows only it reaches.")
    contract: FilePath | None = Key(None, description="Its OpenAPI document.")
    may_call: tuple[KebabName, ...] = Key((), description="The services that it may call.")
    owner: KebabName | None = Key(None, description="The team that answers for it.")


class Layer(Sugared):
    """One layer; it may import only those below it."""

    NOUN: ClassVar[str] = "layer"

    name: KebabName = Key(description="What it is called.")
    path: FilePath = Key(description="The files that belong to it, as a glob.")


class Forbidden(Sugared):
    """A part that must not be used, and what to use instead."""

    NOUN: ClassVar[str] = "forbidden part"

    match: Symbol = Key(description="The package, module or function.")
    instead: Text | None = Key(None, description="What to use instead.")
    why: Text = Key(description="The reason.")


class Libraries(Sugared):
    """Approved and forbidden parts."""

    NOUN: ClassVar[str] = "`libraries`"

    approved: dict[KebabName, tuple[Symbol, ...]] = Key({}, description="The approved packages for each purpose.")
    forbidden: dict[KebabName, Forbidden] = Key({}, description="What must not be used.")


class Zones(Sugared):
    """How freely code may be written, by place."""

    NOUN: ClassVar[str] = "`zones`"

    encouraged: tuple[FilePath, ...] = Key((), description="Where assistants may write freely.")
    scrutiny: tuple[FilePath, ...] = Key((), description="Where every change is looked at closely.")
    restricted: tuple[FilePath, ...] = Key((), description="Where only named people change anything.")


class Data(Sugared):
    """Classes of data and the frameworks that speak of them."""

    NOUN: ClassVar[str] = "`data`"

    classes: tuple[KebabName, ...] = Key((), description="The data classes; a set, not an order.")
    frameworks: tuple[KebabName, ...] = Key((), description="The regulations and standards that apply.")


class Bounds(Sugared):
    """Limits for every assembly; an assembly may tighten and never loosen them."""

    NOUN: ClassVar[str] = "`bounds`"

    novel_lines: Count | None = Key(None, description="Lines of novel code in one assembly.")
    public_writes: Literal["deny", "allow"] = Key("deny", description="Whether anonymous writes may be named at all.")
    page_size: PageSize | None = Key(None, description="Rows on one page.")
    body: Size | None = Key(None, description="The largest body of a request.")
    upload: Size | None = Key(None, description="The largest uploaded file.")
    depth: Annotated[int, Key(strict=True, ge=1, le=8)] | None = Key(None, description="Levels of nesting in one read.")


class Certification(Sugared):
    """When a component counts as certified."""

    NOUN: ClassVar[str] = "`certification`"

    evidence: tuple[KebabName, ...] = Key((), description="What must have been shown.")
    approvals: dict[KebabName, Annotated[int, Key(strict=True, ge=1, le=20)]] = Key(
        {}, description="How many people of which group must have approved."
    )
    valid_for: Period | None = Key(None, description="How long a certificate holds.")


class Architecture(Sugared):
    """The law that every assembly and every component obeys."""

    NOUN: ClassVar[str] = "architecture"

    architecture: KebabName = Key(description="The name of the organisation or repository.")
    description: LongText | None = Key(None, description="What it covers.")
    principles: tuple[Principle, ...] = Key((), max_length=20, description="The few that are not negotiable.")
    services: dict[KebabName, Service] = Key({}, description="The services and their boundaries.")
    layers: tuple[Layer, ...] = Key((), description="From the top; a layer may import only those below it.")
    libraries: Libraries = Key(default_factory=Libraries.model_construct, description="Approved and forbidden parts.")
    zones: Zones = Key(default_factory=Zones.model_construct, description="How freely code may be written, by place.")
    data: Data = Key(default_factory=Data.model_construct, description="Classes of data.")
    bounds: Bounds = Key(default_factory=Bounds.model_construct, description="Limits for every assembly.")
    certification: Certification = Key(
        default_factory=Certification.model_construct, description="When a component counts as certified."
    )
    theme: Theme | None = Key(None, description="What pages look like.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if not isinstance(data, dict):
            return data
        for key, name in (("principles", "id"), ("layers", "name")):
            problems.extend(_repeated(key, name, data.get(key)))
        return data


def _repeated(key: str, name: str, items: Any) -> list[Problem]:
    seen: set[str] = set()
    found = []
    for position, item in enumerate(items if isinstance(items, list) else ()):
        value = item.get(name) if isinstance(item, dict) else None
        if isinstance(value, str) and value in seen:
            found.append(
                Problem(
                    name="duplicate-name",
                    message=f"`{value}` is there already",
                    expected="each name once",
                    found=f"`{value}` twice",
                    at=(key, position, name),
                )
            )
        seen.add(str(value))
    return found


def read_architecture(source: bytes | str, file: str = "architecture.yaml") -> Reading[Architecture]:
    """Read ``architecture.yaml``.

    Args:
        source: the text, or its bytes as they lie on disk.
        file: the name that findings carry.
    """
    return load(Architecture, source, file, area="architecture")
