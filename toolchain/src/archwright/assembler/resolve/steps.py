"""The steps of an operation: straight-line, each one certified capability or one write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...diagnostics import did_you_mean
from ...language.expression import Scope, Type
from ...language.steps import Step
from .. import plan
from .expressions import CONDITION
from .messages import Messages
from .selects import Selects
from .source import Place, Source
from .world import EntityDraft, World

_WHOLE = re.compile(r"\$\{(.*)\}", re.DOTALL)
_WRITES = ("create", "update", "delete", "upsert")


@dataclass
class Composition:
    """What the steps so far have bound.

    Attributes:
        inputs: the operation's inputs by name, with the types that expressions see.
        optional: names of inputs that need not come.
        bound: results of steps by the name given with `as`.
        failures: the failures that the operation declares.
        present: what the `when` of the step at hand proves to be there.
    """

    place: Place
    inputs: Mapping[str, Type]
    optional: frozenset[str]
    failures: frozenset[str]
    bound: dict[str, Type] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    present: frozenset[tuple[str, ...]] = frozenset()
    signed_in: bool = False
    """Whether nobody runs it without an account."""
    waited_for: bool = False
    """Whether somebody waits for its answer, which nobody gets a second time."""

    @property
    def certain(self) -> frozenset[tuple[str, ...]]:
        """What is known to be there."""
        return self.present | {("caller",)} if self.signed_in else self.present


class Steps:
    """Resolves steps."""

    def __init__(self, world: World, selects: Selects) -> None:
        self._world = world
        self._selects = selects
        self.messages = Messages(world)
        self._capabilities = selects.capabilities

    def all(self, written: tuple[Step, ...], composition: Composition) -> tuple[plan.Step, ...]:
        """Every step, each seeing what those before it bound."""
        found = []
        for position, step in enumerate(written):
            resolved = self._step(step, composition, composition.place / "steps" / position)
            if resolved is not None:
                found.append(resolved)
        return tuple(found)

    def capability(self, name: str) -> Any | None:
        """The manifest's entry of a capability by its name in this assembly."""
        known = self._capabilities.get(name)
        return known.written if known else None

    def _scope(self, composition: Composition, entity: str | None = None, item: Type | None = None) -> Scope:
        names = dict(composition.bound)
        if item is not None:
            names["item"] = item
        names["input"] = Type.record(composition.inputs)
        scope = self._world.scope(names, this=entity, database=entity is not None)
        return replace(scope, present=composition.certain)

    def _step(self, step: Step, composition: Composition, place: Place) -> plan.Step | None:
        each, item = self._each(step, composition, place)
        scope = self._scope(composition, item=item)
        guard = (
            self._world.expressions.value(step.when, place / "when", scope, CONDITION)
            if step.when is not None
            else None
        )
        when = guard.node if guard else None
        composition.present = guard.proves if guard else frozenset()
        scope = replace(scope, present=composition.certain)
        self._failure(step, composition, place)
        if step.kind == "require":
            condition = self._world.expressions.condition(step.require, place / "require", scope)
            return plan.Step(kind="require", condition=condition, when=when, each=each, refusal=step.else_)
        if step.kind == "call":
            return self._call(step, composition, place, scope, when, each)
        if step.kind == "send":
            return self._send(step, place, scope, when, each)
        if step.kind == "declassify":
            return self._declassify(step, composition, place, scope, when)
        entity = self._world.entity(step.target, place / step.kind)
        if entity is None:
            return None
        return self._row_step(step, entity, composition, place, item, when, each)

    def _row_step(
        self, step: Step, entity: EntityDraft, composition: Composition, place: Place, item: Type | None,
        when: plan.Expr | None, each: plan.Expr | None,
    ) -> plan.Step:  # fmt: skip
        inner = self._scope(composition, entity.name, item)
        where = self._world.expressions.condition(step.where, place / "where", inner)
        result = Type.rows(entity.name) if step.kind == "list" or each is not None else Type.row(entity.name)
        if step.when is not None:
            result = result.maybe() if result.kind == "row" else result
        if step.kind != "delete":
            self._bind(step, composition, place, result)
        return plan.Step(
            kind=step.kind,  # type: ignore[arg-type]
            entity=entity.name,
            select=self._select(step, entity, where, place, inner) if step.kind in ("get", "list") else None,
            where=where if step.kind in ("update", "delete") else None,
            set=self._assigns(step, entity, composition, place, item) if step.kind in _WRITES else (),
            key=self._key(step, entity, place),
            when=when,
            each=each,
            refusal=step.else_,
            bind=step.as_,
            tier=1,
        )

    def _each(self, step: Step, composition: Composition, place: Place) -> tuple[plan.Expr | None, Type | None]:
        if step.each is None:
            return None, None
        typed = self._world.expressions.value(step.each, place / "each", self._scope(composition))
        if typed is None:
            return None, Type("unknown")
        if typed.type.kind == "rows" and typed.type.entity:
            return typed.node, Type.row(typed.type.entity)
        if typed.type.kind == "list" and typed.type.item is not None:
            if typed.type.max is None:
                self._world.findings.error(
                    "assembly/unbounded-list",
                    (place / "each").location,
                    "a step runs over a bounded list only",
                    expected="a list with `max`",
                    found="a list of any length",
                    hint="add `max: 100` to the list's type",
                )
            return typed.node, typed.type.item
        self._world.findings.error(
            "expression/type-mismatch", (place / "each").location, "`each` runs over a list or over rows",
            expected="a bounded list", found=str(typed.type),
        )  # fmt: skip
        return typed.node, Type("unknown")

    def _failure(self, step: Step, composition: Composition, place: Place) -> None:
        name = step.else_
        if name is None:
            return
        composition.used.add(name)
        if name not in composition.failures and name not in ("not-found", "forbidden", "conflict", "invalid"):
            self._world.findings.error(
                "assembly/unknown-failure", (place / "else").location, f"the operation declares no failure `{name}`",
                expected="a name under `failures`", found=f"`{name}`",
                hint=did_you_mean(name, composition.failures) or f"add `failures: {{{name}: 409}}`",
            )  # fmt: skip

    def _bind(self, step: Step, composition: Composition, place: Place, result: Type) -> None:
        name = step.as_
        if name is None:
            return
        if name in composition.bound or name in ("this", "old", "caller", "now", "today", "input", "settings", "item"):
            self._world.findings.error(
                "assembly/duplicate-name", (place / "as").location, f"`{name}` means something here already"
            )
        composition.bound[name] = result

    def _select(
        self, step: Step, entity: EntityDraft, where: plan.Expr | None, place: Place, scope: Scope
    ) -> plan.Select:
        view = self._view(step, place)
        base = self._selects.view(*view) if view is not None else self._selects.whole(entity)
        both = [condition for condition in (base.where, where) if condition is not None]
        joined = {"op": "and", "type": "bool", "args": both} if len(both) == 2 else (both[0] if both else None)
        order = tuple(self._selects.sorts(entity, step.sort, base.columns, place / "sort", scope)) or base.order
        return plan.Select(
            entity=base.entity,
            columns=base.columns,
            where=joined,
            group=base.group,
            grouped=base.grouped,
            having=base.having,
            filters=base.filters,
            search=base.search,
            sorts=base.sorts,
            order=order,
            single=step.kind == "get",
            limit=step.limit or min(base.limit, base.most),
            # A page is bounded by an invariant; other rows may be as many as the step says.
            most=max(base.most, step.limit or 0),
            flat=base.flat,
            whole=base.whole,
        )

    def _view(self, step: Step, place: Place) -> tuple[EntityDraft, Any, Place] | None:
        if step.view is None:
            return None
        views = place.source.model.views
        view = views.get(step.view)
        if view is None:
            self._world.findings.error(
                "assembly/unknown-view",
                (place / "view").location,
                f"there is no view `{step.view}`",
                hint=did_you_mean(step.view, views),
            )
            return None
        here = Place(place.source, ("views", step.view))
        entity = self._world.entity(view.of, here / "of")
        return None if entity is None else (entity, view, here)

    def _assigns(
        self, step: Step, entity: EntityDraft, composition: Composition, place: Place, item: Type | None
    ) -> tuple[plan.Assign, ...]:
        if isinstance(step.set, str):
            return self._all_given(step.set, entity, composition, place / "set")
        found = []
        inner = entity.name if step.kind == "update" else None
        scope = self._scope(composition, inner, item)
        for name, value in (step.set or {}).items():
            here = place / "set" / name
            expected = self.assignable(entity, name, here)
            typed = self._world.expressions.template(value, here, scope, expected) if expected is not None else None
            if typed is not None:
                found.append(plan.Assign(field=name, value=typed.node))
        found += [
            one
            for name, value in step.add.items()
            if (one := self._added(entity, name, value, place / "add" / name, composition, item)) is not None
        ]
        return tuple(found)

    def _added(
        self, entity: EntityDraft, name: str, value: Any, place: Place, composition: Composition, item: Type | None
    ) -> plan.Assign | None:
        """An amount that a new row begins with, and that one which is there already grows by."""
        expected = self.assignable(entity, name, place)
        if expected is None:
            return None
        typed = self._world.expressions.template(value, place, self._scope(composition, None, item), expected)
        amount = _WHOLE.fullmatch(str(value))
        scope = self._scope(composition, entity.name, item)
        text = f"this.{name} + ({amount[1] if amount else value})"
        total = self._world.expressions.value(text, place / "$total", scope, expected) if typed is not None else None
        return None if typed is None or total is None else plan.Assign(field=name, value=typed.node, again=total.node)

    def _all_given(
        self, written: str, entity: EntityDraft, composition: Composition, place: Place
    ) -> tuple[plan.Assign, ...]:
        """Every input whose name is a field's; the id in the path chooses the row and is no value of it."""
        if written.strip() != "${input}":
            self._world.findings.error(
                "assembly/bad-value",
                place.location,
                "a write takes a mapping of values, or all inputs",
                expected="values by field, or `${input}`",
                found=f"`{written}`"[:80],
            )
            return ()
        names = (name for name in composition.inputs if name in entity.fields)
        return self.given(entity, composition, [name for name in names if not entity.fields[name].is_generated])

    def assignable(self, entity: EntityDraft, name: str, place: Place) -> Type | None:
        """The type that a write may give to a field, or a finding."""
        draft = entity.fields.get(name)
        many = draft is not None and draft.relation is not None and draft.relation.table is not None
        if draft is None or draft.is_generated or draft.type is None or (not draft.is_stored and not many):
            self._world.findings.error(
                "assembly/unknown-field" if draft is None else "assembly/field-not-writable",
                place.key,
                f"`{entity.name}` has no field `{name}`"
                if draft is None
                else f"`{entity.name}.{name}` is not written by anybody",
                hint=did_you_mean(name, entity.fields)
                if draft is None
                else "it is generated, computed or the other side of a reference",
            )
            return None
        return Type.list(Type.ref(draft.type.entity or ""), 100) if many else draft.type

    def given(self, entity: EntityDraft, composition: Composition, names: list[str]) -> tuple[plan.Assign, ...]:
        """Inputs written to the fields of the same name; those that need not come are written only when they came."""
        certain = {
            name: type.maybe(False) if name in composition.optional else type
            for name, type in composition.inputs.items()
        }
        found = []
        for name in names:
            draft = entity.fields[name]
            inputs = Type.record({**certain, name: self._nullable(draft.type, certain[name])})
            scope = self._world.scope({"input": inputs}, database=False)
            expected = self.assignable(entity, name, composition.place / "set" / name)
            typed = (
                self._world.expressions.value(f"input.{name}", composition.place / "$given" / name, scope, expected)
                if expected
                else None
            )
            if typed is not None:
                given = name if name in composition.optional else None
                found.append(plan.Assign(field=name, value=typed.node, given=given))
        return tuple(found)

    def _nullable(self, field: Type | None, input: Type) -> Type:
        return input.maybe(field is not None and field.optional)

    def _key(self, step: Step, entity: EntityDraft, place: Place) -> tuple[str, ...]:
        if step.kind != "upsert":
            return ()
        unique: set[tuple[str, ...]] = {
            (name,) for name, draft in entity.fields.items() if draft.written is not None and draft.written.unique
        }
        unique |= {tuple(group) for _, part in entity.parts for group in part.unique}
        if tuple(step.key) not in unique:
            self._world.findings.error(
                "assembly/not-unique",
                (place / "key").location,
                "an upsert is decided by a unique key",
                expected="one of " + ", ".join(str(list(key)) for key in sorted(unique))
                if unique
                else f"a unique key on `{entity.name}`",
                found=str(list(step.key)),
            )
        return tuple(step.key)

    def _call(
        self,
        step: Step,
        composition: Composition,
        place: Place,
        scope: Scope,
        when: plan.Expr | None,
        each: plan.Expr | None,
    ) -> plan.Step | None:
        known = self._capabilities.called(step.target, place.source)
        if known is None and place.source.is_certified and step.target in _required(place.source):
            return None  # reported once, where the assembly chooses the component: `invariant/missing-capability`
        if known is None:
            self._capabilities.missing(step.target, place / "call")
            return None
        name, capability = known.name, known.written
        if capability.internal and not place.source.is_certified:
            self._world.findings.error(
                "assembly/internal-capability",
                (place / "call").location,
                f"`{name}` is for the operations of components alone",
                expected="a capability that assemblies may compose",
                found=f"`{name}`",
                hint="use a component whose operations call it after they have checked what it relies on",
            )
        composition.used |= set(capability.errors)
        self._capabilities.fits(known, step.arguments, place, place / "call")
        arguments: dict[str, plan.Expr] = {}
        for key, value in step.arguments.items():
            parameter = capability.input.get(key)
            if parameter is None:
                continue
            argument = self._argument(value, place / key, scope, known.input(key), parameter.spec.required)
            if argument is not None:
                arguments[key] = argument
        deferred = any(effect.startswith("egress") for effect in capability.effects)
        if any(effect.startswith("fetch:") for effect in capability.effects):
            self._comes_first(step, composition, place, name)
        output = {key: known.output(key) for key in capability.output}
        if deferred and step.as_ is not None:
            self._world.findings.error(
                "assembly/effect-result",
                (place / "as").location,
                f"`{name}` happens after the commit, so no step can use its result",
                hint="remove `as`",
            )
        self._bind(step, composition, place, Type.record(output).maybe(when is not None))
        if not deferred and (step.then or step.otherwise):
            self._world.findings.error(
                "assembly/nothing-follows",
                (place / ("then" if step.then else "otherwise")).key,
                f"`{name}` happens within the operation, so its result is here already",
                expected="`then` and `otherwise` after an effect outside only",
                hint="use `as`, and a step `send`",
            )
        return plan.Step(
            kind="call",
            then=self.messages.after(step.then, output, place / "then", scope),
            otherwise=self.messages.after(step.otherwise, {}, place / "otherwise", scope),
            capability=name,
            arguments=arguments,
            when=when,
            each=each,
            refusal=step.else_,
            bind=step.as_,
            deferred=deferred,
        )

    def _comes_first(self, step: Step, composition: Composition, place: Place, name: str) -> None:
        """Another service is asked before the transaction begins, once, for somebody who waits for the answer."""
        is_first = place.path[-1] == 0 and step.when is None and step.each is None
        if is_first and composition.waited_for:
            return
        self._world.findings.error(
            "assembly/effect-result",
            (place / "call").location,
            f"`{name}` asks another service, which has to happen before the transaction begins",
            expected="the first step of an operation over HTTP, without `when`, `each` and `idempotent`",
            hint="make it the first step" if composition.waited_for else "give the operation a trigger `http`",
        )

    def _send(
        self, step: Step, place: Place, scope: Scope, when: plan.Expr | None, each: plan.Expr | None
    ) -> plan.Step | None:
        message = self.messages.step(step, place, scope)
        expressions = self._world.expressions
        at = expressions.value(step.at, place / "at", scope, Type.now().maybe()) if step.at is not None else None
        once = expressions.template(step.once, place / "once", scope, Type.text(200)) if step.once is not None else None
        if message is None:
            return None
        return plan.Step(
            kind="send",
            message=message,
            at=at.node if at else None,
            once=once.node if once else None,
            when=when,
            each=each,
        )

    def _argument(self, value: Any, place: Place, scope: Scope, expected: Type, required: bool) -> plan.Expr | None:
        if expected.kind == "json" or (isinstance(value, (Mapping, list)) and expected.kind != "list"):
            record = self._world.expressions.record(value, place, scope)
            return record[0] if record else None
        typed = self._world.expressions.template(value, place, scope, expected.maybe(not required))
        return typed.node if typed else None

    def _declassify(
        self, step: Step, composition: Composition, place: Place, scope: Scope, when: plan.Expr | None
    ) -> plan.Step | None:
        assert step.declassify is not None
        typed = self._world.expressions.value(step.declassify.value, place / "declassify" / "value", scope)
        if typed is None:
            return None
        self._bind(step, composition, place, _transformed(typed.type, step.declassify.transform))
        return plan.Step(
            kind="value", condition=typed.node, transform=step.declassify.transform, bind=step.as_, when=when
        )


def _transformed(type: Type, transform: str) -> Type:
    """What a declassified value is after its transformation; most make a text of it."""
    match transform:
        case "count":
            return Type.int(0).maybe(type.optional)
        case "hash":
            return Type.text(64).maybe(type.optional)
        case "redact" | "truncate":
            return Type.text(4).maybe(type.optional)
        case "mask" if not type.is_text:
            return Type.text(200).maybe(type.optional)
        case _:
            return type


def _required(source: Source) -> tuple[str, ...]:
    """The capabilities that a component says it needs."""
    requires = getattr(source.model, "requires", None)
    return requires.capabilities if requires is not None else ()
