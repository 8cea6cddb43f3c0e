"""What operations take: declared inputs, parameters of the route, and inputs derived from an entity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from ...language.expression import Type
from ...language.operations import Input as WrittenInput
from ...language.operations import Operation as Written
from ...language.operations import Patch
from .. import plan
from .entities import type_of
from .source import Place
from .types import of_field, of_plan
from .world import EntityDraft, World

Wire = Literal["path", "query", "header", "cookie", "body", "whole-body"]

_PARAMETER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_FORMS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
_PLAIN = ("application/json", "application/x-www-form-urlencoded")
FILE_KINDS = ("file", "image")
_MOST_LINKED = 100


class Inputs:
    """Resolves the inputs of operations."""

    def __init__(self, world: World, most_body: int) -> None:
        self._world = world
        self._most_body = most_body

    def written(self, written: Written, path: str | None, place: Place) -> Iterator[plan.Input]:
        """The inputs of an operation that is written out."""
        parameters = _PARAMETER.findall(path or "")
        method = written.trigger.method if written.trigger else None
        declared = written.input
        if isinstance(declared, Patch):
            entity = self._world.entity(declared.entity, place / "input")
            yield from (self._path_id(name, written, place) for name in parameters)
            if entity is not None:
                fields = declared.fields or tuple(
                    f.name for f in entity.fields.values() if f.is_stored and not f.is_generated
                )
                yield from self.of_fields(entity, fields, creating=False)
            return
        for name in parameters:
            if name not in declared:
                yield self._path_id(name, written, place)
        for name, one in declared.items():
            yield self._input(name, one, name in parameters, method, place / "input" / name)

    def seen(self, one: plan.Input, written: Written, place: Place) -> Type:
        """The type that expressions see of an input."""
        optional = one.nullable or not (one.required or one.default is not None)
        declared = written.input
        if not isinstance(declared, Patch) and one.name in declared and declared[one.name].spec.type.kind != "inferred":
            return of_field(declared[one.name].spec.type, place.source.entity).maybe(optional)
        if isinstance(declared, Patch) and one.source != "path":
            known = type_of(self._world, place.source.entity(declared.entity), one.name)
            return (known or Type.text()).maybe(True)
        return Type.ref(one.type.entity).maybe(optional) if one.type.entity else Type.text(200).maybe(optional)

    def of_fields(self, entity: EntityDraft, names: Iterable[str], *, creating: bool) -> Iterator[plan.Input]:
        """Inputs that are named and typed like fields of an entity."""
        for name in names:
            draft = entity.fields.get(name)
            if draft is None or draft.type is None or draft.written is None:
                continue
            many = draft.relation is not None
            yield plan.Input(
                name=name,
                type=of_plan(linked(draft.type) if many else draft.type.maybe(False)),
                required=creating and draft.present and draft.written.default is None,
                nullable=draft.type.optional and not many,
                classes=draft.classes,
                label=draft.written.label,
                help=draft.written.help,
            )

    @property
    def lenient(self) -> bool:
        """Whether unknown members and parameters are ignored, unless an operation says otherwise."""
        wire = self._world.assembly.model.wire
        return wire is not None and wire.unknown == "ignore"

    def row_id(self, entity: EntityDraft) -> plan.Input:
        """The id of a row, as the last part of a path."""
        return plan.Input(name="id", type=of_plan(Type.ref(entity.name)), source="path", required=True)

    def media(self, inputs: tuple[plan.Input, ...]) -> tuple[str, ...]:
        """The media types of a body that may hold these inputs."""
        whole = next((one for one in inputs if one.source == "whole-body"), None)
        if whole is not None:
            return _whole_media(whole.type)
        if any(one.type.of_files for one in inputs):
            return _FORMS
        return _PLAIN if any(one.source == "body" for one in inputs) else ("application/json",)

    def body_limit(self, written: Written | None, inputs: tuple[plan.Input, ...]) -> int:
        """The largest body: what the operation says, else room for the files beside the usual bound."""
        if written is not None and written.limits is not None and written.limits.body is not None:
            return written.limits.body
        return self._most_body + sum(_bytes(one.type) for one in inputs)

    def _path_id(self, name: str, written: Written, place: Place) -> plan.Input:
        """A parameter of the route that is not declared: the id of the row that the first step is about."""
        target = next((step.target for step in written.steps if step.kind in ("get", "update", "delete")), None)
        entity = place.source.entity(target) if target else None
        if name != "id" or entity is None or entity not in self._world.entities:
            self._world.findings.error(
                "assembly/undeclared-parameter",
                (place / "trigger").location,
                f"the route has a parameter `{name}` of no known type",
                expected=f"`{name}` under `input`",
                hint=f"add `input: {{{name}: text(100)!}}`",
            )
            return plan.Input(name=name, type=plan.Type(kind="text", max=100), source="path", required=True)
        return plan.Input(name=name, type=of_plan(Type.ref(entity)), source="path", required=True)

    def _input(self, name: str, written: WrittenInput, in_path: bool, method: str | None, place: Place) -> plan.Input:
        spec = written.spec
        type = of_field(spec.type, place.source.entity) if spec.type.kind != "inferred" else Type.text(200)
        if type.kind == "ref" and type.entity not in self._world.entities:
            self._world.entity(written.ref or "", place / "ref")
        default = None
        if written.default is not None:
            scope = self._world.scope(database=False)
            typed = self._world.expressions.template(written.default, place / "default", scope, type)
            default = typed.node if typed else None
        return plan.Input(
            name=name,
            type=of_plan(type),
            source=_source(written.from_, in_path, method),
            wire=written.name,
            required=in_path or (spec.required and default is None),
            nullable=written.nullable,
            default=default,
            classes=tuple(sorted(written.class_)),
            label=written.label,
            help=written.help,
        )


def linked(relation: Type) -> Type:
    """What a many-to-many relation takes: the ids of the rows that it links."""
    return Type.list(Type.ref(relation.entity or ""), _MOST_LINKED)


def _bytes(type: plan.Type) -> int:
    """How many bytes of files a value may hold."""
    if type.of_files is None:
        return 0
    return (type.of_files.max or 0) * (type.max or 1 if type.kind == "list" else 1)


def _whole_media(type: plan.Type) -> tuple[str, ...]:
    """What a body that is one value is sent as."""
    if type.kind in FILE_KINDS:
        return type.media or ("application/octet-stream",)
    return {"markdown": ("text/markdown", "text/plain"), "html": ("text/html",), "text": ("text/plain",)}.get(
        type.kind, ("application/json",)
    )


def _source(written: str | None, in_path: bool, method: str | None) -> Wire:
    if in_path or written == "path":
        return "path"
    if written == "query" or (written is None and method in ("GET", "DELETE")):
        return "query"
    if written == "header":
        return "header"
    if written == "whole-body":
        return "whole-body"
    return "cookie" if written == "cookie" else "body"
