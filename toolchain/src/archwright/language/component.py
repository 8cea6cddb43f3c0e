"""``component.yaml``: one certified part, and what it promises."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, WithJsonSchema
from pydantic import Field as Key

from archwright.diagnostics import Collector, Diagnostic
from archwright.errors import InputError

from .assembly import Language, Setting
from .configuration import configure, defaults
from .document import Reading, load, validate
from .entities import CHECKS_SUGAR, Check, Entity, Field, Fields, Hold, Narrows, Permission, Search, checks
from .model import Problem, Sugared
from .nodes import Mapping
from .reader import read
from .sampling import sampled
from .words import (
    KEBAB,
    SNAKE,
    CapabilityName,
    EntityName,
    FieldName,
    Flag,
    KebabName,
    LongText,
    ModulePath,
    Principal,
    Size,
    Text,
    UrlPath,
    Version,
    matching,
)

_COMPONENT = rf"{KEBAB}/{KEBAB}"
_EFFECT = rf"{KEBAB}(?::{KEBAB})?"
_ERROR = rf"{KEBAB}(?:\.{KEBAB})*"

ComponentName = Annotated[
    str,
    AfterValidator(matching(_COMPONENT, "the name of a component, such as `std/mail`")),
    WithJsonSchema({"type": "string", "pattern": f"^{_COMPONENT}$"}),
]
Effect = Annotated[
    str,
    AfterValidator(matching(_EFFECT, "an effect, such as `egress:smtp`")),
    WithJsonSchema({"type": "string", "pattern": f"^{_EFFECT}$"}),
]
ErrorName = Annotated[
    str,
    AfterValidator(matching(_ERROR, "the name of an error, such as `mail.rejected`")),
    WithJsonSchema({"type": "string", "pattern": f"^{_ERROR}$"}),
]
RequiredCapability = Annotated[
    str,
    AfterValidator(matching(rf"{KEBAB}(?:\.{SNAKE})*", "a capability, such as `persistence` or `mail.send`")),
    WithJsonSchema({"type": "string"}),
]


class Parameter(Setting):
    """One value that a capability takes or gives."""

    NOUN: ClassVar[str] = "parameter"
    SINGLE: ClassVar[tuple[str, ...]] = ("class",)

    class_: tuple[KebabName, ...] = Key((), description="Data classes of the value.")


class Capability(Sugared):
    """A typed ability that steps and views may use."""

    NOUN: ClassVar[str] = "capability"

    summary: Text | None = Key(None, description="What it does, in one sentence.")
    input: dict[FieldName, Parameter] = Key({}, description="What it takes.")
    output: dict[FieldName, Parameter] = Key({}, description="What it gives.")
    effects: tuple[Effect, ...] = Key(
        (), description="What it does outside; none means pure, usable in views and after reads."
    )
    errors: tuple[ErrorName, ...] = Key((), description="The failures that it may report.")
    internal: Flag = Key(False, description="For operations of components alone; no step of an assembly may call it.")


class TraitParameter(Setting):
    """What an entity may say when it takes a trait."""

    NOUN: ClassVar[str] = "parameter"

    required: Flag | None = Key(None, description="Whether the entity must say it.")


class Trait(Language):
    """What an entity that takes the trait gains; `Self` stands for that entity.

    More: [scopes and traits](../guides/traits-and-scopes.md).
    """

    NOUN: ClassVar[str] = "trait"
    KEY_SUGAR: ClassVar[dict[str, tuple[dict[str, Any], ...]]] = {"check": CHECKS_SUGAR}

    summary: Text | None = Key(None, description="What it adds, in one sentence.")
    parameters: dict[FieldName, TraitParameter] = Key({}, description="What the entity says when it takes the trait.")
    fields: dict[FieldName, Field] = Key({}, description="Fields that the entity gains.")
    check: tuple[Check, ...] = Key((), description="Conditions that its rows meet.")
    unique: tuple[Fields, ...] = Key((), description="Groups of fields that are unique together.")
    indexes: tuple[Fields, ...] = Key((), description="Groups of fields by which rows are looked up.")
    search: Search | None = Key(None, description="The fields whose words `q` of its lists looks for.")
    permissions: dict[Principal, Permission] = Key({}, description="Rows of permissions that it gains.")
    narrows: Narrows | None = Key(None, description="What every permission on the entity's rows is narrowed to.")
    hold: Hold | None = Key(None, description="The rows that have to be kept as they are.")
    entities: dict[EntityName, Entity] = Key({}, description="Entities that come with it, such as `SelfRevision`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {**data, "check": checks(data["check"])} if isinstance(data, dict) and "check" in data else data


class Reach(Sugared):
    """What a kind of effect reaches outside."""

    NOUN: ClassVar[str] = "egress"

    hosts: tuple[Annotated[str, Key(min_length=1, max_length=260)], ...] = Key(
        (),
        max_length=100,
        description="`api.example.org`, with a port where it is not 443, `*.example.org`, or `*` for any public host.",
    )


class Identity(Sugared):
    """How the component says who a caller is."""

    NOUN: ClassVar[str] = "identity"

    entity: EntityName = Key(description="The entity whose rows are people; `caller` refers to it.")
    roles: FieldName | None = Key(None, description="Its list field of granted roles.")
    sign_in: UrlPath | None = Key(None, description="The page that a person without a session is sent to.")


class Provides(Sugared):
    """What a component offers."""

    NOUN: ClassVar[str] = "`provides`"

    capabilities: dict[CapabilityName, Capability] = Key({}, description="Typed abilities for steps and views.")
    traits: dict[KebabName, Trait] = Key({}, description="What entities may take.")
    parts: dict[KebabName, dict[str, Any]] = Key(
        {}, description="Parts of pages, each with the JSON Schema of its configuration."
    )
    identity: Identity | None = Key(None, description="It says who a caller is.")
    blobs: Flag = Key(False, description="It keeps the bytes of files, instead of the database.")
    credentials: Flag = Key(
        False, description="It recognises callers by credentials of its own, such as keys, beside the identity's."
    )


class Secret(Sugared):
    """A secret that the component is given at run time, by its name."""

    NOUN: ClassVar[str] = "secret"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The name of the secret."},)

    name: KebabName = Key(description="What it is called; never its value.")
    optional: Flag = Key(False, description="Whether the service starts without it.")
    description: Text | None = Key(None, description="What it is for.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"name": data} if isinstance(data, str) else data


class Volume(Sugared):
    """A directory that outlives the process and that every replica shares."""

    NOUN: ClassVar[str] = "volume"

    name: KebabName = Key(description="What it is called in the deployment.")
    at: FieldName = Key(description="The configured value that says where it is mounted.")
    size: Size = Key(description="How much room is asked for at first, such as `10GB`.")


class Requires(Sugared):
    """What a component needs."""

    NOUN: ClassVar[str] = "`requires`"

    secrets: tuple[Secret, ...] = Key((), description="Secrets, by name.")
    capabilities: tuple[RequiredCapability, ...] = Key(
        (), description="Capabilities of other components or of the runtime."
    )
    settings: tuple[FieldName, ...] = Key((), description="Settings of the assembly.")
    volumes: tuple[Volume, ...] = Key((), description="Directories that outlive the process.")


class Implementation(Sugared):
    """The Python package that does the work; absent where the component is data only."""

    NOUN: ClassVar[str] = "implementation"

    module: ModulePath = Key(description="The module that exports `create`, such as `archwright_std_mail`.")
    distribution: Text | None = Key(None, description="The name of its wheel.")


class Component(Language):
    """One certified part."""

    NOUN: ClassVar[str] = "component"

    component: ComponentName = Key(description="Its name, such as `std/mail`.")
    version: Version = Key(description="Its semantic version.")
    owner: KebabName = Key(description="The team that answers for it.")
    summary: Text = Key(description="What it does, in one sentence.")
    use_when: LongText | None = Key(None, description="When to choose it.")
    avoid_when: LongText | None = Key(None, description="When to choose something else.")
    examples: tuple[Text, ...] = Key((), max_length=50, description="What people say when they need it.")
    family: KebabName | None = Key(None, description="The group in which catalogues show it, such as `collections`.")
    licence: Text | None = Key(None, description="Its licence as an SPDX expression.")
    provides: Provides = Key(default_factory=Provides.model_construct, description="What it offers.")
    requires: Requires = Key(default_factory=Requires.model_construct, description="What it needs.")
    egress: dict[KebabName, Reach] = Key(
        {}, description="The hosts that effects reach, by what follows `egress:`; nothing else can be reached."
    )
    config: dict[str, Any] = Key({}, description="The JSON Schema of its configuration.")
    entities: dict[EntityName, Entity] = Key({}, description="Tables that it owns; nobody else reaches them.")
    clears: tuple[KebabName, ...] = Key((), description="Data classes that may leave through it.")
    claims: tuple[KebabName, ...] = Key((), description="What certification has shown, such as `stateless`.")
    implementation: Implementation | None = Key(None, description="The Python package that does the work.")


def read_component(source: bytes | str, file: str = "component.yaml") -> Reading[Component]:
    """Read ``component.yaml``.

    Args:
        source: the text, or its bytes as they lie on disk.
        file: the name that findings carry.
    """
    tree = read(source, file)
    if not isinstance(tree.root, Mapping):
        return load(Component, source, file, area="component")
    return configured(tree.root, file, defaults(tree.root), tree.findings)


def configured(
    root: Mapping, file: str, config: dict[str, Any], findings: tuple[Diagnostic, ...] = ()
) -> Reading[Component]:
    """Read a manifest as it is under a configuration."""
    collected = Collector(findings)
    tree = sampled(configure(root, config, collected), collected)
    return validate(Component, tree, file, area="component", findings=collected.findings())


def read_identity(source: bytes | str, file: str = "component.yaml") -> tuple[str, str]:
    """Return the name and version that a manifest states.

    Raises:
        InputError: the manifest has findings; the message names the first.
    """
    reading = read_component(source, file)
    if reading.document is None:
        first = reading.findings[0]
        raise InputError(f"{first.location}: {first.message}", hint=first.hint)
    return reading.document.model.component, reading.document.model.version
