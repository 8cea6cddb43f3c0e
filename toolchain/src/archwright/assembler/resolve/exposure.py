"""The operations that an exposure stands for, and those that forms need: list, get, create, update, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...language.entities import Expose
from ...language.expression import Type
from ...language.views import View
from .. import plan
from .answers import row, rows
from .inputs import Inputs, linked
from .roles import Roles
from .selects import Selects
from .source import Place
from .steps import Composition, Steps
from .world import EntityDraft, FieldDraft, World


class Exposure:
    """Expands exposed entities and views into operations."""

    def __init__(self, world: World, roles: Roles, selects: Selects, steps: Steps, inputs: Inputs) -> None:
        self._world = world
        self._roles = roles
        self._selects = selects
        self._steps = steps
        self._inputs = inputs

    def entity(self, entity: EntityDraft) -> dict[str, plan.Operation]:
        """The operations that an entity exposes, without those that nobody may use."""
        for place, part in entity.parts:
            if part.expose is not None:
                expose = part.expose
                here = place / "expose"
                made = {name: self._one(name, entity, expose, here) for name in expose.operations}
                return {f"{entity.name}.{name}": one for name, one in made.items() if one is not None}
        return {}

    def form(self, entity: EntityDraft, action: str, place: Place) -> plan.Operation | None:
        """A write that only pages run: no route of its own."""
        if action == "create":
            return self._create(entity, None, place)
        return self._update(entity, None, place) if action == "update" else self._delete(entity, None)

    def view(self, view: View, place: Place) -> plan.Operation:
        """The list of a view that has a path of its own."""
        entity = self._world.entity(view.of, place / "of")
        select = self._selects.view(entity, view, place) if entity is not None else None
        name = entity.name if entity is not None else view.of
        return plan.Operation(
            trigger=plan.Trigger(kind="http", method="GET", path=view.expose),
            access=self._roles.access(view.access, place / "access"),
            steps=(plan.Step(kind="list", entity=name, select=select, bind="rows", tier=2),),
            returns=plan.Returns(body=rows(name)),
            tier=2,
            summary=view.label or view.description,
            component=place.source.alias or None,
            entity=name,
            action="list",
        )

    def _one(self, name: str, entity: EntityDraft, expose: Expose, place: Place) -> plan.Operation | None:
        match name:
            case "list":
                return self._list(entity, expose, place)
            case "get":
                return self._get(entity, expose.path)
            case "create":
                return self._create(entity, expose.path, place)
            case "update":
                return self._update(entity, expose.path, place)
            case _:
                return self._delete(entity, expose.path)

    # -- each of them -------------------------------------------------------------------------------------------

    def _list(self, entity: EntityDraft, expose: Expose, place: Place) -> plan.Operation | None:
        select = self._selects.listing(
            entity,
            filter=expose.filter,
            sort=expose.sort,
            search=expose.search or self._searched(entity),
            limit=expose.page_size,
            place=place,
        )
        step = plan.Step(kind="list", entity=entity.name, select=select, bind="rows", tier=2)
        return self._operation(entity, "list", "GET", expose.path, (), step, plan.Returns(body=rows(entity.name)))

    def _searched(self, entity: EntityDraft) -> tuple[str, ...]:
        """The fields whose words are kept: a list looks for them unless it says otherwise."""
        kept = next((part.search for _, part in entity.parts if part.search is not None), None)
        return kept.fields if kept is not None else ()

    def _get(self, entity: EntityDraft, path: str) -> plan.Operation | None:
        whole = self._selects.whole(entity)
        select = plan.Select(
            entity=entity.name,
            columns=whole.columns,
            where=self._by_id(entity),
            single=True,
            whole=True,
            limit=1,
            most=whole.most,
        )
        step = plan.Step(kind="get", entity=entity.name, select=select, bind="row", tier=2)
        inputs = (self._inputs.row_id(entity),)
        return self._operation(entity, "get", "GET", f"{path}/{{id}}", inputs, step, plan.Returns(body=row(entity)))

    def _create(self, entity: EntityDraft, path: str | None, place: Place) -> plan.Operation | None:
        inputs = tuple(self._inputs.of_fields(entity, self._writable(entity, "create"), creating=True))
        step = plan.Step(kind="create", entity=entity.name, set=self._given(entity, inputs, place), bind="row", tier=2)
        location = self._location(entity, path) if path else None
        returns = plan.Returns(status=201, body=row(entity), location=location)
        return self._operation(entity, "create", "POST", path, inputs, step, returns, idempotent=True)

    def _update(self, entity: EntityDraft, path: str | None, place: Place) -> plan.Operation | None:
        inputs = tuple(self._inputs.of_fields(entity, self._writable(entity, "update"), creating=False))
        step = plan.Step(
            kind="update",
            entity=entity.name,
            where=self._by_id(entity),
            set=self._given(entity, inputs, place),
            bind="row",
            tier=2,
        )
        where = f"{path}/{{id}}" if path else None
        taken = (self._inputs.row_id(entity), *inputs)
        return self._operation(entity, "update", "PATCH", where, taken, step, plan.Returns(body=row(entity)))

    def _delete(self, entity: EntityDraft, path: str | None) -> plan.Operation | None:
        step = plan.Step(kind="delete", entity=entity.name, where=self._by_id(entity), tier=2)
        where = f"{path}/{{id}}" if path else None
        inputs = (self._inputs.row_id(entity),)
        return self._operation(entity, "delete", "DELETE", where, inputs, step, plan.Returns(status=204))

    def _operation(
        self,
        entity: EntityDraft,
        action: str,
        method: str | None,
        path: str | None,
        inputs: tuple[plan.Input, ...],
        step: plan.Step,
        returns: plan.Returns,
        **more: Any,
    ) -> plan.Operation | None:
        access = self._holders(entity, {"list": "read", "get": "read"}.get(action, action))
        if not access:
            return None
        trigger = plan.Trigger(kind="http", method=method, path=path) if path else plan.Trigger(kind="internal")
        return plan.Operation(
            trigger=trigger,
            access=access,
            input=inputs,
            media=self._inputs.media(inputs),
            steps=(step,),
            returns=returns,
            tier=2,
            body_limit=self._inputs.body_limit(None, inputs),
            lenient=self._inputs.lenient,
            component=entity.component,
            entity=entity.name,
            action=action,
            summary=_summary(action, entity),
            **more,
        )

    # -- who, what and which ------------------------------------------------------------------------------------

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

    def _writable(self, entity: EntityDraft, action: str) -> tuple[str, ...]:
        """The fields that somebody may give, in the order of the entity."""
        named: set[str] = set()
        for place, part in entity.parts:
            for name, permission in part.permissions.items():
                grant = getattr(permission, action)
                if grant is None:
                    continue
                holder = self._roles.holder(name, place / "permissions" / name, entity=entity.name)
                if holder is not None and not holder.principal.startswith("operation:"):
                    named |= set(grant.fields) if grant.fields is not None else set(entity.fields) - set(grant.preset)
        return tuple(name for name, draft in entity.fields.items() if name in named and _can_write(draft, action))

    def _given(self, entity: EntityDraft, inputs: tuple[plan.Input, ...], place: Place) -> tuple[plan.Assign, ...]:
        types = {one.name: _field_type(entity.fields[one.name]) for one in inputs}
        optional = frozenset(one.name for one in inputs if not one.required)
        composition = Composition(place, types, optional, frozenset())
        return self._steps.given(entity, composition, list(types))

    def _by_id(self, entity: EntityDraft) -> plan.Expr | None:
        scope = self._world.scope({"input": Type.record({"id": Type.ref(entity.name)})}, this=entity.name)
        return self._world.expressions.condition("this.id == input.id", entity.place / "$id", scope)

    def _location(self, entity: EntityDraft, path: str) -> plan.Expr | None:
        scope = self._world.scope({"row": Type.row(entity.name)}, database=False)
        typed = self._world.expressions.template(f"{path}/${{row.id}}", entity.place / "$location", scope)
        return typed.node if typed else None


def _field_type(draft: FieldDraft) -> Type:
    type = draft.type or Type.text()
    return linked(type) if draft.relation is not None else type


def _can_write(draft: FieldDraft, action: str) -> bool:
    links = draft.relation is not None and draft.relation.table is not None
    if draft.written is None or draft.is_generated or not (draft.is_stored or links):
        return False
    return action == "create" or not draft.written.immutable


def _summary(action: str, entity: EntityDraft) -> str:
    label = entity.written.label or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", entity.name.rpartition(".")[2])
    article = "an" if label[:1].lower() in "aeiou" else "a"
    words: Mapping[str, str] = {"list": f"List: {label.lower()}", "get": f"Read {article} {label.lower()}"}
    return words.get(action, f"{action.capitalize()} {article} {label.lower()}")
