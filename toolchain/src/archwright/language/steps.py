"""Steps: one certified capability or one write each, in a straight line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Tag
from pydantic import Field as Key

from archwright.diagnostics import did_you_mean

from .choices import Problems, one_of
from .model import TAG, Problem, Sugared
from .words import (
    CapabilityName,
    EntityReference,
    Expression,
    FieldName,
    KebabName,
    LongText,
    PageSize,
)


class Declassify(Sugared):
    """A named lowering of what a value is labelled with."""

    NOUN: ClassVar[str] = "declassification"

    value: Expression = Key(description="The value, under its labels.")
    to: tuple[KebabName, ...] = Key(description="The data classes that remain.")
    why: LongText = Key(description="The reason; it is listed in the summary and subject to approval.")
    transform: Literal["none", "redact", "mask", "hash", "truncate", "count"] = Key(
        description="What is done to the value on the way."
    )


StepKind = Literal["get", "list", "create", "update", "delete", "upsert", "require", "call", "send", "declassify"]
_READING = ("where", "when", "each", "else", "as", "view")
STEP_KEYS: dict[StepKind, tuple[str, ...]] = {
    "get": _READING,
    "list": (*_READING, "sort", "limit"),
    "create": ("set", "when", "each", "else", "as"),
    "update": ("where", "set", "when", "each", "else", "as"),
    "delete": ("where", "when", "each", "else", "as"),
    "upsert": ("key", "set", "add", "when", "each", "else", "as"),
    "require": ("when", "each", "else"),
    "call": ("when", "each", "else", "as", "then", "otherwise"),
    "send": ("set", "when", "each", "at", "once"),
    "declassify": ("when", "as"),
}
STEP_KINDS: tuple[StepKind, ...] = tuple(STEP_KEYS)


def _values_kind(value: Any) -> str:
    return f"{TAG}text" if isinstance(value, str) else f"{TAG}values"


class Message(Sugared):
    """What is sent to an operation that a queue runs."""

    NOUN: ClassVar[str] = "message"
    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "string", "description": "The operation."},)

    send: EntityReference = Key(description="The operation, whose trigger is a queue.")
    set: dict[FieldName, Any] = Key({}, description="Its inputs by name.")

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        return {"send": data} if isinstance(data, str) else data


Values = Annotated[
    Annotated[dict[FieldName, Any], Tag(f"{TAG}values")] | Annotated[str, Tag(f"{TAG}text")],
    Discriminator(_values_kind),
]


class Step(Sugared):
    """One certified capability or one write."""

    NOUN: ClassVar[str] = "step"
    SINGLE: ClassVar[tuple[str, ...]] = ("sort", "key")

    get: EntityReference | None = Key(None, description="Read one row of this entity.")
    list: EntityReference | None = Key(None, description="Read rows of this entity.")
    create: EntityReference | None = Key(None, description="Add a row to this entity.")
    update: EntityReference | None = Key(None, description="Change rows of this entity.")
    delete: EntityReference | None = Key(None, description="Remove rows of this entity.")
    upsert: EntityReference | None = Key(None, description="Add a row, or change the one with the same key.")
    require: Expression | None = Key(None, description="Go on only if this holds.")
    call: CapabilityName | None = Key(
        None, description="Use a capability, such as `mail.send`; other keys are its arguments."
    )
    send: EntityReference | None = Key(
        None, description="Write a message down for this operation, whose trigger is a queue; `set` holds its inputs."
    )
    declassify: Declassify | None = Key(None, description="Lower the labels of a value, by name and with a reason.")
    where: Expression | None = Key(None, description="Which rows.")
    set: Values | None = Key(
        None, description="The values that are written, by field; or `${input}` for all that came."
    )
    when: Expression | None = Key(None, description="Run the step only if this holds.")
    each: Expression | None = Key(None, description="Run the step once for each of a bounded list, as `item`.")
    else_: KebabName | None = Key(None, description="The failure when no row matches or the condition does not hold.")
    as_: FieldName | None = Key(None, description="The name of the result for later steps.")
    limit: PageSize | None = Key(None, description="How many rows at most.")
    sort: tuple[str, ...] = Key(
        (), description="The order: field names or expressions over `this`, with `-` before those that descend."
    )
    view: str | None = Key(None, description="The view through which rows are read.")
    key: tuple[FieldName, ...] = Key((), description="upsert: the unique fields that decide.")
    add: dict[FieldName, Any] = Key(
        {}, description="upsert: amounts that are added to fields, or that a new row begins with."
    )
    at: Expression | None = Key(None, description="send: not before this time, such as `now + duration('10m')`.")
    once: str | None = Key(None, description="send: a key; a second message with it within a day is not sent.")
    then: Message | None = Key(
        None, description="call of an effect: the message sent once it is done; results go to inputs of their name."
    )
    otherwise: Message | None = Key(None, description="call of an effect: the message sent once it is given up.")
    arguments: dict[str, Any] = Key({}, description="call: what the capability is given.")

    @property
    def kind(self) -> StepKind:
        """What the step does."""
        return next(kind for kind in STEP_KINDS if getattr(self, kind) is not None)

    @property
    def values(self) -> Iterator[tuple[str, str, Any]]:
        """What is written by name: the key that says so, the field, and the value."""
        for key, written in (("set", self.set), ("add", self.add)):
            if isinstance(written, dict):
                yield from ((key, name, value) for name, value in written.items())

    @property
    def target(self) -> str:
        """The entity, condition or capability of the step."""
        value = getattr(self, self.kind)
        return value.value if isinstance(value, Declassify) else str(value)

    @classmethod
    def prepare(cls, data: Any, problems: Problems) -> Any:
        if not isinstance(data, dict):
            return data
        kind = one_of(data, STEP_KINDS, "step", problems)
        if kind is None:
            return {}
        allowed = (*STEP_KINDS, *STEP_KEYS[kind])
        other = [key for key in data if key not in allowed]
        known = {key: value for key, value in data.items() if key in allowed}
        if kind == "call":
            return {**known, "arguments": {key: data[key] for key in other}}
        problems.extend(_foreign(kind, key) for key in other)
        return known


def _foreign(kind: StepKind, key: str) -> Problem:
    keys = STEP_KEYS[kind]
    return Problem(
        name="unknown-key",
        message=f"the step `{kind}` has no key `{key}`",
        found=f"`{key}`",
        at=(key,),
        key=True,
        expected="one of " + ", ".join(f"`{each}`" for each in keys),
        hint=did_you_mean(key, keys),
    )
