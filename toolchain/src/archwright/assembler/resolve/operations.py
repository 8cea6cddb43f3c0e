"""Operations: what triggers them, who may run them, what they take, do and answer."""

from __future__ import annotations

from ...diagnostics import did_you_mean
from ...language.expression import Type
from ...language.operations import Operation as Written
from ...language.triggers import SIGNATURE_HEADERS, Webhook
from .. import plan
from .answers import Answers
from .exposure import Exposure
from .forms import Forms
from .inputs import Inputs
from .messages import Receiver
from .roles import Roles, conjunction
from .selects import MOST, Selects
from .source import Place, Source
from .steps import Composition, Steps
from .world import EntityDraft, World

_BODY = 1024 * 1024
_READING = ("get", "list", "require", "value")
BUILT_IN_FAILURES = ("not-found", "forbidden", "conflict", "invalid", "stale", "unauthenticated")
"""Failures that the runtime reports by itself; an operation may say how they look."""


class Operations:
    """Resolves operations that are written out, and adds the ones that an exposure stands for."""

    def __init__(self, world: World, roles: Roles, selects: Selects, most_body: int = _BODY, most: int = MOST) -> None:
        self._world = world
        self._roles = roles
        self._steps = Steps(world, selects)
        self._inputs = Inputs(world, most_body)
        self._answers = Answers(world)
        self._forms = Forms(world, self._inputs, most)
        self._exposure = Exposure(world, roles, selects, self._steps, self._inputs)

    def all(self) -> dict[str, plan.Operation]:
        """Every operation of the assembly by its name."""
        found: dict[str, plan.Operation] = {}
        self._receiving()
        for source in self._world.sources:
            for name, written in source.model.operations.items():
                found[source.name(name)] = self._written(written, Place(source, ("operations", name)))
        for entity in self._world.entities.values():
            found.update(self._exposure.entity(entity))
        for source in self._world.sources:
            for name, view in source.model.views.items():
                if view.expose is not None:
                    found[f"{source.name(name)}.list"] = self._exposure.view(view, Place(source, ("views", name)))
        return found

    def _receiving(self) -> None:
        """What operations with a queue take, before any step sends to them."""
        for source in self._world.sources:
            for name, written in source.model.operations.items():
                if written.trigger is not None and written.trigger.queue is not None:
                    place = Place(source, ("operations", name))
                    inputs = self._taken(written, place)
                    types = {one.name: self._inputs.seen(one, written, place) for one in inputs}
                    self._steps.messages.receivers[source.name(name)] = Receiver(inputs, types)

    def _taken(self, written: Written, place: Place) -> tuple[plan.Input, ...]:
        receiver = self._steps.messages.receivers.get(place.source.name(str(place.path[-1])))
        if receiver is not None:
            return receiver.inputs
        path = written.trigger.path if written.trigger else None
        return tuple(self._inputs.written(written, path, place))

    def form(self, entity: EntityDraft, action: str, place: Place) -> plan.Operation | None:
        """A write that only pages run: no route of its own."""
        return self._exposure.form(entity, action, place)

    def _written(self, written: Written, place: Place) -> plan.Operation:
        inputs = self._taken(written, place)
        composition = Composition(
            place,
            {one.name: self._inputs.seen(one, written, place) for one in inputs},
            frozenset(one.name for one in inputs if not one.required and one.default is None),
            frozenset(written.failures),
            signed_in=written.trigger is not None and written.trigger.http is not None and _nobody(written),
            waited_for=written.trigger is not None and written.trigger.http is not None and not written.idempotent,
        )
        self._changed_row(written, composition, place)
        steps = self._steps.all(written.steps, composition)
        self._unused(written, composition, place)
        is_signed = written.trigger is not None and written.trigger.webhook is not None
        self._remembering(written, steps, place)
        listed = self._forms.listed(written, place)
        return plan.Operation(
            trigger=self._trigger(written, place),
            access=self._roles.access(written.access, place / "access"),
            principal=self._principal(written, place),
            input=inputs,
            media=("application/json",) if is_signed else self._forms.media(written, inputs, place),
            steps=self._forms.sized(written, steps, listed),
            returns=self._answers.written(written.returns, composition, place / "returns"),
            failures={
                name: plan.Failure(status=one.status, title=one.title, detail=one.detail)
                for name, one in sorted(written.failures.items())
            },
            body_limit=self._inputs.body_limit(written, inputs),
            rate=written.limits.rate if written.limits else None,
            seconds=written.limits.time.seconds if written.limits and written.limits.time else None,
            paging=self._forms.paging(written),
            cache=self._forms.cache(written),
            remember=written.remember.seconds if written.remember else None,
            idempotent=bool(written.idempotent) or is_signed,
            lenient=is_signed or self._forms.lenient(written),
            wrapped=written.accepts.envelope if written.accepts else None,
            tier=0 if place.source.is_certified else 1,
            summary=written.summary,
            description=written.description,
            component=place.source.alias or None,
            public=written.public,
        )

    def _remembering(self, written: Written, steps: tuple[plan.Step, ...], place: Place) -> None:
        if written.remember is None or all(step.kind in _READING or self._is_pure(step) for step in steps):
            return
        self._world.findings.error(
            "assembly/remembered-write",
            (place / "remember").key,
            f"`{place.path[-1]}` does more than read",
            expected="`remember` where only rows are read",
            hint="for repeated writes there is `idempotent`",
        )

    def _is_pure(self, step: plan.Step) -> bool:
        known = self._steps.capability(step.capability) if step.capability else None
        return known is not None and not known.effects

    def _changed_row(self, written: Written, composition: Composition, place: Place) -> None:
        """What a change triggers knows the changed row."""
        if written.trigger is None or written.trigger.changed is None:
            return
        entity = self._world.entity(written.trigger.changed.entity, place / "trigger" / "changed" / "entity")
        if entity is not None:
            changed = written.trigger.changed
            names = ("row", "old") if changed.within and changed.when == "update" else ("row",)
            composition.bound.update({name: Type.row(entity.name) for name in names})

    def _principal(self, written: Written, place: Place) -> str | None:
        if written.as_ is None:
            return None
        holder = self._roles.holder(written.as_, place / "as")
        return holder.principal if holder else None

    def _unused(self, written: Written, composition: Composition, place: Place) -> None:
        raised = composition.used | {
            error for step in written.steps if step.kind == "call" for error in self._errors(step.target)
        }
        for name in written.failures:
            if name not in raised and name not in BUILT_IN_FAILURES:
                self._world.findings.warning(
                    "assembly/unused-failure",
                    (place / "failures" / name).key,
                    f"no step ends with `{name}`",
                    hint=did_you_mean(name, raised) or f"name it in a step: `else: {name}`",
                )

    def _errors(self, capability: str) -> tuple[str, ...]:
        known = self._steps.capability(capability)
        return tuple(known.errors) if known else ()

    def _trigger(self, written: Written, place: Place) -> plan.Trigger:
        trigger = written.trigger
        if trigger is None:
            return plan.Trigger(kind="internal")
        if trigger.http is not None:
            return plan.Trigger(kind="http", method=trigger.method, path=trigger.path)
        if trigger.webhook is not None:
            signature = _signature(trigger.webhook, place.source)
            return plan.Trigger(kind="http", method=trigger.method, path=trigger.path, signature=signature)
        if trigger.schedule is not None:
            every = trigger.schedule.every
            return plan.Trigger(kind="schedule", every=every.seconds if every else None, cron=trigger.schedule.cron)
        if trigger.queue is not None:
            queue = trigger.queue
            wait = queue.wait.seconds if queue.wait else None
            return plan.Trigger(kind="queue", queue=queue.name, attempts=queue.attempts, wait=wait)
        assert trigger.changed is not None
        changed = trigger.changed
        entity = place.source.entity(changed.entity)
        here = place / "trigger" / "changed" / "where"
        old = entity if changed.when in ("update", "any") else None
        scope = self._world.scope(this=entity, old=old, database=False)
        known = entity in self._world.entities
        where = self._world.expressions.condition(changed.where, here, scope) if known else None
        differs = self._differs(changed.fields, entity, place / "trigger" / "changed" / "fields") if known else None
        return plan.Trigger(
            kind="changed",
            entity=entity,
            actions=("create", "update", "delete") if changed.when == "any" else (changed.when,),
            where=conjunction(differs, where),
            within=changed.within is not None,
        )

    def _differs(self, fields: tuple[str, ...], entity: str, place: Place) -> plan.Expr | None:
        """That one of some fields has got another value; absent before or after counts as another one."""
        parts = []
        for position, name in enumerate(fields):
            info = self._world.field(entity, name)
            if info is None:
                self._unknown_field(entity, name, place / position)
                continue
            text = f"this.{name} != old.{name}"
            if info.type.optional:
                text = f"({text} || (this.{name} == null) != (old.{name} == null))"
            parts.append(text)
        scope = self._world.scope(this=entity, old=entity, database=False)
        return self._world.expressions.condition(" || ".join(parts) or None, place, scope)

    def _unknown_field(self, entity: str, name: str, place: Place) -> None:
        known = self._world.names(entity)
        self._world.findings.error(
            "assembly/unknown-field", place.location, f"`{entity}` has no field `{name}`",
            expected=f"a field of `{entity}`", found=f"`{name}`", hint=did_you_mean(name, known),
        )  # fmt: skip


def _nobody(written: Written) -> bool:
    """Whether nobody runs it without an account."""
    return bool(written.access) and "anyone" not in written.access


def _signature(webhook: Webhook, source: Source) -> plan.Signature:
    return plan.Signature(
        secret=source.name(webhook.secret),
        scheme=webhook.scheme,
        header=(webhook.header or SIGNATURE_HEADERS[webhook.scheme]).lower(),
        tolerance=webhook.tolerance.seconds if webhook.tolerance else 300,
    )
