"""What all models of the language have in common: strictness, sugar, and problems that carry their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

Path = tuple[str | int, ...]
"""Keys and positions that lead from the root of a document to one of its values."""

TAG = "\0"
"""Begins the names of alternatives, so that they are never mistaken for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a value, before its place in a file is known.

    Attributes:
        name: the part of the finding's code after the slash.
        at: where, counted from the value that is being validated.
        key: whether the key is meant and not its value.
        start: for a part of a text, its first code point.
        length: how many code points the part has.
    """

    name: str
    message: str
    expected: str | None = None
    found: str | None = None
    hint: str | None = None
    at: Path = ()
    key: bool = False
    start: int | None = None
    length: int = 1

    def below(self, *path: str | int) -> Problem:
        """Return the same problem, seen from further up."""
        return Problem(
            name=self.name,
            message=self.message,
            expected=self.expected,
            found=self.found,
            hint=self.hint,
            at=(*path, *self.at),
            key=self.key,
            start=self.start,
            length=self.length,
        )

    def error(self) -> PydanticCustomError:
        """Return it in the form that Pydantic carries to the end of validation."""
        return PydanticCustomError("problem", "problem", {"problem": self})


def refuse(problem: Problem) -> NoReturn:
    """Give up validating one value."""
    raise problem.error()


def _key(name: str) -> str:
    return name.removesuffix("_")


class Model(BaseModel):
    """A part of a document: closed, immutable, with the keys of the document as attributes.

    Keys that are words of Python carry an underscore as attributes: ``from_``, ``class_``, ``as_``, ``else_``.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=_key,
        arbitrary_types_allowed=True,
        protected_namespaces=(),
        defer_build=True,  # three kinds of documents share the parts: each is built where it is read
    )

    NOUN: ClassVar[str] = "document"
    """What a finding calls it, without article."""

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys that the document may use here, its own before the ones that it shares."""
        own = [name for name in cls.model_fields if name in cls.__annotations__]
        shared = [name for name in cls.model_fields if name not in cls.__annotations__]
        return tuple(cls.model_fields[name].alias or name for name in (*own, *shared))


class Sugared(Model):
    """A model with shorter ways of writing it."""

    SUGAR: ClassVar[tuple[dict[str, Any], ...]] = ()
    """JSON Schemas of the shorter ways."""
    SUGAR_ONLY: ClassVar[bool] = False
    """Whether the canonical form is never written, because the shorter ways say everything."""
    KEY_SUGAR: ClassVar[dict[str, tuple[dict[str, Any], ...]]] = {}
    """JSON Schemas of the shorter ways of writing single keys."""
    SINGLE: ClassVar[tuple[str, ...]] = ()
    """Keys that hold a list, where one text stands for a list of one."""
    NULLABLE: ClassVar[tuple[str, ...]] = ()
    """Keys for which null is a value; anywhere else it would be mistaken for the absence of a rule."""

    @classmethod
    def prepare(cls, data: Any, problems: list[Problem]) -> Any:
        """Turn every way of writing it into the canonical one; add what types cannot express to ``problems``."""
        return data

    @model_validator(mode="wrap")
    @classmethod
    def _prepared(cls, data: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        if isinstance(data, cls):
            return data
        problems: list[Problem] = []
        prepared = cls.prepare(data, problems)
        if isinstance(prepared, dict):
            prepared = cls._tidied(prepared, problems)
        if not problems:
            return handler(prepared)
        details = [InitErrorDetails(type=problem.error(), loc=(), input=None) for problem in problems]
        try:
            handler(prepared)
        except ValidationError as error:
            details += _carried(error)
        raise ValidationError.from_exception_data(cls.__name__, details)

    @classmethod
    def _tidied(cls, data: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
        """Write single texts as lists, and refuse keys without a value."""
        single = {key: [data[key]] for key in cls.SINGLE if isinstance(data.get(key), str)}
        empty = [key for key, value in data.items() if value is None and key not in cls.NULLABLE]
        problems.extend(_empty(key) for key in empty)
        if empty:
            data = {key: value for key, value in data.items() if key not in empty}
        return {**data, **single} if single else data


def _empty(key: str) -> Problem:
    return Problem(
        name="wrong-type",
        message=f"`{key}` has no value",
        expected="a value",
        found="nothing",
        hint="write its value, or remove the key",
        at=(key,),
        key=True,
    )


def _carried(error: ValidationError) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(
            type=PydanticCustomError(line["type"], line["msg"].replace("{", "("), line.get("ctx")),
            loc=line["loc"],
            input=line["input"],
        )
        for line in error.errors(include_url=False)
    ]
