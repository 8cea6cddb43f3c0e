"""Pages: what people open, made of parts."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field as Key

from .model import Problem, Sugared
from .words import EntityReference, FlagOrText, KebabName, Principal, Text, bad

_PART_SUGAR: tuple[dict[str, Any], ...] = (
    {"type": "string", "description": "A part without configuration."},
    {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"type": ["object", "null"]},
        "description": "A part by its name, such as `data-table`, with its configuration.",
    },
)


class Part(Sugared):
    """One visible part of a page."""

    NOUN: ClassVar[str] = "part"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = _PART_SUGAR
    SUGAR_ONLY: ClassVar[bool] = True

    kind: KebabName = Key(description="What is shown: `data-table`, `form`, `detail`, `stat`, `bar-chart`, ...")
    config: dict[str, Any] = Key({}, description="Its configuration.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        if isinstance(data, str):
            return {"kind": data}
        if not isinstance(data, dict):
            return data
        if len(data) != 1:
            problems.append(
                bad(
                    "one part with its configuration, such as `{data-table: {view: Card}}`",
                    data,
                    hint="begin each part with its own `-`, and write its configuration below it",
                )
            )
            return {"kind": "unknown"}
        ((kind, config),) = data.items()
        return {"kind": kind, "config": {} if config is None else config}


class Page(Sugared):
    """One address that people open."""

    NOUN: ClassVar[str] = "page"
    SINGLE: ClassVar[tuple[str, ...]] = ("access",)

    layout: KebabName = Key("app-shell", description="The frame: `app-shell`, `plain`, or one that a component brings.")
    title: Text | None = Key(None, description="The heading and the title of the window.")
    access: tuple[Principal, ...] = Key(
        (), description="The roles that may open it; everybody signed in where it is absent."
    )
    entity: EntityReference | None = Key(
        None, description="For `/tickets/{id}`: the entity whose row the page is about."
    )
    nav: FlagOrText | None = Key(None, description="Whether it is in the navigation, or its label there.")
    icon: KebabName | None = Key(None, description="The icon beside its label.")
    show: tuple[Part, ...] = Key((), max_length=50, description="The parts, from top to bottom.")
    description: str | None = Key(None, max_length=4000, description="What it is for.")
