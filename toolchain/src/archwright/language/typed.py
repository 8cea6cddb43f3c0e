"""Values with a type: what fields, inputs and settings have in common."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from pydantic import Field as Key

from .fields import FieldSpec, FieldType, bound, parse_type
from .model import Problem, Sugared
from .words import EntityReference, MediaType, Size, describe

TYPE_SUGAR: tuple[dict[str, Any], ...] = (
    {"type": "string", "description": "A type in short: `text(500)!`, `int(0..100)`, `money(EUR)`, `date`."},
)
_BOUNDS = ("min", "max", "pattern")
KIND_KEYS = ("type", "enum", "ref", "list", "many", "reverse", "image", "file")

parse = lru_cache(maxsize=4096)(parse_type)


class FileLimits(Sugared):
    """What files may be uploaded."""

    NOUN: ClassVar[str] = "file"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"const": True}, {"type": "string", "description": "The size."})

    max: Size | None = Key(None, description="The largest size, such as `5MB`.")
    media: tuple[MediaType, ...] = Key((), description="The media types that are taken, such as `image/png`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if data is True:
            return {}
        return {"max": data} if isinstance(data, (str, int)) and data is not False else data


class Basic(Sugared):
    """One value of a simple type."""

    NOUN: ClassVar[str] = "value"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = TYPE_SUGAR
    NEEDS_TYPE: ClassVar[bool] = True

    type: str | None = Key(None, description="The type: `text(500)`, `int(0..100)`, `date!`, ...; `!` means required.")
    enum: tuple[str, ...] | None = Key(None, min_length=1, max_length=200, description="The texts that are allowed.")
    ref: EntityReference | None = Key(None, description="The entity that is referred to.")
    min: Any = Key(None, description="The least value; for texts and lists the least length.")
    max: Any = Key(None, description="The greatest value; for texts and lists the greatest length.")
    pattern: str | None = Key(None, description="A regular expression that the whole text matches.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, str):
            data = {"type": data}
        if isinstance(data, dict):
            spec_of(data, problems, needs_type=cls.NEEDS_TYPE)
        return data

    @cached_property
    def spec(self) -> FieldSpec:
        """The type and whether a value must be given, all keys taken together."""
        given = {name: getattr(self, name, None) for name in (*KIND_KEYS, *_BOUNDS, "required", "on_delete")}
        return spec_of({name: value for name, value in given.items() if value is not None}, [], needs_type=False)


class Item(Basic):
    """What a list holds."""

    NOUN: ClassVar[str] = "list item"


class Typed(Basic):
    """One value of any type that a request can carry."""

    list: Item | None = Key(None, description="A list of values of this type; `max` bounds it.")
    image: FileLimits | None = Key(None, description="An image, with its limits.")
    file: FileLimits | None = Key(None, description="A file, with its limits.")


def spec_of(keys: Mapping[str, Any], problems: list[Problem], *, needs_type: bool) -> FieldSpec:
    """Return the type that a mapping's keys describe together; what is wrong with it is added to ``problems``."""
    given = [key for key in KIND_KEYS if key in keys]
    if len(given) > 1:
        problems.append(_conflict(given))
    if not given and needs_type and not keys.get("computed"):
        problems.append(_untyped())
    spec = _kind(given[0], keys[given[0]], keys, problems) if given else FieldSpec(FieldType(kind="inferred"))
    for key in _BOUNDS:
        if keys.get(key) is not None and spec.type.kind != "inferred":
            made = bound(spec.type, key, keys[key])
            if isinstance(made, Problem):
                problems.append(made.below(key))
            else:
                spec = FieldSpec(made, spec.required)
    return _required(spec, keys, problems)


def _conflict(given: list[str]) -> Problem:
    names = " and ".join(f"`{key}`" for key in given)
    return Problem(
        name="conflicting-keys",
        message=f"{names} each give a type",
        expected="one of them",
        at=(given[1],),
        key=True,
        hint=f"remove `{given[1]}`",
    )


def _untyped() -> Problem:
    return Problem(
        name="missing-key",
        message="the type is missing",
        expected="one of `type`, `enum`, `ref`, `list`, `image`, `file`",
        hint="add for example `type: text(200)`",
        key=True,
    )


def _required(spec: FieldSpec, keys: Mapping[str, Any], problems: list[Problem]) -> FieldSpec:
    flag = keys.get("required")
    if flag is False and spec.required:
        problems.append(
            Problem(
                name="conflicting-keys",
                message="`!` says required and `required: false` says optional",
                at=("required",),
                expected="one of them",
                key=True,
                hint="remove `required`",
            )
        )
    return FieldSpec(spec.type, spec.required or flag is True)


def _kind(key: str, value: Any, keys: Mapping[str, Any], problems: list[Problem]) -> FieldSpec:
    """Read the one key that gives the type; values of a wrong shape are left for Pydantic to report."""
    made = FieldType(kind=key if key != "type" else "inferred")
    match key, value:
        case "type", str():
            found = parse(value)
            if isinstance(found, FieldSpec):
                return found
            problems.append(found.below("type"))
        case "enum", list() | tuple():
            made = _enum(value, problems)
        case "ref", str():
            made = FieldType(kind="ref", entity=value, on_delete=keys.get("on_delete"))
        case "many", str():
            made = FieldType(kind="many", entity=value)
        case "reverse", str():
            made = _reverse(value, problems)
        case "list", _:
            made = FieldType(kind="list", item=_item(value))
        case (("image" | "file"), _):
            made = _file(key, value)
    return FieldSpec(made)


def _enum(values: Any, problems: list[Problem]) -> FieldType:
    seen: set[str] = set()
    for position, value in enumerate(values):
        if not isinstance(value, str):
            continue
        if value in seen or not 0 < len(value) <= 100:
            problems.append(
                Problem(
                    name="bad-value",
                    message=f"{describe(value)} cannot be a value of this enum",
                    at=("enum", position),
                    expected="different texts of 1 to 100 characters",
                    found=describe(value),
                )
            )
        seen.add(value)
    return FieldType(kind="enum", values=tuple(str(value) for value in values))


def _reverse(value: str, problems: list[Problem]) -> FieldType:
    entity, _, name = value.rpartition(".")
    if not entity or not name.isidentifier() or not entity.replace(".", "_").isidentifier():
        problems.append(
            Problem(
                name="bad-value",
                message=f"`{value[:80]}` is not a reference field",
                at=("reverse",),
                expected="an entity and its reference field, such as `Comment.ticket`",
                found=f"`{value[:80]}`",
            )
        )
    return FieldType(kind="reverse", entity=entity, field=name)


def _item(value: Any) -> FieldType:
    """Read what a list holds; its problems are reported by ``Item`` itself."""
    if isinstance(value, Basic):
        return value.spec.type
    keys = {"type": value} if isinstance(value, str) else value
    return spec_of(keys, [], needs_type=False).type if isinstance(keys, dict) else FieldType(kind="inferred")


def _file(kind: str, value: Any) -> FieldType:
    if isinstance(value, FileLimits):
        return FieldType(kind=kind, max=value.max, media=value.media)
    return FieldType(kind=kind)
