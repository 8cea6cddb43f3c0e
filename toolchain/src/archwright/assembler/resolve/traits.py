"""Traits: what a component adds to the entities that take them, as a document of its own for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...diagnostics import Collector, did_you_mean
from ...language.component import Trait
from ...language.document import validate
from ...language.entities import Entity
from ...language.nodes import Mapping as Tree
from ...language.nodes import Node
from ...language.substitution import substitute
from .source import Place, Source


@dataclass(frozen=True)
class Applied:
    """A trait for one entity, with the members that every source has."""

    written: Trait
    entities: Mapping[str, Entity]
    roles: Mapping[str, Any] = field(default_factory=dict)

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


def applied(sources: tuple[Source, ...], findings: Collector) -> Iterator[Source]:
    """One source for each trait that an entity of the assembly takes."""
    known = {
        name: (source, trait)
        for source in sources
        if source.alias
        for name, trait in source.model.provides.traits.items()
    }
    assembly = sources[-1]
    for name, entity in assembly.entities.items():
        for trait, parameters in entity.traits.items():
            place = Place(assembly, ("entities", name, "traits", trait))
            if trait not in known:
                findings.error(
                    "assembly/unknown-trait", place.key, f"no component of this assembly provides the trait `{trait}`",
                    expected="a trait of a chosen component", found=f"`{trait}`", hint=did_you_mean(trait, known),
                )  # fmt: skip
                continue
            source, written = known[trait]
            yield from _applied(source, written, trait, name, parameters, place, findings)


def _applied(
    component: Source,
    trait: Trait,
    name: str,
    entity: str,
    parameters: Mapping[str, Any],
    place: Place,
    findings: Collector,
) -> Iterator[Source]:
    for key in parameters:
        if key not in trait.parameters:
            findings.error(
                "assembly/unknown-parameter",
                (place / key).key,
                f"the trait `{name}` takes no `{key}`",
                found=f"`{key}`",
                hint=did_you_mean(key, trait.parameters),
            )
    missing = [key for key, one in trait.parameters.items() if one.spec.required and key not in parameters]
    if missing:
        findings.error(
            "assembly/missing-parameter",
            place.key,
            f"the trait `{name}` needs `{missing[0]}`",
            expected=f"`{missing[0]}`",
        )
        return
    root = _body(component.document.root, name)
    if root is None:
        return
    filled = {**dict.fromkeys(trait.parameters), **parameters}
    reading = validate(Trait, substitute(root, entity, filled), component.document.file, area="component")
    findings.add(*reading.findings)
    if reading.document is not None:
        made = reading.document.model
        own = Entity.model_construct(**{**Entity.model_validate({}).__dict__, **_members(made)})
        yield Source("", reading.document, Applied(made, {entity: own, **made.entities}), trait=name)


def _members(trait: Trait) -> dict[str, Any]:
    return {key: getattr(trait, key) for key in ("fields", "check", "unique", "indexes", "permissions")}


def _body(root: Node, name: str) -> Tree | None:
    """The trait as it is written in the configured manifest."""
    for key in ("provides", "traits", name):
        entry = root.entries.get(key) if isinstance(root, Tree) else None
        if entry is None:
            return None
        root = entry.value
    return root if isinstance(root, Tree) else None
