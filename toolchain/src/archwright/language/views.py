"""Views: typed projections of rows; all nesting, counting and grouping."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import ConfigDict
from pydantic import Field as Key

from .model import Problem, Sugared
from .words import EntityReference, Expression, FieldName, PageSize, Principal, Text, UrlPath, bad

_FIELD_SUGAR: tuple[dict[str, Any], ...] = (
    {"type": "string", "description": "A field of the entity."},
    {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "description": "A new name, with an expression over `this` or with nested rows.",
        "additionalProperties": {"oneOf": [{"type": ["string", "boolean"]}, {"$ref": "#/$defs/Nested"}]},
    },
)


class ViewField(Sugared):
    """One column of a view: a field, an expression under a new name, or nested rows."""

    model_config = ConfigDict(defer_build=False)
    NOUN: ClassVar[str] = "view field"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = _FIELD_SUGAR
    SUGAR_ONLY: ClassVar[bool] = True

    name: FieldName = Key(description="The name of the column.")
    value: Expression | None = Key(None, description="What it holds; the field of the same name where absent.")
    rows: Nested | None = Key(None, description="Rows of a relation, one level deeper.")

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
        return {"name": name, "rows" if isinstance(value, dict) else "value": value}


class Nested(Sugared):
    """Rows of a relation inside a view."""

    model_config = ConfigDict(defer_build=False)
    NOUN: ClassVar[str] = "nested view"
    SINGLE: ClassVar[tuple[str, ...]] = ("sort",)

    of: FieldName = Key(description="The relation or reference that is followed.")
    fields: tuple[ViewField, ...] = Key(min_length=1, description="The columns.")
    where: Expression | None = Key(None, description="Which of the related rows.")
    sort: tuple[str, ...] = Key((), description="The order: names, with `-` before those that descend.")
    limit: PageSize | None = Key(None, description="How many rows at most.")


class View(Sugared):
    """A typed projection of an entity."""

    NOUN: ClassVar[str] = "view"
    SINGLE: ClassVar[tuple[str, ...]] = ("sort", "group", "access")

    of: EntityReference = Key(description="The entity whose rows are shown.")
    fields: tuple[ViewField, ...] = Key(min_length=1, description="The columns.")
    where: Expression | None = Key(None, description="Which rows.")
    group: tuple[str, ...] = Key(
        (), description="Columns to group by; the others then hold aggregates such as `count()`."
    )
    having: Expression | None = Key(None, description="Which groups.")
    sort: tuple[str, ...] = Key((), description="The order: names, with `-` before those that descend.")
    limit: PageSize | None = Key(None, description="Rows per page.")
    filter: tuple[FieldName, ...] = Key((), description="Columns by which readers may narrow it; fields get an index.")
    search: tuple[FieldName, ...] = Key((), description="Text columns that `q` looks through.")
    expose: UrlPath | None = Key(None, description="Its path over HTTP.")
    access: tuple[Principal, ...] = Key(
        (), description="The roles that may read it; the entity's permissions hold all the same."
    )
    label: Text | None = Key(None, description="What people call it.")
    description: str | None = Key(None, max_length=4000, description="What it is for.")


ViewField.model_rebuild()
