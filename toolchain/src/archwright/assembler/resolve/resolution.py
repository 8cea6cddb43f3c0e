"""The order of resolving: components, entities, roles, permissions, operations, pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...diagnostics import Collector, Diagnostic, Location
from ...language.architecture import Architecture
from ...language.assembly import Assembly, Wire
from ...language.document import Document
from ...language.expression import Type, Typed
from ...registry.catalog import Catalog
from .. import plan
from ..renames import Renames
from . import components, failures, unserved
from .entities import Entities
from .operations import Operations
from .pages import Pages
from .reactions import Reactions
from .roles import Roles
from .selects import MOST, Selects
from .source import Place, Source
from .types import of_field, of_plan
from .world import World

FORMAT = 1


@dataclass(frozen=True)
class Resolution:
    """An assembly in which every name has its meaning.

    Attributes:
        plan: absent when something has no meaning.
        sources: the assembly and its configured components.
        typed: every expression by the place where it is written, with what it reads.
        places: where entities and fields stand, by `Entity` and `Entity.field`.
        renames: what was called otherwise before.
    """

    plan: plan.Plan | None
    findings: tuple[Diagnostic, ...]
    sources: tuple[Source, ...]
    typed: Mapping[Place, Typed]
    places: Mapping[str, Location]
    renames: Renames
    world: World
    roles: Roles


def resolve(document: Document[Assembly], catalog: Catalog, law: Architecture | None = None) -> Resolution:
    """Resolve an assembly over a verified catalogue, under the architecture's bounds."""
    findings = Collector()
    sources = components.choose(document, catalog, findings)
    unserved.report(sources, findings)
    world = World(sources, findings)
    identity = _identity(sources, findings)
    if identity is not None:
        world.caller = Type.ref(identity.entity).maybe()
    settings = _settings(document, world)
    world.check_scopes()
    roles = Roles(world, [source.name(name) for source in sources for name in source.model.operations])
    roles.check()
    made = _plan(document, law, world, roles, sources, settings, identity)
    places, renames = _places(world)
    return Resolution(
        None if findings.has_errors else made,
        findings.findings(),
        sources,
        world.expressions.typed,
        places,
        renames,
        world,
        roles,
    )


def _plan(
    document: Document[Assembly], law: Architecture | None, world: World, roles: Roles, sources: tuple[Source, ...],
    settings: dict[str, plan.Setting], identity: plan.Identity | None,
) -> plan.Plan:  # fmt: skip
    assembly = document.model
    most = (law.bounds.page_size if law else None) or MOST
    body = (law.bounds.body if law else None) or 1024 * 1024
    selects = Selects(world, most)
    selects.all_views()
    maker = Operations(world, roles, selects, body, most)
    operations = maker.all()
    pages = Pages(world, roles, selects, maker, operations).all()
    reactions = Reactions(world, operations)
    reactions.check()
    entities = Entities(world, roles)
    return plan.Plan(
        format=FORMAT,
        requires=("changed-within",) if reactions else (),
        name=assembly.assembly,
        version=assembly.version,
        owner=assembly.owner,
        description=assembly.description,
        settings=settings,
        components=components.planned(sources, settings),
        identity=identity,
        roles=roles.plain(),
        entities=entities.all(),
        links=entities.links(),
        operations=reactions.completed(),
        pages=pages,
        errors=failures.planned(assembly.errors, Place(world.assembly, ("errors",)), world.findings),
        wire=_wire(assembly.wire),
        cors=assembly.cors.origins if assembly.cors else (),
        theme=_theme(assembly, law),
    )


def _wire(written: Wire | None) -> plan.Wire:
    if written is None:
        return plan.Wire()
    digits = {"microseconds": 6, "milliseconds": 3, "seconds": 0}[written.times]
    return plan.Wire(digits=digits, numbers=written.numbers == "number", nulls=written.unreadable == "null")


def _identity(sources: tuple[Source, ...], findings: Collector) -> plan.Identity | None:
    offering = [(source, source.model.provides.identity) for source in sources if source.alias]
    found = [(source, identity) for source, identity in offering if identity is not None]
    assembly = next(source for source in sources if not source.is_certified)
    for source, _ in found[1:]:
        findings.error(
            "assembly/second-identity",
            Place(assembly, ("components", source.alias)).location,
            f"`{found[0][0].alias}` says who a caller is already",
            expected="one component that provides an identity",
            found=f"`{found[0][0].alias}` and `{source.alias}`",
            hint="remove one of them; further ways to sign in are components that offer `credentials`",
        )
    if not found:
        return None
    source, identity = found[0]
    return plan.Identity(
        component=source.alias, entity=source.entity(identity.entity), roles=identity.roles, sign_in=identity.sign_in
    )


def _settings(document: Document[Assembly], world: World) -> dict[str, plan.Setting]:
    assembly = world.assembly
    types: dict[str, Type] = {}
    found: dict[str, plan.Setting] = {}
    for name, written in document.model.settings.items():
        type = of_field(written.spec.type, assembly.entity)
        present = written.default is not None or bool(written.required) or written.spec.required
        types[name] = type.maybe(not present)
        found[name] = plan.Setting(
            type=of_plan(type), default=written.default, required=present and written.default is None
        )
        if written.default is not None:
            world.expressions.template(
                written.default, Place(assembly, ("settings", name, "default")), world.scope(), type
            )
    world.settings = Type.record(types)
    return found


def _theme(assembly: Assembly, law: Architecture | None) -> plan.Theme:
    own: Any = assembly.theme
    house: Any = law.theme if law else None
    name = (own.name if own else None) or assembly.assembly.replace("-", " ").capitalize()
    brand = (own.brand if own else None) or (house.brand if house else None) or plan.Theme().brand
    return plan.Theme(brand=brand, name=name, logo=(own.logo if own else None) or (house.logo if house else None))


def _places(world: World) -> tuple[dict[str, Location], Renames]:
    places: dict[str, Location] = {}
    entities: dict[str, str] = {}
    fields: dict[tuple[str, str], str] = {}
    for name, entity in world.entities.items():
        places[name] = entity.place.key
        if entity.written.renamed_from:
            entities[name] = entity.place.source.entity(entity.written.renamed_from)
        for field in entity.fields.values():
            if field.written is not None:
                places[f"{name}.{field.name}"] = field.place.key
                if field.written.renamed_from:
                    fields[name, field.name] = field.written.renamed_from
    return places, Renames(entities, fields)
