"""No value reaches an audience that does not clear its classes.

The audience of a permission is the role that holds it, or the person whose data the row is. The audience of an
operation's answer, and of whether it fails, is everybody who may run it. The audience of a capability is what its
component clears. A field is an audience too: whoever may read it later.

What is covered: explicit and control flows within the assembly. Not covered: timing, the inside of a component, and
the operators of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...diagnostics import Diagnostic, Location, Related
from ...language.component import Capability
from ...language.operations import Operation as WrittenOperation
from ...language.steps import Step
from .. import plan
from ..resolve.components import short
from ..resolve.roles import BUILT_IN
from ..resolve.source import Place, Source
from ..resolve.world import EntityDraft
from .labels import NOTHING, Label, Labels, Written, is_subject, join, tests_presence, written
from .proof import Proof, broken

_SECRET = "secret"
_ROWS = ("get", "list", "create", "update", "upsert")


def check(proof: Proof) -> Iterator[Diagnostic]:
    """Report every flow to an audience that does not clear it, with its whole path."""
    expressions = written(proof.resolution)
    for entity in proof.resolution.world.entities.values():
        yield from _permissions(proof, entity, Labels(proof.resolution, expressions))
    for name, text, planned, place in proof.operations():
        yield from Operation(proof, expressions, name, text, planned, place).findings()


# -- permissions ------------------------------------------------------------------------------------------------------


def _permissions(proof: Proof, entity: EntityDraft, labels: Labels) -> Iterator[Diagnostic]:
    planned = proof.plan.entities[entity.name]
    grants = iter(planned.grants)
    for place, part in entity.parts:
        for name, permission in part.permissions.items():
            for action, _ in permission.grants:
                grant = next(grants)
                if action == "read":
                    yield from _readable(proof, labels, entity, name, grant, place / "permissions" / name / action)


def _readable(
    proof: Proof, labels: Labels, entity: EntityDraft, name: str, grant: plan.Grant, place: Place
) -> Iterator[Diagnostic]:
    if is_subject(grant.where, entity.written.subject) or (
        entity.written.subject == "id" and is_subject(grant.where, "id")
    ):
        return  # the audience is the person whose data it is
    audience = _audience(proof, name, place)
    for field in grant.fields:
        yield from _uncleared(
            labels.of_field(entity.name, field), audience, place.location, f"`{name}` may read `{entity.name}.{field}`"
        )
    control = labels.at(place / "where")
    yield from _uncleared(
        control, audience, place.location, f"`{name}` learns from which rows of `{entity.name}` are there"
    )


def _audience(proof: Proof, name: str, place: Place) -> Audience:
    operation = place.source.name(name)
    if name not in BUILT_IN and operation in proof.plan.operations:
        return _callers(proof, operation)
    return Audience((name,), (proof.resolution.roles.clears(name),))


class Audience:
    """Those who learn a value, each with the classes that may be shown to them."""

    def __init__(self, names: tuple[str, ...], clears: tuple[frozenset[str], ...]) -> None:
        self.names = names
        self._clears = clears

    def lacking(self, label: str) -> tuple[str, ...]:
        """Those to whom a class may not be shown; secrets are shown to nobody."""
        return tuple(name for name, clears in zip(self.names, self._clears, strict=True) if label not in clears)


def _callers(proof: Proof, operation: str) -> Audience:
    names = next(tuple(one.access) for name, one, _, _ in proof.operations() if name == operation)
    return Audience(names, tuple(proof.resolution.roles.clears(name) for name in names))


def _uncleared(label: Label, audience: Audience, location: Location, what: str) -> Iterator[Diagnostic]:
    for name, path in sorted(label.items()):
        lacking = audience.lacking(name)
        if lacking:
            yield broken(
                "uncleared-flow",
                location,
                f"{what}, which is {name}",
                expected=f"an audience that clears `{name}`",
                found=", ".join(f"`{one}`" for one in lacking),
                path=(*path, Related(location, "and reaches them here")),
                hint=f"leave it out, add `clears: [{name}]` to the role, narrow the rows to the person's own, "
                "or declassify it",
            )


# -- operations -------------------------------------------------------------------------------------------------------


class Operation:
    """Follows the values of one operation from step to step."""

    def __init__(
        self,
        proof: Proof,
        expressions: Written,
        name: str,
        text: WrittenOperation,
        planned: plan.Operation,
        place: Place,
    ) -> None:
        self._proof = proof
        self._name = name
        self._written = text
        self._planned = planned
        self._place = place
        self._audience = _callers(proof, name) if text.access else Audience((), ())
        inputs = {one.name: (one.classes, (place / "input" / one.name).key) for one in planned.input}
        self._labels = Labels(proof.resolution, expressions, inputs)

    def findings(self) -> Iterator[Diagnostic]:
        """Every flow of the operation that is not cleared."""
        for position, step in enumerate(self._written.steps):
            yield from self._step(step, self._place / "steps" / position)
        yield from self._answer()

    def _step(self, step: Step, place: Place) -> Iterator[Diagnostic]:
        guards = join(self._when(place), self._labels.at(place / "require"), self._guard(step, place))
        own = _from_caller(guards)
        yield from _uncleared(
            {name: path for name, path in guards.items() if name not in own}, self._audience, place.location,
            f"whether `{self._name}` succeeds tells its callers about a value",
        )  # fmt: skip
        control = join(guards, self._labels.at(place / "each"))
        if step.kind == "call":
            yield from self._call(step, control, place)
        elif step.kind in ("create", "update", "upsert") and isinstance(step.set, dict):
            yield from self._writes(step, control, place)
        self._bind(step, place)

    def _when(self, place: Place) -> Label:
        """What a step depends on; that an optional input came at all says nothing about its value."""
        label = self._labels.at(place / "when")
        typed = self._proof.resolution.typed.get(place / "when")
        said = _from_caller(label) if typed is not None and tests_presence(typed.node) else frozenset()
        return {name: path for name, path in label.items() if name not in said}

    def _guard(self, step: Step, place: Place) -> Label:
        """What `where` reads decides success, unless it admits only the caller's own rows."""
        entity = self._entity(step)
        if entity is None or step.where is None:
            return NOTHING
        typed = self._proof.resolution.typed.get(place / "where")
        if typed is not None and is_subject(typed.node, entity.written.subject):
            return NOTHING
        return self._labels.at(place / "where")

    def _entity(self, step: Step) -> EntityDraft | None:
        if step.kind not in (*_ROWS, "delete"):
            return None
        return self._proof.resolution.world.entities.get(self._place.source.entity(step.target))

    def _writes(self, step: Step, control: Label, place: Place) -> Iterator[Diagnostic]:
        entity = self._entity(step)
        assert isinstance(step.set, dict)
        for name in step.set if entity is not None else ():
            assert entity is not None
            here = place / "set" / name
            field = entity.fields.get(name)
            carried = join(self._labels.at(here), control)
            kept = set(field.classes) if field else set()
            for label, path in sorted(carried.items()):
                if label not in kept:
                    yield broken(
                        "lost-label",
                        here.location,
                        f"a {label} value is stored in `{entity.name}.{name}`, which is not {label}",
                        expected=f"a field of the class `{label}`",
                        found=f"classes {sorted(kept) or 'none'}",
                        hint=f"add `class: [{label}]` to the field, or declassify the value",
                        path=(*path, Related(here.location, "and is stored here")),
                    )

    def _call(self, step: Step, control: Label, place: Place) -> Iterator[Diagnostic]:
        source = self._provider(step)
        if source is None:
            return
        capability = _capability(source, step.target)
        for key in step.arguments:
            here = place / key
            taken = set(source.model.clears) | set(
                capability.input[key].class_ if capability and key in capability.input else ()
            )
            carried = join(self._labels.below(here), control)
            for label, path in sorted(carried.items()):
                if label not in taken:
                    yield broken(
                        "uncleared-flow",
                        here.location,
                        f"a {label} value goes to `{step.target}`, which does not clear it",
                        expected=f"a component that clears `{label}`",
                        found=f"clears {sorted(source.model.clears) or 'nothing'}",
                        hint="leave it out, or choose a component that is certified for it",
                        path=(*path, Related(here.location, "and leaves here")),
                    )

    def _bind(self, step: Step, place: Place) -> None:
        if step.as_ is None:
            return
        if step.kind == "declassify" and step.declassify is not None:
            remaining = {label: (Related(place.location, "declassified here"),) for label in step.declassify.to}
            self._labels.bound[step.as_] = {"*": remaining}
        elif step.kind == "call":
            self._labels.bound[step.as_] = self._output(step, place)

    def _output(self, step: Step, place: Place) -> dict[str, Label]:
        source = self._provider(step)
        if source is None:
            return {}
        capability = _capability(source, step.target)
        return {
            member: {
                label: (Related(place.location, f"`{step.target}` gives a {label} value"),) for label in one.class_
            }
            for member, one in (capability.output.items() if capability else ())
        }

    def _provider(self, step: Step) -> Source | None:
        alias = step.target.partition(".")[0]
        return next((one for one in self._proof.components if one.alias == alias), None)

    def _answer(self) -> Iterator[Diagnostic]:
        """Members of rows in the answer; rows as a whole carry their own permissions."""
        returns = self._place / "returns"
        own = self._own_rows()
        body = {label: path for label, path in self._labels.below(returns / "body").items() if label not in own}
        yield from _uncleared(body, self._audience, (returns / "body").location, f"`{self._name}` answers with a value")
        for key in ("headers", "redirect"):
            here = returns / key
            for label, path in sorted(self._labels.below(here).items()):
                yield broken(
                    "label-in-header",
                    here.location,
                    f"a {label} value stands in an address or a header, which proxies log",
                    expected="no labelled value",
                    hint="answer with it in the body",
                    path=(*path, Related(here.location, "and leaves here")),
                )

    def _own_rows(self) -> frozenset[str]:
        """The classes of rows that the operation reaches only where they are the caller's own."""
        owned: set[str] = set()
        for position, step in enumerate(self._written.steps):
            entity = self._entity(step)
            typed = self._proof.resolution.typed.get(self._place / "steps" / position / "where")
            if entity is not None and typed is not None and is_subject(typed.node, entity.written.subject):
                owned |= {label for field in entity.fields.values() for label in field.classes if label != _SECRET}
        return frozenset(owned)


def _capability(source: Source, target: str) -> Capability | None:
    """The manifest's entry of `alias.name`."""
    name = target.partition(".")[2]
    return next((one for key, one in source.model.provides.capabilities.items() if short(key) == name), None)


def _from_caller(label: Label) -> frozenset[str]:
    """Classes whose every origin is an input: callers learn nothing from what they said themselves."""
    return frozenset(name for name, path in label.items() if _is_input(path))


def _is_input(path: Iterable[Related]) -> bool:
    first = next(iter(path), None)
    return first is not None and first.note.startswith("the input ")
