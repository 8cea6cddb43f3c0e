"""JSON bodies: straight into typed values when all is well, member by member when something is wrong.

msgspec stops at the first problem and keeps the last of two members with one name. So, when it refuses, the body is
read again and every problem of it is told; and when the text may hold a member twice, it is read again to find out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ..errors import FieldProblem, Refusal
from ..plan import OURS, Input, Wire
from .formats import Wrong
from .suggest import suggestion
from .values import MAX_DEPTH, Codec, codec

# Every member's name ends so; text values may hold the same characters, so this counts too many, never too few.
_MEMBER = re.compile(rb'"[ \t\n\r]*:').findall
# Each costs a search for what may have been meant; a body of nothing else must not cost more than others do.
_MOST_UNKNOWN = 20
_REFUSED = (msgspec.MsgspecError, RecursionError, UnicodeError)


def pointer(*names: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


class JsonBody:
    """Reads the body of one operation into values by input name."""

    def __init__(self, inputs: Sequence[Input], *, lenient: bool, wrapped: str | None, wire: Wire = OURS) -> None:
        self._inputs = {entry.wire or entry.name: entry for entry in inputs}
        self._codecs: dict[str, Codec] = {name: codec(entry.type, wire) for name, entry in self._inputs.items()}
        self._lenient = lenient
        self._wrapped = wrapped
        self._fields = [(entry.name, self._codecs[wire].finish, entry.nullable) for wire, entry in self._inputs.items()]
        self._required = [wire for wire, entry in self._inputs.items() if entry.required]
        struct = self._struct()
        self._decode = msgspec.json.Decoder(struct).decode
        names = [f"f{index}" for index in range(len(self._inputs))]
        self._read = attrgetter(*([f"body.{name}" for name in names] if wrapped else names)) if names else None
        self._single = len(names) == 1
        self._extra = 1 if wrapped else 0

    def _struct(self) -> type[msgspec.Struct]:
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
        rename: dict[str, str] = {}
        for index, (wire, entry) in enumerate(self._inputs.items()):
            rename[f"f{index}"] = wire
            annotation = self._codecs[wire].annotation
            if entry.nullable:
                annotation = annotation | None if annotation is not Any else Any
            if entry.required:
                fields.append((f"f{index}", annotation))
            else:
                fields.append((f"f{index}", annotation if annotation is Any else annotation | UnsetType, UNSET))
        body = msgspec.defstruct(
            "Body", fields, rename=rename, kw_only=True, forbid_unknown_fields=not self._lenient, gc=False
        )
        if self._wrapped is None:
            return body
        return msgspec.defstruct("Wrapped", [("body", body)], rename={"body": self._wrapped}, kw_only=True)

    def read(self, raw: bytes) -> tuple[dict[str, Any], list[FieldProblem]]:
        """Values of the members that came, and every problem.

        Raises:
            Refusal: the body is not JSON at all.
        """
        try:
            body = self._decode(raw)
            values = self._values(body)
        except (*_REFUSED, Wrong):
            return self._thoroughly(raw)
        if len(_MEMBER(raw)) != len(values) + self._extra:
            refuse_duplicates(raw)
        return values, []

    def _values(self, body: Any) -> dict[str, Any]:
        if self._read is None:
            return {}
        read = self._read(body)
        values: dict[str, Any] = {}
        for (name, finish, nullable), value in zip(self._fields, (read,) if self._single else read, strict=True):
            if value is UNSET:
                continue
            if value is None:
                if not nullable:
                    raise _null()
                values[name] = None
            else:
                values[name] = value if finish is None else finish(value)
        return values

    def _thoroughly(self, raw: bytes) -> tuple[dict[str, Any], list[FieldProblem]]:
        document = parse(raw)
        if self._wrapped is None:
            return self._members(document, ())
        if not isinstance(document, dict) or self._wrapped not in document:
            where = pointer(self._wrapped)
            return {}, [FieldProblem(where, "required", f"The body is an object with the member {self._wrapped}.")]
        return self._members(document[self._wrapped], (self._wrapped,))

    def _members(self, document: Any, above: tuple[str, ...]) -> tuple[dict[str, Any], list[FieldProblem]]:
        if not isinstance(document, dict):
            return {}, [FieldProblem(pointer(*above), "type", "The body must be an object.")]
        values: dict[str, Any] = {}
        problems: list[FieldProblem] = []
        for wire, entry in self._inputs.items():
            where = pointer(*above, wire)
            if wire not in document:
                if entry.required:
                    problems.append(FieldProblem(where, "required", "This is required."))
                continue
            try:
                values[entry.name] = self._member(entry, wire, document[wire])
            except Wrong as wrong:
                problems.append(FieldProblem(where + wrong.path, wrong.code, wrong.message))
        if not self._lenient:
            unknown = (name for name in document if name not in self._inputs)
            problems += [self._unknown(name, above) for name in islice(unknown, _MOST_UNKNOWN)]
        return values, problems

    def _member(self, entry: Input, wire: str, value: Any) -> Any:
        if value is None:
            if entry.nullable:
                return None
            raise _null()
        return self._codecs[wire].from_json(value)

    def _unknown(self, name: str, above: tuple[str, ...]) -> FieldProblem:
        shown = name[:100]
        hint = suggestion(shown, self._inputs)
        return FieldProblem(pointer(*above, shown), "unknown", f"There is no such member here.{hint}")


class WholeJson:
    """Reads a body that is one value."""

    def __init__(self, entry: Input, wire: Wire = OURS) -> None:
        self._entry = entry
        self._codec = codec(entry.type, wire)

    def read(self, raw: bytes) -> tuple[dict[str, Any], list[FieldProblem]]:
        """The value by its input's name, and every problem.

        Raises:
            Refusal: the body is not JSON at all.
        """
        document = parse(raw)
        if document is None and self._entry.nullable:
            return {self._entry.name: None}, []
        try:
            return {self._entry.name: self._codec.from_json(document)}, []
        except Wrong as wrong:
            return {}, [FieldProblem(wrong.path, wrong.code, wrong.message)]


def parse(raw: bytes) -> Any:
    """A JSON document that every reader reads the same way (I-JSON, RFC 7493).

    Raises:
        Refusal: it is not JSON, nests too deeply, holds a number that nobody can hold, or a member twice.
    """
    try:
        document = msgspec.json.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeError:
        raise Refusal("malformed", "The body is not valid UTF-8.") from None
    except msgspec.ValidationError:
        raise Refusal("malformed", "The body holds a number that is out of range.") from None
    except msgspec.DecodeError as error:
        raise Refusal("malformed", f"The body is not JSON: {_place(str(error))}.") from None
    refuse_duplicates(raw)
    return document


def refuse_duplicates(raw: bytes) -> None:
    """Refuse a body that holds a member twice; it is known to be JSON already.

    Raises:
        Refusal: it does.
    """
    try:
        json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_float=str, parse_int=str)
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        # Members that are ignored were never decoded; here everything is.
        raise Refusal("malformed", "The body is not JSON in UTF-8.") from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) != len(pairs):
        raise Refusal("malformed", "The body holds a member twice.")


def _null() -> Wrong:
    return Wrong("required", "This cannot be null.")


def _too_deep() -> Refusal:
    return Refusal("malformed", f"The body nests more than {MAX_DEPTH} levels.")


def _place(message: str) -> str:
    if message.startswith("JSON is malformed: "):
        return message.removeprefix("JSON is malformed: ")
    return "it ends too early"
