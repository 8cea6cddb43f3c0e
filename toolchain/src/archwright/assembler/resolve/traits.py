"""Traits: what a component adds to the entities that take them, as a document of its own for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...diagnostics import Collector, Location, did_you_mean
from ...language.component import Trait
from ...language.configuration import configure
from ...language.document import validate
from ...language.entities import Entity
from ...language.nodes import Mapping as Tree
from ...language.nodes import Node
from ...language.substitution import Substitution
from .parameters import completed
from .source import Place, Source


@dataclass(frozen=True)
class Applied:
    """A trait for one entity, with the members that every source has."""

    written: Trait
    entities: Mapping[str, Entity]

    @property
    def roles(self) -> Mapping[str, Any]:
        """The roles that come with it."""
        return self.written.roles

    @property
    def views(self) -> Mapping[str, Any]:
        """The views that come with it."""
        return self.written.views

    @property
    def operations(self) -> Mapping[str, Any]:
        """The operations that come with it."""
        return self.written.operations

    @property
    def pages(self) -> Mapping[str, Any]:
        """The pages that come with it."""
        return self.written.pages


@dataclass(frozen=True)
class _Taking:
    """One entity that takes a trait of a component."""

    component: Source
    trait: str
    written: Trait
    assembly: Source
    name: str
    entity: Entity
    people: str

    @property
    def place(self) -> Place:
        """Where the entity says so."""
        return Place(self.assembly, ("entities", self.name, "traits", self.trait))


def applied(sources: tuple[Source, ...], findings: Collector) -> Iterator[Source]:
    """One source for each trait that an entity of the assembly takes."""
    known = {
        name: (source, trait)
        for source in sources
        if source.alias
        for name, trait in source.model.provides.traits.items()
    }
    assembly, people = sources[-1], _people(sources)
    for name, entity in assembly.entities.items():
        for trait in entity.traits:
            if trait in known:
                component, written = known[trait]
                yield from _applied(_Taking(component, trait, written, assembly, name, entity, people), findings)
                continue
            place = Place(assembly, ("entities", name, "traits", trait))
            findings.error(
                "assembly/unknown-trait", place.key, f"no component of this assembly provides the trait `{trait}`",
                expected="a trait of a chosen component", found=f"`{trait}`", hint=did_you_mean(trait, known),
            )  # fmt: skip


def _people(sources: tuple[Source, ...]) -> str:
    """The entity whose rows are people."""
    found = ((source, source.model.provides.identity) for source in sources if source.alias)
    return next((source.entity(one.entity) for source, one in found if one is not None), "accounts.User")


def _applied(taking: _Taking, findings: Collector) -> Iterator[Source]:
    given = taking.entity.traits[taking.trait]
    own = {**facts(taking.name, taking.entity), "people": taking.people}
    parameters = completed(taking.trait, taking.written, given, own, taking.place, findings)
    body = _body(_manifest(taking.component), taking.trait)
    if parameters is None or body is None:
        return

    def unknown(name: str, place: Location) -> None:
        known = taking.entity.fields
        findings.error(
            "assembly/unknown-field", taking.place.location, f"`{taking.name}` has no field `{name}`",
            expected=f"a field that `{taking.name}` declares", found=f"`{name}`", hint=did_you_mean(name, known),
        )  # fmt: skip

    fields = _fields(taking.assembly.document.root, taking.name)
    body = Substitution(taking.name, parameters, own, fields, unknown=unknown).trait(body)
    reading = validate(Trait, body, taking.component.document.file, area="component")
    findings.add(*reading.findings)
    if reading.document is not None:
        made = reading.document.model
        entity = Entity.model_construct(**{**Entity.model_validate({}).__dict__, **_members(made)})
        yield Source("", reading.document, Applied(made, {taking.name: entity, **made.entities}), trait=taking.trait)


def facts(name: str, entity: Entity) -> dict[str, str]:
    """What ``${self.x}`` means for an entity."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.rpartition(".")[2]).lower()
    kebab = words.replace(" ", "-")
    path = entity.expose.path if entity.expose is not None else f"/api/{kebab}"
    label = (entity.label or words).lower()
    return {"path": path, "name": kebab, "field": words.replace(" ", "_"), "label": label}


def _members(trait: Trait) -> dict[str, Any]:
    """What a trait says about the entity itself."""
    common = (set(Trait.model_fields) & set(Entity.model_fields)) - {"entities"}
    return {key: getattr(trait, key) for key in common}


def _manifest(component: Source) -> Node:
    """The manifest as it is configured, its traits as they are written."""
    assert component.certified is not None and component.config is not None
    return configure(component.certified.root, component.config)


def _body(root: Node, name: str) -> Tree | None:
    """A trait as it is written."""
    return _below(root, "provides", "traits", name)


def _fields(root: Node, entity: str) -> Mapping[str, Node]:
    """The fields of an entity as they are written."""
    found = _below(root, "entities", entity, "fields")
    return {} if found is None else {name: entry.value for name, entry in found.entries.items()}


def _below(root: Node, *path: str) -> Tree | None:
    for key in path:
        entry = root.entries.get(key) if isinstance(root, Tree) else None
        if entry is None:
            return None
        root = entry.value
    return root if isinstance(root, Tree) else None
