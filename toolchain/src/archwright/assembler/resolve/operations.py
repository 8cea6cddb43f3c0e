"""Operations: what triggers them, who may run them, what they take, do and answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics import did_you_mean
from ...language.expression import Type
from ...language.operations import Input as WrittenInput
from ...language.operations import Operation as Written
from ...language.operations import Patch, Returns
from ...language.views import View
from .. import plan
from .entities import type_of
from .roles import Roles
from .selects import Selects
from .source import Place
from .steps import Composition, Steps
from .types import of_field, of_plan
from .world import EntityDraft, World

_PARAMETER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BODY = 1024 * 1024
_FORMS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
_PLAIN = ("application/json", "application/x-www-form-urlencoded")
_FILES = ("file", "image")


class Operations:
    """Resolves operations that are written out, and expands the ones that an exposure stands for."""

    def __init__(self, world: World, roles: Roles, selects: Selects, most_body: int = _BODY) -> None:
        self._world = world
        self._roles = roles
        self._selects = selects
        self._steps = Steps(world, selects)
        self._most_body = most_body

    def all(self) -> dict[str, plan.Operation]:
        """Every operation of the assembly by its name."""
        found: dict[str, plan.Operation] = {}
        for source in self._world.sources:
            for name, written in source.model.operations.items():
                found[source.name(name)] = self._written(written, Place(source, ("operations", name)))
        for entity in self._world.entities.values():
            found.update(self._exposed(entity))
        for source in self._world.sources:
            for name, view in source.model.views.items():
                if view.expose is not None:
                    found[f"{source.name(name)}.list"] = self._view(view, Place(source, ("views", name)))
        return found

    # -- written out --------------------------------------------------------------------------------------------

    def _written(self, written: Written, place: Place) -> plan.Operation:
        path = written.trigger.path if written.trigger else None
        inputs = tuple(self._inputs(written, path, place))
        composition = Composition(
            place,
            {one.name: self._seen(one, written, place) for one in inputs},
            frozenset(one.name for one in inputs if not one.required and one.default is None),
            frozenset(written.failures),
        )
        if written.trigger is not None and written.trigger.changed is not None:
            entity = self._world.entity(written.trigger.changed.entity, place / "trigger" / "changed" / "entity")
            if entity is not None:
                composition.bound["row"] = Type.row(entity.name)
        steps = self._steps.all(written.steps, composition)
        self._unused(written, composition, place)
        returns = self._returns(written.returns, steps, composition, place / "returns")
        return plan.Operation(
            trigger=self._trigger(written, place),
            access=self._roles.access(written.access, place / "access"),
            principal=self._principal(written, place),
            input=inputs,
            media=self._media(inputs),
            steps=steps,
            returns=returns,
            failures={name: plan.Failure(status=one.status, title=one.title, detail=one.detail) for name, one in sorted(written.failures.items())},
            body_limit=self._body_limit(written, inputs),
            rate=written.limits.rate if written.limits else None,
            idempotent=bool(written.idempotent),
            tier=0 if place.source.is_certified else 1,
            summary=written.summary,
            description=written.description,
            component=place.source.alias or None,
            public=written.public,
        )

    def _principal(self, written: Written, place: Place) -> str | None:
        if written.as_ is None:
            return None
        holder = self._roles.holder(written.as_, place / "as")
        return holder.principal if holder else None

    def _unused(self, written: Written, composition: Composition, place: Place) -> None:
        raised = composition.used | {error for step in written.steps if step.kind == "call" for error in self._errors(step.target)}
        for name in written.failures:
            if name not in raised and name not in ("not-found", "forbidden", "conflict", "invalid", "stale", "unauthenticated"):
                self._world.findings.warning(
                    "assembly/unused-failure", (place / "failures" / name).key, f"no step ends with `{name}`",
                    hint=did_you_mean(name, raised) or f"name it in a step: `else: {name}`",
                )  # fmt: skip

    def _errors(self, capability: str) -> tuple[str, ...]:
        known = self._steps.capability(capability)
        return tuple(known.errors) if known else ()

    # -- triggers -----------------------------------------------------------------------------------------------

    def _trigger(self, written: Written, place: Place) -> plan.Trigger:
        trigger = written.trigger
        if trigger is None:
            return plan.Trigger(kind="internal")
        if trigger.http is not None or trigger.webhook is not None:
            return plan.Trigger(kind="http", method=trigger.method, path=trigger.path)
        if trigger.schedule is not None:
            every = trigger.schedule.every
            return plan.Trigger(kind="schedule", every=every.seconds if every else None, cron=trigger.schedule.cron)
        if trigger.queue is not None:
            return plan.Trigger(kind="queue", path=trigger.queue)
        assert trigger.changed is not None
        changed = trigger.changed
        entity = place.source.entity(changed.entity)
        here = place / "trigger" / "changed" / "where"
        old = entity if changed.when in ("update", "any") else None
        where = self._world.expressions.condition(changed.where, here, self._world.scope(this=entity, old=old, database=False))
        actions = ("create", "update", "delete") if changed.when == "any" else (changed.when,)
        return plan.Trigger(kind="changed", entity=entity, actions=actions, where=where)

    # -- inputs -------------------------------------------------------------------------------------------------

    def _inputs(self, written: Written, path: str | None, place: Place) -> Iterator[plan.Input]:
        parameters = _PARAMETER.findall(path or "")
        method = written.trigger.method if written.trigger else None
        declared = written.input
        if isinstance(declared, Patch):
            entity = self._world.entity(declared.entity, place / "input")
            names = [name for name in parameters]
            yield from (self._path_id(name, written, place) for name in names)
            if entity is not None:
                fields = declared.fields or tuple(f.name for f in entity.fields.values() if f.is_stored and not f.is_generated)
                yield from self.of_fields(entity, fields, creating=False)
            return
        for name in parameters:
            if name not in declared:
                yield self._path_id(name, written, place)
        for name, one in declared.items():
            yield self._input(name, one, name in parameters, method, place / "input" / name)

    def _path_id(self, name: str, written: Written, place: Place) -> plan.Input:
        """A parameter of the route that is not declared: the id of the row that the first step is about."""
        target = next((step.target for step in written.steps if step.kind in ("get", "update", "delete")), None)
        entity = place.source.entity(target) if target else None
        if name != "id" or entity not in self._world.entities:
            self._world.findings.error(
                "assembly/undeclared-parameter", (place / "trigger").location, f"the route has a parameter `{name}` of no known type",
                expected=f"`{name}` under `input`", hint=f"add `input: {{{name}: text(100)!}}`",
            )  # fmt: skip
            return plan.Input(name=name, type=plan.Type(kind="text", max=100), source="path", required=True)
        return plan.Input(name=name, type=of_plan(Type.ref(entity)), source="path", required=True)

    def _input(self, name: str, written: WrittenInput, in_path: bool, method: str | None, place: Place) -> plan.Input:
        spec = written.spec
        type = of_field(spec.type, place.source.entity) if spec.type.kind != "inferred" else Type.text(200)
        if type.kind == "ref" and type.entity not in self._world.entities:
            self._world.entity(written.ref or "", place / "ref")
        default = None
        if written.default is not None:
            typed = self._world.expressions.template(written.default, place / "default", self._world.scope(database=False), type)
            default = typed.node if typed else None
        return plan.Input(
            name=name,
            type=of_plan(type),
            source=_source(written.from_, in_path, method),  # type: ignore[arg-type]
            wire=written.name,
            required=in_path or (spec.required and default is None),
            nullable=written.nullable,
            default=default,
            classes=tuple(sorted(written.class_)),
            label=written.label,
            help=written.help,
        )

    def _seen(self, one: plan.Input, written: Written, place: Place) -> Type:
        """The type that expressions see of an input."""
        optional = one.nullable or not (one.required or one.default is not None)
        declared = written.input
        if not isinstance(declared, Patch) and one.name in declared and declared[one.name].spec.type.kind != "inferred":
            return of_field(declared[one.name].spec.type, place.source.entity).maybe(optional)
        if isinstance(declared, Patch) and one.source != "path":
            known = type_of(self._world, place.source.entity(declared.entity), one.name)
            return (known or Type.text()).maybe(True)
        return Type.ref(one.type.entity).maybe(optional) if one.type.entity else Type.text(200).maybe(optional)

    def of_fields(self, entity: EntityDraft, names: Any, *, creating: bool) -> Iterator[plan.Input]:
        """Inputs that are named and typed like fields of an entity."""
        for name in names:
            draft = entity.fields.get(name)
            if draft is None or draft.type is None or draft.written is None:
                continue
            many = draft.relation is not None
            type = Type.list(Type.ref(draft.type.entity or ""), 100) if many else draft.type.maybe(False)
            yield plan.Input(
                name=name,
                type=of_plan(type),
                required=creating and draft.present and draft.written.default is None,
                nullable=draft.type.optional and not many,
                classes=draft.classes,
                label=draft.written.label,
                help=draft.written.help,
            )

    def _media(self, inputs: tuple[plan.Input, ...]) -> tuple[str, ...]:
        if any(one.type.kind in _FILES for one in inputs):
            return _FORMS
        return _PLAIN if any(one.source == "body" for one in inputs) else ("application/json",)

    def _body_limit(self, written: Written | None, inputs: tuple[plan.Input, ...]) -> int:
        if written is not None and written.limits is not None and written.limits.body is not None:
            return written.limits.body
        files = sum(one.type.max or 0 for one in inputs if one.type.kind in _FILES)
        return self._most_body + files

    # -- answers ------------------------------------------------------------------------------------------------

    def _returns(
        self, written: Returns | None, steps: tuple[plan.Step, ...], composition: Composition, place: Place
    ) -> plan.Returns:
        if written is None:
            return plan.Returns(status=204)
        scope = self._world.scope(database=False, input=Type.record(composition.inputs), **composition.bound)
        body = self._world.expressions.record(written.body, place / "body", scope) if written.body is not None else None
        location = self._world.expressions.template(written.redirect, place / "redirect", scope) if written.redirect else None
        file = self._world.expressions.template(written.file, place / "file", scope) if written.file else None
        headers = {name: self._world.expressions.template(value, place / "headers" / name, scope) for name, value in written.headers.items()}
        return plan.Returns(
            status=written.status or (303 if location is not None else 204 if body is None and file is None else 200),
            body=body[0] if body else None,
            envelope=written.envelope,
            type=_body_type(body[1]) if body else None,
            location=location.node if location else None,
            headers={name: typed.node for name, typed in headers.items() if typed is not None},
            cookies=tuple(self._cookies(written, place, scope)),
            file=file.node if file else None,
            media=written.media or "application/json",
        )

    def _cookies(self, written: Returns, place: Place, scope: Any) -> Iterator[plan.Cookie]:
        for name, cookie in written.cookies.items():
            value = self._world.expressions.template(cookie.value, place / "cookies" / name / "value", scope)
            age = plan_seconds(cookie.max_age.seconds) if cookie.max_age is not None else None
            if value is not None:
                yield plan.Cookie(name=name, value=value.node, max_age=age)

    # -- exposure -----------------------------------------------------------------------------------------------

    def _exposed(self, entity: EntityDraft) -> dict[str, plan.Operation]:
        for place, part in entity.parts:
            if part.expose is not None:
                wanted = part.expose
                make = {"list": self._list, "get": self._get, "create": self._create, "update": self._update, "delete": self._delete}
                here = place / "expose"
                made = {name: make[name](entity, wanted.path, here) for name in wanted.operations}
                return {f"{entity.name}.{name}": one for name, one in made.items() if one is not None}
        return {}

    def _holders(self, entity: EntityDraft, action: str) -> tuple[plan.Access, ...]:
        """Everybody who holds a grant; the rows and columns are decided by the grant itself."""
        found: dict[str, plan.Access] = {}
        for place, part in entity.parts:
            for name, permission in part.permissions.items():
                if getattr(permission, action) is not None:
                    holder = self._roles.holder(name, place / "permissions" / name, entity=entity.name)
                    if holder is not None and not holder.principal.startswith("operation:"):
                        found.setdefault(holder.principal, plan.Access(role=holder.principal))
        return tuple(found[name] for name in sorted(found))

    def _plain(
        self, entity: EntityDraft, action: str, method: str | None, path: str | None, inputs: tuple[plan.Input, ...], step: plan.Step,
        returns: plan.Returns, place: Place, **more: Any,
    ) -> plan.Operation | None:  # fmt: skip
        access = self._holders(entity, {"list": "read", "get": "read"}.get(action, action))
        if not access:
            return None
        trigger = plan.Trigger(kind="http", method=method, path=path) if path else plan.Trigger(kind="internal")
        return plan.Operation(
            trigger=trigger, access=access, input=inputs, media=self._media(inputs), steps=(step,), returns=returns, tier=2,
            body_limit=self._body_limit(None, inputs), component=entity.component, entity=entity.name, action=action,
            summary=_summary(action, entity), **more,
        )  # fmt: skip

    def _list(self, entity: EntityDraft, path: str, place: Place) -> plan.Operation | None:
        expose = next(part.expose for _, part in entity.parts if part.expose is not None)
        select = self._selects.listing(
            entity, filter=expose.filter, sort=expose.sort, search=expose.search, limit=expose.page_size, place=place
        )
        step = plan.Step(kind="list", entity=entity.name, select=select, bind="rows", tier=2)
        return self._plain(entity, "list", "GET", path, (), step, plan.Returns(body=_name("rows", f"rows:{entity.name}")), place)

    def _get(self, entity: EntityDraft, path: str, place: Place) -> plan.Operation | None:
        whole = self._selects.whole(entity)
        where = self._by_id(entity)
        select = plan.Select(entity=entity.name, columns=whole.columns, where=where, single=True, whole=True, limit=1, most=whole.most)
        step = plan.Step(kind="get", entity=entity.name, select=select, bind="row", tier=2)
        return self._plain(entity, "get", "GET", path + "/{id}", (self._id(entity),), step, plan.Returns(body=_row(entity)), place)

    def _create(self, entity: EntityDraft, path: str | None, place: Place) -> plan.Operation | None:
        names = self._writable(entity, "create")
        inputs = tuple(self.of_fields(entity, names, creating=True))
        step = plan.Step(kind="create", entity=entity.name, set=self._given(entity, inputs, place), bind="row", tier=2)
        returns = plan.Returns(status=201, body=_row(entity), location=self._location(entity, path) if path else None)
        return self._plain(entity, "create", "POST", path, inputs, step, returns, place, idempotent=True)

    def _update(self, entity: EntityDraft, path: str, place: Place) -> plan.Operation | None:
        inputs = tuple(self.of_fields(entity, self._writable(entity, "update"), creating=False))
        step = plan.Step(
            kind="update", entity=entity.name, where=self._by_id(entity), set=self._given(entity, inputs, place), bind="row", tier=2
        )
        returns = plan.Returns(body=_row(entity))
        return self._plain(entity, "update", "PATCH", path + "/{id}", (self._id(entity), *inputs), step, returns, place)

    def _delete(self, entity: EntityDraft, path: str | None, place: Place) -> plan.Operation | None:
        step = plan.Step(kind="delete", entity=entity.name, where=self._by_id(entity), tier=2)
        where = f"{path}/{{id}}" if path else None
        return self._plain(entity, "delete", "DELETE", where, (self._id(entity),), step, plan.Returns(status=204), place)

    def form(self, entity: EntityDraft, action: str, place: Place) -> plan.Operation | None:
        """A create or delete that only pages run: no route of its own."""
        return self._create(entity, None, place) if action == "create" else self._delete(entity, None, place)

    def _writable(self, entity: EntityDraft, action: str) -> tuple[str, ...]:
        """The fields that somebody may give, in the order of the entity."""
        named: set[str] = set()
        for place, part in entity.parts:
            for name, permission in part.permissions.items():
                grant = getattr(permission, action)
                holder = self._roles.holder(name, place / "permissions" / name, entity=entity.name) if grant is not None else None
                if holder is not None and not holder.principal.startswith("operation:"):
                    named |= set(grant.fields) if grant.fields is not None else set(entity.fields) - set(grant.preset)
        return tuple(name for name, draft in entity.fields.items() if name in named and _can_write(draft, action))

    def _given(self, entity: EntityDraft, inputs: tuple[plan.Input, ...], place: Place) -> tuple[plan.Assign, ...]:
        types = {one.name: self._field_type(entity, one.name) for one in inputs}
        optional = frozenset(one.name for one in inputs if not one.required)
        composition = Composition(place, types, optional, frozenset())
        return self._steps.given(entity, composition, list(types))

    def _field_type(self, entity: EntityDraft, name: str) -> Type:
        draft = entity.fields[name]
        if draft.relation is not None:
            return Type.list(Type.ref(draft.type.entity or "" if draft.type else ""), 100)
        return draft.type or Type.text()

    def _by_id(self, entity: EntityDraft) -> plan.Expr | None:
        scope = self._world.scope(this=entity.name, input=Type.record({"id": Type.ref(entity.name)}))
        return self._world.expressions.condition("this.id == input.id", entity.place / "$id", scope)

    def _id(self, entity: EntityDraft) -> plan.Input:
        return plan.Input(name="id", type=of_plan(Type.ref(entity.name)), source="path", required=True)

    def _location(self, entity: EntityDraft, path: str) -> plan.Expr | None:
        scope = self._world.scope(database=False, row=Type.row(entity.name))
        typed = self._world.expressions.template(f"{path}/${{row.id}}", entity.place / "$location", scope)
        return typed.node if typed else None

    # -- views --------------------------------------------------------------------------------------------------

    def _view(self, view: View, place: Place) -> plan.Operation:
        entity = self._world.entity(view.of, place / "of")
        select = self._selects.view(entity, view, place) if entity is not None else None
        name = entity.name if entity is not None else view.of
        return plan.Operation(
            trigger=plan.Trigger(kind="http", method="GET", path=view.expose),
            access=self._roles.access(view.access, place / "access"),
            steps=(plan.Step(kind="list", entity=name, select=select, bind="rows", tier=2),),
            returns=plan.Returns(body=_name("rows", f"rows:{name}")),
            tier=2,
            summary=view.label or view.description,
            component=place.source.alias or None,
            entity=name,
            action="list",
        )


def _can_write(draft: Any, action: str) -> bool:
    linked = draft.relation is not None and draft.relation.table is not None
    if draft.is_generated or not (draft.is_stored or linked):
        return False
    return action == "create" or not draft.written.immutable


def _source(written: str | None, in_path: bool, method: str | None) -> str:
    if in_path:
        return "path"
    if written in ("query", "header", "cookie", "path"):
        return written
    return "query" if written is None and method in ("GET", "DELETE") else "body"


def _name(name: str, kind: str) -> plan.Expr:
    bare, _, entity = kind.partition(":")
    return {"op": "name", "type": {"kind": bare, "entity": entity}, "name": name}


def _row(entity: EntityDraft) -> plan.Expr:
    return _name("row", f"row:{entity.name}")


def plan_seconds(seconds: int) -> plan.Expr:
    """A number of seconds as a constant of the plan."""
    return {"op": "literal", "type": "int", "value": seconds}


def _body_type(type: Type) -> plan.Type:
    """What an answer holds; of a record the kind alone, since its members carry their own types."""
    return plan.Type(kind="record") if type.kind == "record" else of_plan(type)


def _summary(action: str, entity: EntityDraft) -> str:
    label = entity.written.label or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", entity.name.rpartition(".")[2])
    article = "an" if label[:1].lower() in "aeiou" else "a"
    words: Mapping[str, str] = {"list": f"List: {label.lower()}", "get": f"Read {article} {label.lower()}"}
    return words.get(action, f"{action.capitalize()} {article} {label.lower()}")


