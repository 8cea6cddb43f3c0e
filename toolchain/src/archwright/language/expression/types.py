"""What an expression's value may be: one frozen class for fields, inputs, settings and results alike."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .ranges import (
    CLOCK_DATE,
    CLOCK_DATETIME,
    MONEY_DIGITS,
    SAFE_INTEGER,
    STORED_DATE,
    STORED_DATETIME,
    STORED_DURATION,
)

TEXT_KINDS = frozenset({"text", "slug", "markdown", "html", "email", "url", "phone"})
"""Kinds whose values are text that operators on text take."""

NUMBER_KINDS = frozenset({"int", "decimal", "money"})
TIME_KINDS = frozenset({"date", "datetime", "duration"})
ORDERED_KINDS = TEXT_KINDS | NUMBER_KINDS | TIME_KINDS
STORED_KINDS = ORDERED_KINDS | {"bool", "uuid", "enum", "json", "list", "file", "image", "ref"}
EXPRESSION_KINDS = frozenset({"null", "row", "rows", "record"})


@dataclass(frozen=True, slots=True)
class Type:
    """The values that something may have; make one with the constructors below.

    Attributes:
        kind: one of the names in ``STORED_KINDS`` or ``EXPRESSION_KINDS``.
        optional: the value may be absent.
        low: smallest value in stored form (scaled units, days or microseconds since 1970); ``high`` likewise.
        values: of an enum; of a text: the only values it can have, where they are known.
        fields: of a record.
    """

    kind: str
    optional: builtins.bool = False
    min: builtins.int | None = None
    max: builtins.int | None = None
    low: builtins.int | None = None
    high: builtins.int | None = None
    digits: builtins.int | None = None
    scale: builtins.int | None = None
    currency: str | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    item: Type | None = None
    entity: str | None = None
    media: tuple[str, ...] = ()
    fields: Mapping[str, Type] = field(default_factory=dict, hash=False)
    # Types of fields are asked for these in every expression, so they are kept.
    _twin: Type | None = field(default=None, init=False, repr=False, compare=False)
    _node: str | dict[str, Any] | None = field(default=None, init=False, repr=False, compare=False)

    # -- constructors --------------------------------------------------------------------------------------------

    @classmethod
    def text(
        cls,
        max: builtins.int | None = None,
        *,
        kind: str = "text",
        min: builtins.int | None = None,
        pattern: str | None = None,
        values: Iterable[str] = (),
    ) -> Type:
        """Text of at most ``max`` code points; ``kind`` may be any of ``TEXT_KINDS``."""
        return cls(kind, min=min, max=max, pattern=pattern, values=tuple(values))

    @classmethod
    def int(cls, low: builtins.int = SAFE_INTEGER[0], high: builtins.int = SAFE_INTEGER[1]) -> Type:
        """A whole number between two bounds."""
        return cls("int", low=low, high=high)

    @classmethod
    def decimal(cls, digits: builtins.int, scale: builtins.int) -> Type:
        """A decimal number of so many digits, ``scale`` of them behind the point."""
        most = 10**digits - 1
        return cls("decimal", digits=digits, scale=scale, low=-most, high=most)

    @classmethod
    def money(cls, currency: str, scale: builtins.int = 2, digits: builtins.int = MONEY_DIGITS) -> Type:
        """An amount of one currency."""
        most = 10**digits - 1
        return cls("money", currency=currency, scale=scale, low=-most, high=most)

    @classmethod
    def bool(cls) -> Type:
        """True or false."""
        return cls("bool")

    @classmethod
    def date(cls) -> Type:
        """A stored or given day of the calendar."""
        return cls("date", low=STORED_DATE[0], high=STORED_DATE[1])

    @classmethod
    def datetime(cls) -> Type:
        """A stored or given instant with six digits of seconds."""
        return cls("datetime", low=STORED_DATETIME[0], high=STORED_DATETIME[1])

    @classmethod
    def duration(cls) -> Type:
        """A stored or given length of time."""
        return cls("duration", low=STORED_DURATION[0], high=STORED_DURATION[1])

    @classmethod
    def now(cls) -> Type:
        """What the name ``now`` has."""
        return cls("datetime", low=CLOCK_DATETIME[0], high=CLOCK_DATETIME[1])

    @classmethod
    def today(cls) -> Type:
        """What the name ``today`` has."""
        return cls("date", low=CLOCK_DATE[0], high=CLOCK_DATE[1])

    @classmethod
    def uuid(cls) -> Type:
        """A UUID in its canonical form."""
        return cls("uuid")

    @classmethod
    def enum(cls, values: Iterable[str]) -> Type:
        """One of the given words."""
        return cls("enum", values=tuple(values))

    @classmethod
    def json(cls, max: builtins.int | None = None) -> Type:
        """Any JSON value; expressions only test its presence."""
        return cls("json", max=max)

    @classmethod
    def list(cls, item: Type, max: builtins.int | None = None) -> Type:
        """A bounded list."""
        return cls("list", item=item, max=max)

    @classmethod
    def file(cls, max: builtins.int | None = None, media: Iterable[str] = (), *, kind: str = "file") -> Type:
        """An uploaded file, or an ``image``; expressions only test its presence."""
        return cls(kind, max=max, media=tuple(media))

    @classmethod
    def ref(cls, entity: str) -> Type:
        """The id of a row; an entity's own ``id`` has this type too."""
        return cls("ref", entity=entity)

    @classmethod
    def row(cls, entity: str) -> Type:
        """A row of an entity."""
        return cls("row", entity=entity)

    @classmethod
    def rows(cls, entity: str) -> Type:
        """The rows of a relation, or those that a step listed."""
        return cls("rows", entity=entity)

    @classmethod
    def record(cls, fields: Mapping[str, Type]) -> Type:
        """Named values: ``input``, ``settings``, the output of a capability."""
        return cls("record", fields=dict(fields))

    @classmethod
    def null(cls) -> Type:
        """The type of ``null`` alone."""
        return cls("null", optional=True)

    # -- variations ----------------------------------------------------------------------------------------------

    def maybe(self, optional: builtins.bool = True) -> Type:
        """The same values, possibly absent."""
        if self.optional == optional:
            return self
        if self._twin is None:
            object.__setattr__(self, "_twin", replace(self, optional=optional))
        assert self._twin is not None
        return self._twin

    def within(self, low: builtins.int, high: builtins.int) -> Type:
        """The same kind with other bounds (in stored form)."""
        return replace(self, low=low, high=high, digits=None)

    @property
    def is_text(self) -> builtins.bool:
        """Whether operators on text take it."""
        return self.kind in TEXT_KINDS

    # -- presentation --------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        """How the type is written in an assembly, for messages."""
        return _written(self) + (" or absent" if self.optional and self.kind != "null" else "")

    def to_plan(self) -> dict[str, Any]:
        """The type as the plan holds it; presence is said elsewhere, and fields of records are not in the plan."""
        plan: dict[str, Any] = {"kind": self.kind}
        for name in ("min", "max", "low", "high", "digits", "scale", "currency", "pattern", "entity"):
            value = getattr(self, name)
            if value is not None:
                plan[name] = value
        if self.values and self.kind == "enum":
            plan["values"] = list(self.values)
        if self.media:
            plan["media"] = list(self.media)
        if self.item is not None:
            plan["item"] = self.item.to_plan()
        if self.kind in TIME_KINDS:
            plan.pop("low", None)
            plan.pop("high", None)
        return plan

    def to_node(self) -> str | dict[str, Any]:
        """The type as a node of the tree holds it: what a runtime needs in order to compute, and no more."""
        if self._node is None:
            object.__setattr__(self, "_node", self._shortened())
        assert self._node is not None
        return self._node

    def _shortened(self) -> str | dict[str, Any]:
        if self.kind == "list":
            return {"kind": "list", "item": self.item.to_node()} if self.item else "list"
        if self.kind in ("decimal", "money"):
            return {"kind": self.kind, "scale": self.scale or 0}
        if self.entity is not None:
            return {"kind": self.kind, "entity": self.entity}
        return self.kind


def _written(type: Type) -> str:
    match type.kind:
        case "decimal":
            return f"decimal with {type.scale} digits behind the point"
        case "money":
            return f"money({type.currency})"
        case "enum":
            return f"enum [{', '.join(type.values)}]"
        case "list":
            return f"list of {type.item}" if type.item else "empty list"
        case "ref":
            return f"reference to {type.entity}"
        case "row":
            return f"row of {type.entity}"
        case "rows":
            return f"rows of {type.entity}"
        case _:
            return type.kind


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What the checker must know of an entity's field; a relation has the type ``rows``."""

    type: Type
    encrypted: bool = False
    """The database sees cipher text only, so only presence can be tested there."""


class Entities(Protocol):
    """Where the checker looks fields up; the resolver implements it."""

    def field(self, entity: str, name: str) -> FieldInfo | None:
        """The field or relation of that name."""

    def names(self, entity: str) -> Iterable[str]:
        """All names of fields and relations, for suggestions."""


@dataclass(frozen=True)
class Scope:
    """What an expression may speak of in one position.

    Attributes:
        names: every name with its type; ``this`` and ``old`` are rows, ``caller`` is an optional reference.
        entities: where fields are looked up.
        database: the names that are rows in the statement (``this`` in ``where``); empty where only a closure runs.
        aggregates: None where ``count()`` and the like have no meaning; otherwise the fields of ``this`` by which rows
            are grouped, the only ones that may stand outside an aggregate.
    """

    names: Mapping[str, Type]
    entities: Entities
    database: frozenset[str] = frozenset({"this"})
    aggregates: frozenset[str] | None = None
    present: frozenset[tuple[str, ...]] = frozenset()
    """What a condition around the expression proves to be present (``Typed.proves``)."""

    def with_names(self, **names: Type) -> Scope:
        """The same scope with further names."""
        return replace(self, names={**self.names, **names})
