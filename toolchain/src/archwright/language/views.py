"""Views: typed projections of rows; all nesting, counting and grouping."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import ConfigDict
from pydantic import Field as Key

from .choices import one_of
from .model import Problem, Sugared
from .words import (
    CapabilityName,
    EntityReference,
    Expression,
    FieldName,
    PageSize,
    Principal,
    Text,
    UrlPath,
    WireName,
    bad,
)

_FIELD_SUGAR: tuple[dict[str, Any], ...] = (
    {"type": "string", "description": "A field of the entity."},
    {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "description": "A new name, with an expression over `this`, with nested rows or with a pure capability.",
        "additionalProperties": {
            "oneOf": [{"type": ["string", "boolean"]}, {"$ref": "#/$defs/Nested"}, {"$ref": "#/$defs/PureCall"}]
        },
    },
)


_CALL_KEYS = ("call", "take")


class PureCall(Sugared):
    """A pure capability over other values of the row; it runs after the statement that reads them."""

    model_config = ConfigDict(defer_build=False)
    NOUN: ClassVar[str] = "call in a view"

    call: CapabilityName = Key(
        description="A capability without effects, such as `content.markdown`; other keys are its arguments."
    )
    take: FieldName | None = Key(None, description="Which of its results the column holds, where there are several.")
    arguments: dict[FieldName, Any] = Key({}, description="What the capability is given: expressions over `this`.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if not isinstance(data, dict):
            return data
        arguments = {key: value for key, value in data.items() if key not in _CALL_KEYS}
        problems.extend(_no_expression(key, value) for key, value in arguments.items() if not _is_plain(value))
        return {**{key: data[key] for key in _CALL_KEYS if key in data}, "arguments": arguments}


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, bool))


def _no_expression(key: str, value: Any) -> Problem:
    return bad("an expression over `this`, a number or a truth", value).below(key)


class ViewField(Sugared):
    """One column of a view: a field, an expression under a new name, nested rows, or what a capability gives."""

    model_config = ConfigDict(defer_build=False)
    NOUN: ClassVar[str] = "view field"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = _FIELD_SUGAR
    SUGAR_ONLY: ClassVar[bool] = True

    name: WireName = Key(description="The name of the column.")
    value: Expression | None = Key(None, description="What it holds; the field of the same name where absent.")
    rows: Nested | None = Key(None, description="Rows of a relation, one level deeper.")
    call: PureCall | None = Key(None, description="A pure capability that makes the value.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, str):
            return {"name": data}
        if not isinstance(data, dict):
            return data
        if len(data) != 1:
            problems.append(
                bad(
                    "one new name with its expression, such as `{owner_name: this.owner.name}`",
                    data,
                    hint="begin each column with its own `-`",
                )
            )
            return {"name": "unnamed"}
        ((name, value),) = data.items()
        return {"name": name, _kind(value): value}


def _kind(value: Any) -> str:
    if not isinstance(value, dict):
        return "value"
    return "call" if "call" in value else "rows"


class Nested(Sugared):
    """Rows of a relation inside a view."""

    model_config = ConfigDict(defer_build=False)
    NOUN: ClassVar[str] = "nested view"
    SINGLE: ClassVar[tuple[str, ...]] = ("sort",)

    of: FieldName = Key(description="The relation or reference that is followed.")
    fields: tuple[ViewField, ...] = Key((), description="The columns.")
    value: Expression | None = Key(None, description="Instead of columns: one value per row, as in `[a, b]`.")
    where: Expression | None = Key(None, description="Which of the related rows.")
    sort: tuple[str, ...] = Key((), description="The order: names, with `-` before those that descend.")
    limit: PageSize | None = Key(None, description="How many rows at most.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return _columns(data, problems)


class View(Sugared):
    """A typed projection of an entity."""

    NOUN: ClassVar[str] = "view"
    SINGLE: ClassVar[tuple[str, ...]] = ("sort", "group", "access")

    of: EntityReference = Key(description="The entity whose rows are shown.")
    fields: tuple[ViewField, ...] = Key((), description="The columns.")
    value: Expression | None = Key(None, description="Instead of columns: one value per row, as in `[a, b]`.")
    where: Expression | None = Key(None, description="Which rows.")
    group: tuple[str, ...] = Key(
        (), description="Columns to group by; the others then hold aggregates such as `count()`."
    )
    having: Expression | None = Key(None, description="Which groups.")
    sort: tuple[str, ...] = Key((), description="The order: names, with `-` before those that descend.")
    limit: PageSize | None = Key(None, description="Rows per page.")
    filter: tuple[WireName, ...] = Key((), description="Columns by which readers may narrow it; fields get an index.")
    search: tuple[FieldName, ...] = Key((), description="Text columns that `q` looks through.")
    expose: UrlPath | None = Key(None, description="Its path over HTTP.")
    access: tuple[Principal, ...] = Key(
        (), description="The roles that may read it; the entity's permissions hold all the same."
    )
    label: Text | None = Key(None, description="What people call it.")
    description: str | None = Key(None, max_length=4000, description="What it is for.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return _columns(data, problems)


def _columns(data: Any, problems: list[Problem]) -> Any:
    """Either columns or one value per row."""
    chosen = one_of(data, ("fields", "value"), "view", problems) if isinstance(data, dict) else None
    if chosen == "fields" and not data["fields"]:
        problems.append(
            Problem(
                name="bad-value",
                message="a view without columns shows nothing",
                expected="at least one column, or `value`",
                found="no column",
                at=("fields",),
            )
        )
    return data


ViewField.model_rebuild()
