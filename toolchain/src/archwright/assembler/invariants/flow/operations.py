"""Flows through operations: from inputs and rows through steps to rows, components and answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ....diagnostics import Diagnostic, Related
from ....language.component import Capability
from ....language.operations import Operation as Written
from ....language.steps import Step
from ... import plan
from ...resolve.components import short
from ...resolve.source import Place, Source
from ...resolve.world import EntityDraft
from ..proof import Proof, broken
from .audience import NOBODY, SECRET, authors, callers, permitted, shown_to_all, uncleared, unknown_to_callers
from .constraints import failing, referring, unique
from .labels import (
    EVERY,
    NOTHING,
    Facts,
    Label,
    Labels,
    Mark,
    Origin,
    classes,
    is_subject,
    join,
    tests_presence,
    without,
)
from .persons import foreign
from .stored import lost

_ROWS = ("get", "list", "create", "update", "delete", "upsert")
_WRITES = ("create", "update", "delete", "upsert")
_CONTAINED = frozenset({"compute", "files", "time", "random"})
"""Effects that end with the call: a stored file is reached through the result only."""
_ENDING = ("get", "update", "delete", "require")
"""Steps that end the operation where nothing fits, so that all other steps depend on their condition."""


@dataclass(frozen=True)
class _Decided:
    """What decides a step: its condition, what its success depends on, and what it is repeated over."""

    when: Label
    guard: Label
    each: Label
    item: Label


class Operation:
    """Follows the values of one operation from step to step."""

    def __init__(
        self, proof: Proof, facts: Facts, name: str, text: Written, planned: plan.Operation, place: Place
    ) -> None:
        self._proof = proof
        self._facts = facts
        self._name = name
        self._written = text
        self._planned = planned
        self._place = place
        self._audience = authors(proof, planned.trigger) if planned.trigger.within else NOBODY
        if text.access:
            self._audience = callers(proof, name)
        self._labels = Labels(facts, own=frozenset({"caller"}))
        if text.as_ is None:
            self._labels.permitted = permitted(proof, name)
        self._labels.inputs = {one.name: self._input(one) for one in planned.input}

    def findings(self) -> Iterator[Diagnostic]:
        """Every flow of the operation that is not cleared."""
        yield from self._addresses()
        changed = self._labels.below(self._place / "trigger" / "changed")
        steps = [(step, self._place / "steps" / position) for position, step in enumerate(self._written.steps)]
        decided = [self._learn(step, place) for step, place in steps]
        ending = [one.guard for (step, _), one in zip(steps, decided, strict=True) if step.kind in _ENDING]
        common = join(changed, *ending)
        for (step, place), one in zip(steps, decided, strict=True):
            yield from self._step(step, place, one, common)
        yield from self._answer()

    # -- what comes in ------------------------------------------------------------------------------------------

    def _input(self, one: plan.Input) -> Label:
        place = self._place / "input" / one.name
        note = f"the input `{one.name}` is "
        # What another operation sends, or another service, is known to nobody who asks.
        origin = Origin.INPUT if self._written.access or self._planned.trigger.within else Origin.DATA
        said = {Mark(name, origin): (Related(place.key, note + name),) for name in one.classes}
        return join(said, self._labels.at(place / "default"))

    def _addresses(self) -> Iterator[Diagnostic]:
        for one in self._planned.input:
            if one.source in ("path", "query"):
                place = self._place / "input" / one.name
                yield from _in_address(self._labels.inputs[one.name], place)

    # -- what decides -------------------------------------------------------------------------------------------

    def _learn(self, step: Step, place: Place) -> _Decided:
        """What decides a step; binds its result for the steps behind it."""
        each = self._labels.at(place / "each")
        if step.each is not None:
            self._labels.bound["item"] = {EVERY: each}
        when = self._when(place)
        own = self._labels.own
        if self._is_own(step, place):
            self._labels.own = own | {"this"}
        told = NOTHING if self._is_deferred(step) else when
        guard = join(told, self._labels.at(place / "require"), self._condition(step, place))
        self._labels.own = own
        item = self._labels.bound.pop("item", {}).get(EVERY, NOTHING)
        decided = _Decided(when, guard, each, item)
        self._bind(step, place, decided)
        return decided

    def _when(self, place: Place) -> Label:
        """What a step depends on; that an optional input came at all says nothing about its value."""
        label = self._labels.at(place / "when")
        typed = self._facts.typed(place / "when")
        presence = typed is not None and tests_presence(typed.node)
        return without(label, Origin.INPUT) if presence else label

    def _is_deferred(self, step: Step) -> bool:
        """Whether a step happens after the answer, so that its caller never learns whether it did."""
        if step.kind != "call":
            return False
        source = self._provider(step)
        capability = _capability(source, step.target) if source is not None else None
        return capability is None or any(effect.startswith("egress") for effect in capability.effects)

    def _condition(self, step: Step, place: Place) -> Label:
        """What a step tells by finding rows, by their order, and by a write that is refused."""
        entity = self._entity(step)
        if entity is None:
            return NOTHING
        found = join(self._labels.at(place / "where"), self._order(step, entity, place))
        if step.kind == "delete":
            found = join(found, referring(self._facts, entity))
        if step.kind in ("create", "update", "upsert"):
            fields = frozenset(name for name, _ in self._values(step, entity, place))
            given = {name: label for name, (label, _) in self._values(step, entity, place)}
            new = step.kind == "create"
            found = join(found, failing(self._facts, entity, fields, given if new else None))
            found = join(found, unique(self._facts, entity, fields))
        return found

    def _order(self, step: Step, entity: EntityDraft, place: Place) -> Label:
        names = [name.removeprefix("-") for name in step.sort if name.removeprefix("-").isidentifier()]
        view = Place(place.source, ("views", step.view)) if step.view is not None else None
        chosen = [self._labels.below(view / key) for key in ("where", "having", "sort")] if view else []
        ordered = self._labels.below(place / "sort")
        return join(*(self._facts.of_field(entity.name, name) for name in names), ordered, *chosen)

    def _is_own(self, step: Step, place: Place) -> bool:
        """Whether a step reaches only rows whose subject is the caller."""
        entity = self._entity(step)
        typed = self._facts.typed(place / "where")
        return entity is not None and typed is not None and is_subject(typed.node, entity.written.subject)

    def _entity(self, step: Step) -> EntityDraft | None:
        if step.kind not in _ROWS:
            return None
        return self._proof.resolution.world.entities.get(self._place.source.entity(step.target))

    # -- what goes on -------------------------------------------------------------------------------------------

    def _bind(self, step: Step, place: Place, decided: _Decided) -> None:
        if step.as_ is None:
            return
        control = without(join(decided.when, decided.each), Origin.INPUT)
        if step.kind == "declassify" and step.declassify is not None:
            kept = {Mark(label): (Related(place.location, "declassified here"),) for label in step.declassify.to}
            self._labels.bound[step.as_] = {EVERY: join(kept, control)}
        elif step.kind == "call":
            self._labels.bound[step.as_] = {**self._output(step, place), EVERY: control}
        else:
            rows = without(decided.guard, Origin.INPUT) if step.kind == "list" else NOTHING
            self._labels.bound[step.as_] = {EVERY: join(control, rows)}
            if self._is_own(step, place):
                self._labels.own = self._labels.own | {step.as_}

    def _output(self, step: Step, place: Place) -> dict[str, Label]:
        """What a result carries: what the component declares; of a pure one also all that it was given."""
        source = self._provider(step)
        capability = _capability(source, step.target) if source is not None else None
        if capability is None:
            return {}
        given = NOTHING if _reaches_out(capability) else join(*(self._argument(place / key) for key in step.arguments))
        return {
            member: join(
                {
                    Mark(name): (Related(place.location, f"`{step.target}` gives a {name} value"),)
                    for name in one.class_
                },
                given,
            )
            for member, one in capability.output.items()
        }

    def _argument(self, place: Place) -> Label:
        return join(self._labels.below(place), self._labels.rows_below(place))

    def _provider(self, step: Step) -> Source | None:
        alias = step.target.partition(".")[0]
        return next((one for one in self._proof.components if one.alias == alias), None)

    # -- where it arrives ---------------------------------------------------------------------------------------

    def _step(self, step: Step, place: Place, decided: _Decided, common: Label) -> Iterator[Diagnostic]:
        told = unknown_to_callers(without(decided.guard, Origin.INPUT))
        what = f"whether `{self._name}` succeeds tells its callers about a value"
        yield from uncleared(told, self._audience, place, what)
        control = without(join(common, decided.when, decided.each), Origin.INPUT)
        if step.each is not None:
            self._labels.bound["item"] = {EVERY: decided.item}
        if step.kind == "call":
            yield from self._call(step, control, place)
            for key, message in (("then", step.then), ("otherwise", step.otherwise)):
                if message is not None:
                    results = self._results(step) if key == "then" else {}
                    yield from self._message(message.send, message.set, results, control, place / key)
        elif step.kind == "send":
            given = step.set if isinstance(step.set, dict) else {}
            decided_by = join(control, self._labels.at(place / "at"), self._labels.at(place / "once"))
            yield from self._message(step.send or "", given, {}, decided_by, place)
        elif step.kind in _WRITES:
            yield from self._store(step, control, place)
        elif step.kind == "declassify":
            yield from self._declassify(step, place)
        self._labels.bound.pop("item", None)

    def _store(self, step: Step, control: Label, place: Place) -> Iterator[Diagnostic]:
        entity = self._entity(step)
        if entity is None:
            return
        fields = []
        for name, (label, here) in self._values(step, entity, place):
            fields.append(name)
            yield from lost(entity, name, label, here)
        yield from foreign(self._proof, self._facts, entity, step, place)
        drafts = [entity.fields[name] for name in fields if name in entity.fields]
        for decisive, path in classes(control):
            keeps = step.kind == "update" and bool(drafts) and all(decisive in one.classes for one in drafts)
            if not keeps and not shown_to_all(self._proof, entity, decisive):
                yield broken(
                    "lost-label",
                    (place / step.kind).location,
                    f"a {decisive} value decides what is stored in `{entity.name}`, where others see it",
                    expected=f"readers of `{entity.name}` that all clear `{decisive}`",
                    hint="decide by something else, or let only those read it who may know the reason",
                    path=(*path, Related(place.location, "and decides this step")),
                )

    def _values(self, step: Step, entity: EntityDraft, place: Place) -> Iterator[tuple[str, tuple[Label, Place]]]:
        """What each field is given, with the place that says so."""
        yield from ((name, (self._argument(place / key / name), place / key / name)) for key, name, _ in step.values)
        if isinstance(step.set, str):
            given = (name for name in self._labels.inputs if name in entity.fields)
            yield from ((name, (self._labels.inputs[name], place / "set")) for name in given)

    def _call(self, step: Step, control: Label, place: Place) -> Iterator[Diagnostic]:
        source = self._provider(step)
        capability = _capability(source, step.target) if source is not None else None
        if source is None or capability is None or not _reaches_out(capability):
            return  # what stays in the call tells nobody; its result carries what it was given
        for key in step.arguments:
            here = place / key
            parameter = capability.input.get(key)
            taken = {*source.model.clears, *(parameter.class_ if parameter is not None else ())}
            yield from self._leaving(step, source, self._argument(here), taken, here)
        yield from self._leaving(step, source, control, set(source.model.clears), place / "call")

    def _leaving(self, step: Step, source: Source, label: Label, taken: set[str], place: Place) -> Iterator[Diagnostic]:
        for name, path in classes(label):
            if name not in taken:
                yield broken(
                    "uncleared-flow",
                    place.location,
                    f"a {name} value goes to `{step.target}`, which does not clear it",
                    expected=f"a component that clears `{name}`",
                    found=f"clears {sorted(source.model.clears) or 'nothing'}",
                    hint="leave it out, or choose a component that is certified for it",
                    path=(*path, Related(place.location, "and leaves here")),
                )

    def _results(self, step: Step) -> dict[str, Label]:
        """What the results of an effect carry."""
        source = self._provider(step)
        capability = _capability(source, step.target) if source is not None else None
        stated = capability.output if capability is not None else {}
        return {name: {Mark(label): () for label in one.class_} for name, one in stated.items()}

    def _message(
        self, send: str, given: dict[str, Any], results: dict[str, Label], control: Label, place: Place
    ) -> Iterator[Diagnostic]:
        """Values that another operation takes: its inputs must have their classes."""
        name = place.source.name(send) if "." not in send else send
        receiver = self._proof.plan.operations.get(name)
        for one in receiver.input if receiver is not None else ():
            here = place / "set" / one.name if one.name in given else place
            label = self._argument(here) if one.name in given else results.get(one.name, NOTHING)
            yield from self._sent(one.name, name, label, set(one.classes), here)
        kept = {label for one in receiver.input for label in one.classes} if receiver is not None else set()
        yield from self._sent("at all", name, control, kept, place)

    def _sent(self, what: str, name: str, label: Label, kept: set[str], place: Place) -> Iterator[Diagnostic]:
        for found, path in classes(label):
            if found not in kept:
                yield broken(
                    "lost-label",
                    place.location,
                    f"a {found} value is sent to `{name}` as `{what}`, which is not {found}"
                    if what != "at all"
                    else f"a {found} value decides whether `{name}` is run, which knows no such class",
                    expected=f"an input of the class `{found}`",
                    found=f"classes {sorted(kept) or 'none'}",
                    hint=f"add `class: [{found}]` to the input, or declassify the value",
                    path=(*path, Related(place.location, "and is sent here")),
                )

    def _declassify(self, step: Step, place: Place) -> Iterator[Diagnostic]:
        carried = self._labels.at(place / "declassify" / "value")
        named = step.declassify
        for name, path in classes(carried):
            if named is not None and name == SECRET and named.transform not in ("redact", "count"):
                yield broken(
                    "declassified-secret",
                    (place / "declassify").location,
                    f"a secret would be shown to callers of `{self._name}`",
                    expected="`transform: redact` or `transform: count`",
                    found=f"`transform: {named.transform}`",
                    hint="secrets stay where they are; have the component that keeps it compare it",
                    path=(*path, Related(place.location, "and loses its label here")),
                )

    def _answer(self) -> Iterator[Diagnostic]:
        """Values in the answer; rows as a whole carry the permissions of the caller with which they were read."""
        returns = self._place / "returns"
        for key in ("body", "file", "filename", "cookies"):
            rows = self._labels.rows_below(returns / key) if self._written.as_ is not None else NOTHING
            label = unknown_to_callers(join(self._labels.below(returns / key), rows))
            yield from uncleared(label, self._audience, returns / key, f"`{self._name}` answers with a value")
        for key in ("headers", "redirect"):
            yield from _in_address(self._labels.below(returns / key), returns / key)


def _reaches_out(capability: Capability) -> bool:
    """Whether others may learn what a capability was given, beyond what its results carry."""
    return not _CONTAINED.issuperset(capability.effects)


def _in_address(label: Label, place: Place) -> Iterator[Diagnostic]:
    for name, path in classes(label):
        yield broken(
            "label-in-header",
            place.location,
            f"a {name} value stands in an address or a header, which proxies log",
            expected="no labelled value",
            hint="send it in the body",
            path=(*path, Related(place.location, "and can be read here")),
        )


def _capability(source: Source, target: str) -> Capability | None:
    """The manifest's entry of `alias.name`."""
    name = target.partition(".")[2]
    return next((one for key, one in source.model.provides.capabilities.items() if short(key) == name), None)
