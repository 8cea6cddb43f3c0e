"""Entities: fields, permissions, retention, exposure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic import Field as Key

from archwright.diagnostics import did_you_mean

from .fields import FILES
from .model import Problem, Sugared, refuse
from .typed import KIND_KEYS, Typed, spec_of
from .words import (
    EntityReference,
    Expression,
    FieldName,
    Flag,
    KebabName,
    PageSize,
    Period,
    Principal,
    Text,
    UrlPath,
    bad,
    describe,
)

Action = Literal["read", "create", "update", "delete"]
ACTIONS: tuple[Action, ...] = ("read", "create", "update", "delete")
_BUILT_IN = ("id", "created_at", "updated_at", "version")
_WORDS_OF_EXPRESSIONS = (
    "this",
    "old",
    "caller",
    "now",
    "today",
    "input",
    "settings",
    "item",
    "true",
    "false",
    "null",
    "in",
)


def _hint(name: str) -> str:
    known = f"every entity has `{name}` already: remove it"
    return f"{known}; for whole numbers add `number: {{type: int, numbered: true}}`" if name == "id" else known


def _own_name(name: str) -> str:
    if name in _BUILT_IN:
        refuse(bad("a name of its own", name, name="bad-name", hint=_hint(name)))
    return name


OwnFieldName = Annotated[FieldName, AfterValidator(_own_name)]


class Field(Typed):
    """One value that every row of an entity has."""

    NOUN: ClassVar[str] = "field"
    SINGLE: ClassVar[tuple[str, ...]] = ("class",)
    NULLABLE: ClassVar[tuple[str, ...]] = ("default",)

    many: EntityReference | None = Key(None, description="Many-to-many: any number of rows of this entity.")
    reverse: str | None = Key(None, description="The rows whose reference points here, such as `Comment.ticket`.")
    on_delete: Literal["refuse", "cascade", "clear"] | None = Key(
        None,
        description="What happens to this row when the row it refers to is deleted; `refuse` unless said otherwise.",
    )
    required: Flag | None = Key(None, description="Whether a value must be given; the same as `!` after the type.")
    default: Any = Key(None, description="The value where none is given; `${caller}` and the like are expressions.")
    class_: tuple[KebabName, ...] = Key(
        (), description="Data classes, such as `personal`; they follow the value everywhere."
    )
    unique: Flag = Key(False, description="No two rows have the same value.")
    reveals: Text | None = Key(
        None, description="unique: why people may learn from a refused duplicate that such a row exists."
    )
    index: Flag = Key(False, description="Rows are looked up by this field.")
    numbered: Flag = Key(
        False, description="An int that counts rows as they are created; whoever reads it learns how many there were."
    )
    immutable: Flag = Key(False, description="Never changes after the row was created.")
    computed: Expression | None = Key(None, description="Not stored: worked out from the row whenever it is read.")
    check: Expression | None = Key(None, description="What must hold for this field in every stored row.")
    encrypted: Flag = Key(False, description="Stored encrypted; neither searched nor sorted nor compared.")
    label: Text | None = Key(None, description="What people see as its name.")
    help: Text | None = Key(None, description="One sentence beside the form field.")
    renamed_from: FieldName | None = Key(None, description="Its name until now, so that a rename keeps the data.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        data = super().prepare(data, problems)
        if not isinstance(data, dict):
            return data
        for kind in ("many", "reverse", "computed"):
            useless = [key for key in ("required", "default", "unique", "immutable", "encrypted") if key in data]
            if kind in data and useless:
                problems.append(_useless(kind, useless[0]))
        useless = [key for key in ("required", "default", "unique", "encrypted") if key in data]
        if data.get("numbered") is True and useless:
            problems.append(_useless("numbered", useless[0]))
        if data.get("numbered") is True and data.get("type", "int") != "int":
            problems.append(bad("`int`, which is what a counted row has", data["type"]).below("type"))
        if "on_delete" in data and "ref" not in data:
            problems.append(_useless(data.get("type", "this field"), "on_delete"))
        # What is kept of a file says where its bytes lie, and they are not in the field.
        if data.get("encrypted") and _is_file(data):
            problems.append(_useless("a file", "encrypted"))
        return data


def _is_file(data: dict[str, Any]) -> bool:
    type = spec_of({key: value for key, value in data.items() if key in KIND_KEYS}, [], needs_type=False).type
    return (type.item or type).kind in FILES


def _useless(kind: Any, key: str) -> Problem:
    return Problem(
        name="conflicting-keys",
        message=f"`{key}` has no meaning beside `{kind}`",
        at=(key,),
        key=True,
        hint=f"remove `{key}`",
    )


class Grant(Sugared):
    """Which rows and columns an action reaches."""

    NOUN: ClassVar[str] = "permission"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"const": True, "description": "All rows and all columns."},)

    where: Expression | None = Key(None, description="The rows, as they are before the action: `this.owner == caller`.")
    fields: tuple[FieldName, ...] | None = Key(None, description="The columns; all of them where the key is absent.")
    check: Expression | None = Key(
        None, description="What must hold for the row after a create or update; knows `old`."
    )
    preset: dict[FieldName, Any] = Key({}, description="Values that the action always sets and that nobody sends.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if data is False:
            problems.append(bad("a permission", data, hint="remove it: what is not allowed is denied"))
            return {}
        return {} if data is True else data


_USELESS: dict[str, dict[str, str]] = {
    "read": {"check": "rows are chosen by `where`", "preset": "reading sets nothing"},
    "create": {"where": "there is no row before: say with `check` what the new row must be like"},
    "delete": dict.fromkeys(("fields", "check", "preset"), "rows are chosen by `where`"),
}


class Permission(Sugared):
    """What one principal may do."""

    NOUN: ClassVar[str] = "permission"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = (
        {"const": "all", "description": "Every action on all rows and columns."},
        {"type": "array", "items": {"enum": list(ACTIONS)}, "description": "These actions on all rows and columns."},
        {
            "type": "object",
            "description": "Every action in the same way, except those that are written as well.",
            "properties": {action: {"$ref": "#/$defs/Grant"} for action in ("all", *ACTIONS)},
            "required": ["all"],
            "additionalProperties": False,
        },
    )

    read: Grant | None = Key(None, description="Seeing rows.")
    create: Grant | None = Key(None, description="Adding rows.")
    update: Grant | None = Key(None, description="Changing rows; needs `read` as well.")
    delete: Grant | None = Key(None, description="Removing rows.")

    @property
    def grants(self) -> Iterator[tuple[Action, Grant]]:
        """The actions that are granted."""
        return ((action, grant) for action in ACTIONS if (grant := getattr(self, action)) is not None)

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if data == "all":
            return dict.fromkeys(ACTIONS, True)
        if isinstance(data, list):
            return _actions(data, problems)
        if not isinstance(data, dict):
            return data
        for action, useless in _USELESS.items():
            given = data.get(action)
            problems.extend(
                _misplaced(action, key, useless[key]) for key in useless if isinstance(given, dict) and key in given
            )
        return _all(data) if "all" in data else data


def _actions(data: list[Any], problems: list[Problem]) -> dict[str, Any]:
    known: dict[str, Any] = {item: True for item in data if isinstance(item, str) and item in ACTIONS}
    for position, item in enumerate(data):
        if not isinstance(item, str) or item not in known:
            problems.append(choice(item, ACTIONS, "action", at=(position,)))
    return known


def _misplaced(action: str, key: str, hint: str) -> Problem:
    return Problem(
        name="unknown-key",
        message=f"the permission to {action} has no key `{key}`",
        found=f"`{key}`",
        hint=hint,
        at=(action, key),
        key=True,
    )


def _all(data: dict[str, Any]) -> dict[str, Any]:
    """Spread ``all`` over the actions, each with the keys that mean something there."""
    common = data["all"]
    spread: dict[str, Any] = {}
    for action in ACTIONS:
        if not isinstance(common, dict):
            spread[action] = common
            continue
        keys = {key: value for key, value in common.items() if key not in _USELESS.get(action, {})}
        if action == "create" and isinstance(common.get("where"), str):
            both = (common["where"], common.get("check"))
            keys["check"] = " && ".join(f"({part})" for part in both if isinstance(part, str))
        spread[action] = keys
    return {**spread, **{key: value for key, value in data.items() if key != "all"}}


def choice(value: Any, choices: tuple[str, ...], noun: str, at: tuple[str | int, ...] = ()) -> Problem:
    """Return the problem of a value that is none of the known ones."""
    return Problem(
        name="unknown-value",
        message=f"{describe(value)} is not one of the known {noun}s",
        at=at,
        found=describe(value),
        expected="one of " + ", ".join(f"`{each}`" for each in choices),
        hint=did_you_mean(value, choices) if isinstance(value, str) else None,
    )


class Check(Sugared):
    """A condition that every stored row meets."""

    NOUN: ClassVar[str] = "check"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string"},)

    name: KebabName | None = Key(None, description="What it is called in error answers.")
    says: Expression = Key(description="The condition, such as `this.ends >= this.starts`.")
    message: Text | None = Key(None, description="What people read when it does not hold.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"says": data} if isinstance(data, (str, bool)) else data


CHECKS_SUGAR: tuple[dict[str, Any], ...] = (
    {"type": "string", "description": "One condition."},
    {
        "type": "object",
        "description": "Conditions by name.",
        "additionalProperties": {"oneOf": [{"type": "string"}, {"type": "object"}]},
    },
)


def checks(data: Any) -> Any:
    """Turn every way of writing checks into a list: one text, a list, or a mapping of names."""
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [
            {**each, "name": name} if isinstance(each, dict) else {"says": each, "name": name}
            for name, each in data.items()
        ]
    return data


class Retention(Sugared):
    """How long rows are kept."""

    NOUN: ClassVar[str] = "retention"

    for_: Period = Key(description="How long, such as `3y` or `180d`.")
    from_: Expression = Key("this.created_at", description="The date or time from which it counts.")
    then: Literal["delete", "anonymise"] = Key(description="What happens to a row then.")


Exposed = Literal["list", "get", "create", "update", "delete"]
OPERATIONS: tuple[Exposed, ...] = ("list", "get", "create", "update", "delete")


class Expose(Sugared):
    """Ready-made operations over HTTP."""

    NOUN: ClassVar[str] = "exposure"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = (
        {"type": "string", "description": "The path, such as `/api/tickets`."},
    )

    path: UrlPath = Key(description="Where the list lives; a row is at `{path}/{id}`.")
    operations: tuple[Exposed, ...] = Key(
        OPERATIONS, description="The operations; those that no role may use are left out anyway."
    )
    filter: tuple[FieldName, ...] = Key((), description="Fields by which a list may be narrowed; each gets an index.")
    search: tuple[FieldName, ...] = Key((), description="Text fields that `q` looks through.")
    sort: tuple[FieldName, ...] = Key((), description="Fields by which a list may be ordered.")
    page_size: PageSize | None = Key(None, description="Rows per page unless the reader asks otherwise.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"path": data} if isinstance(data, str) else data


def _group(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Fields = Annotated[
    tuple[FieldName, ...],
    BeforeValidator(_group),
    Key(min_length=1),
    WithJsonSchema({"oneOf": [{"type": "array", "items": {"type": "string"}, "minItems": 1}, {"type": "string"}]}),
]
"""Fields that belong together; one alone need not be a list."""


class Search(Sugared):
    """The words of a row, kept so that `q` finds them."""

    NOUN: ClassVar[str] = "search"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = (
        {"type": "array", "items": {"type": "string"}, "description": "The fields."},
    )

    fields: tuple[FieldName, ...] = Key(
        min_length=1, max_length=4, description="Text fields; rows with all words in an earlier one come first."
    )
    language: Literal["simple", "english"] = Key(
        "simple", description="`simple` compares words as they are; `english` compares their stems."
    )

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"fields": data} if isinstance(data, list) else data


class Narrows(Sugared):
    """A condition that joins every permission on existing rows: reading, changing and deleting them.

    More: [scopes and traits](../guides/traits-and-scopes.md).
    """

    NOUN: ClassVar[str] = "narrowing"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The condition, for everybody."},)

    where: Expression = Key(description="The rows that remain, such as `this.trashed_at == null`.")
    except_: tuple[Principal, ...] = Key((), description="The roles and operations whose permissions stay as they are.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"where": data} if isinstance(data, str) else data


class Hold(Narrows):
    """Rows that have to be kept as they are: nobody changes or deletes them, neither do retention and erasure.

    More: [personal data](../guides/personal-data.md).
    """

    NOUN: ClassVar[str] = "hold"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The rows that are held."},)

    where: Expression = Key(description="The rows that are held, such as `this.held`.")
    except_: tuple[Principal, ...] = Key((), description="The roles and operations that change held rows all the same.")


class Entity(Sugared):
    """One kind of row."""

    NOUN: ClassVar[str] = "entity"
    KEY_SUGAR: ClassVar[dict[str, tuple[dict[str, Any], ...]]] = {
        "check": CHECKS_SUGAR,
        "traits": ({"type": "array", "items": {"type": "string"}},),
    }

    subject: FieldName | None = Key(None, description="The reference to the person whose data a row is.")
    fields: dict[OwnFieldName, Field] = Key({}, description="The values of a row.")
    check: tuple[Check, ...] = Key((), description="Conditions that every stored row meets.")
    unique: tuple[Fields, ...] = Key((), description="Groups of fields that are unique together.")
    indexes: tuple[Fields, ...] = Key((), description="Groups of fields by which rows are looked up.")
    permissions: dict[Principal, Permission] = Key(
        {}, description="Who may do what; nobody anything unless written here."
    )
    search: Search | None = Key(None, description="The fields whose words `q` of its lists looks for.")
    narrows: Narrows | None = Key(None, description="What every permission on its rows is narrowed to.")
    hold: Hold | None = Key(None, description="The rows that have to be kept as they are.")
    part_of: FieldName | None = Key(
        None, description="A reference: whoever may not read the row that it points to does not see this one either."
    )
    retention: Retention | None = Key(None, description="How long rows are kept; personal data needs it.")
    traits: dict[KebabName, dict[str, Any]] = Key({}, description="Traits of components, with their parameters.")
    expose: Expose | None = Key(None, description="Ready-made operations over HTTP.")
    title: FieldName | None = Key(None, description="The field that names a row to people.")
    label: Text | None = Key(None, description="What people call such a row.")
    scope: KebabName | None = Key(None, description="The scope that every row belongs to, such as `tenant`.")
    renamed_from: EntityReference | None = Key(None, description="Its name until now, so that a rename keeps the data.")
    description: str | None = Key(None, max_length=4000, description="What it stands for.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if not isinstance(data, dict):
            return data
        data = {key: checks(value) if key == "check" else value for key, value in data.items()}
        if isinstance(data.get("traits"), list):
            data["traits"] = {name: {} for name in data["traits"] if isinstance(name, str)}
        return data
