"""Everything that the documents declare, by its name in the assembly; what expressions look fields up in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ...diagnostics import Collector, did_you_mean
from ...language.entities import Entity, Field
from ...language.expression import Scope, Type, Typed
from ...language.expression.types import FieldInfo
from .. import plan
from .expressions import Expressions
from .source import Place, Source
from .types import BUILT_IN, of_built_in, of_field

_CYCLE = Type("unknown")
_NOW, _TODAY = Type.now(), Type.today()
_ONCE = ("subject", "title", "label", "scope", "retention", "expose", "part_of", "description")
_AS_IT_CAME = re.compile(r"\$\{input\.[a-z][a-z0-9_]*\}")


@dataclass
class FieldDraft:
    """A field or relation while the assembly is being resolved.

    Attributes:
        written: what the document says; None for the fields that every entity has.
        type: None for a computed field whose expression has not been typed yet.
        relation: for reverse references and many-to-many links.
        computed: the typed expression of a computed field.
        scoped: it says which scope (tenant) the row belongs to.
    """

    name: str
    place: Place
    written: Field | None
    type: Type | None
    present: bool = False
    relation: plan.Relation | None = None
    computed: Typed | None = None
    scoped: bool = False

    @property
    def is_computed(self) -> bool:
        """Whether it is worked out rather than stored."""
        return self.written is not None and self.written.computed is not None

    @property
    def is_stored(self) -> bool:
        """Whether it has a column."""
        return self.relation is None and not self.is_computed

    @property
    def is_generated(self) -> bool:
        """Whether the runtime fills it and nobody else does."""
        return self.written is None or self.scoped or self.is_numbered

    @property
    def is_numbered(self) -> bool:
        """Whether the database counts it."""
        return self.written is not None and self.written.numbered

    @property
    def classes(self) -> tuple[str, ...]:
        """Its data classes."""
        return self.written.class_ if self.written else ()

    @property
    def readable(self) -> bool:
        """Whether ``read: true`` includes it: everything but secrets and the version, which is the ETag."""
        return self.name != "version" and "secret" not in self.classes


@dataclass
class EntityDraft:
    """An entity with the parts that several documents gave it, the declaring one first."""

    name: str
    parts: list[tuple[Place, Entity]]
    fields: dict[str, FieldDraft] = field(default_factory=dict)
    scope: str | None = None
    """What a caller's own scope is, where rows belong to one: an expression over `caller`."""

    @property
    def scope_field(self) -> str | None:
        """The reference to the scope that a row belongs to."""
        return next((field.name for field in self.fields.values() if field.scoped), None)

    @property
    def place(self) -> Place:
        """Where it is declared."""
        return self.parts[0][0]

    @property
    def written(self) -> Entity:
        """What its declaration says."""
        return self.parts[0][1]

    def join(self, place: Place, part: Entity) -> None:
        """Take what another document adds; what is said once for an entity is taken from the first that says it."""
        first, written = self.parts[0]
        missing = {key: getattr(part, key) for key in _ONCE if getattr(written, key) is None}
        self.parts = [(first, written.model_copy(update=missing)), *self.parts[1:], (place, part)]

    @property
    def table(self) -> str:
        """Its table: the name in snake case, `accounts_user`."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.name.replace(".", "_"))
        return re.sub("_+", "_", words).lower()

    @property
    def component(self) -> str | None:
        """The alias of the component that owns it."""
        return self.place.source.alias or None


class World:
    """The names of an assembly; implements ``Entities`` for the checker of expressions."""

    def __init__(self, sources: tuple[Source, ...], findings: Collector) -> None:
        self.sources = sources
        self.assembly = next(source for source in sources if not source.is_certified)
        self.findings = findings
        self.expressions = Expressions(findings)
        self.entities: dict[str, EntityDraft] = {}
        self.caller: Type = Type.null()
        self.settings: Type = Type.record({})
        self._in_progress: set[tuple[str, str]] = set()
        for source in sources:
            self._declare(source)
        for name, scope in self.assembly.model.scopes.items():
            self.entity(scope.entity, Place(self.assembly, ("scopes", name, "entity")))
        for entity in self.entities.values():
            self._fields(entity)
        for entity in self.entities.values():
            for draft in entity.fields.values():
                self._relation(entity, draft)

    # -- what the checker asks ----------------------------------------------------------------------------------

    def field(self, entity: str, name: str) -> FieldInfo | None:
        """The type of a field, typing a computed one at its first use."""
        owner = self.entities.get(entity)
        draft = owner.fields.get(name) if owner else None
        if owner is None or draft is None:
            return None
        if draft.type is None:
            draft.type = self._computed(owner, draft)
        return FieldInfo(draft.type, encrypted=draft.written is not None and draft.written.encrypted)

    def names(self, entity: str) -> Iterable[str]:
        """All fields and relations of an entity, for suggestions."""
        owner = self.entities.get(entity)
        return tuple(owner.fields) if owner else ()

    # -- what the resolver asks ---------------------------------------------------------------------------------

    def entity(self, written: str, place: Place) -> EntityDraft | None:
        """The entity that a document names, or a finding."""
        name = place.source.entity(written)
        found = self.entities.get(name)
        if found is None:
            self.findings.error(
                "assembly/unknown-entity",
                place.location,
                f"there is no entity `{name}`",
                expected="an entity of this assembly or of one of its components",
                found=f"`{name}`",
                hint=did_you_mean(name, self.entities),
            )
        return found

    def scope(
        self,
        names: Mapping[str, Type] | None = None,
        *,
        this: str | None = None,
        old: str | None = None,
        database: bool = True,
    ) -> Scope:
        """What an expression may speak of: always the caller, the clock and the settings, and what is given."""
        known = {"caller": self.caller, "now": _NOW, "today": _TODAY, "settings": self.settings, **(names or {})}
        rows = {name: Type.row(entity) for name, entity in (("this", this), ("old", old)) if entity}
        return Scope({**known, **rows}, self, database=frozenset(rows) if database else frozenset())

    def check_scopes(self) -> None:
        """Report what says wrongly which scope a caller belongs to; checked once, not for every entity in it."""
        for name, scope in self.assembly.model.scopes.items():
            place = Place(self.assembly, ("scopes", name, "of"))
            target = Type.ref(self.assembly.entity(scope.entity)).maybe()
            if self.expressions.value(scope.of, place, self.scope(), target) is None:
                for entity in self.entities.values():
                    draft = entity.fields.get(entity.scope_field or "")
                    if entity.written.scope == name and draft is not None and draft.written is not None:
                        entity.scope = "null"
                        draft.written = draft.written.model_copy(update={"default": None})

    def stored(self, entity: str) -> Iterator[FieldDraft]:
        """The fields of an entity that have a column."""
        return (draft for draft in self.entities[entity].fields.values() if draft.is_stored)

    def calculated(self, entity: str) -> frozenset[str]:
        """The fields of an entity that some step computes rather than takes from an input as it came."""
        return self._calculated.get(entity, frozenset())

    @cached_property
    def _calculated(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for source in self.sources:
            for operation in source.model.operations.values():
                for step in operation.steps:
                    if step.kind in ("update", "upsert", "create"):
                        names = (name for key, name, value in step.values if key == "add" or _is_calculated(value))
                        found.setdefault(source.entity(step.target), set()).update(names)
        return {name: frozenset(fields) for name, fields in found.items()}

    # -- declaring ----------------------------------------------------------------------------------------------

    def _declare(self, source: Source) -> None:
        for written, entity in source.entities.items():
            name = source.entity(written)
            place = Place(source, ("entities", written))
            if name in self.entities and ("." in written or source.trait):
                self.entities[name].join(_part_place(source, written, place), entity)
            elif "." in written:
                known = self.entities
                self.findings.error(
                    "assembly/unknown-entity",
                    place.key,
                    f"no component brings an entity `{written}`",
                    hint=did_you_mean(name, known),
                )
            else:
                self.entities[name] = EntityDraft(name, [(place, entity)])

    def _fields(self, entity: EntityDraft) -> None:
        for name in BUILT_IN:
            entity.fields[name] = FieldDraft(name, entity.place, None, of_built_in(name, entity.name), present=True)
        scope = self._scope_of(entity)
        if scope is not None:
            entity.fields[scope.name] = scope
        for place, part in entity.parts:
            for name, written in part.fields.items():
                here = place / "fields" / name
                if name in entity.fields:
                    self.findings.error(
                        "assembly/duplicate-field",
                        here.key,
                        f"`{entity.name}` has a field `{name}` already",
                        hint="choose another name",
                    )
                    continue
                entity.fields[name] = self._draft(name, here, written)

    def _scope_of(self, entity: EntityDraft) -> FieldDraft | None:
        """The reference to its scope that an entity gains: filled on create, never changed, part of every rule."""
        if entity.written.scope is None:
            return None
        scopes = self.assembly.model.scopes
        scope = scopes.get(entity.written.scope)
        place = entity.place / "scope"
        if scope is None:
            self.findings.error(
                "assembly/unknown-scope",
                place.location,
                f"there is no scope `{entity.written.scope}`",
                expected="a name under `scopes`",
                found=f"`{entity.written.scope}`",
                hint=did_you_mean(entity.written.scope, scopes),
            )
            return None
        entity.scope = f"{scope.of}"
        name = entity.written.scope.replace("-", "_")
        target = self.assembly.entity(scope.entity)
        written = Field.model_validate({"ref": target, "default": f"${{{scope.of}}}", "immutable": True, "index": True})
        return FieldDraft(name, place, written, Type.ref(target), present=True, scoped=True)

    def _draft(self, name: str, place: Place, written: Field) -> FieldDraft:
        spec = written.spec
        present = spec.required or written.default is not None or written.numbered
        if spec.type.kind == "inferred":
            return FieldDraft(name, place, written, None)
        type = of_field(spec.type, place.source.entity)
        self._check_entity(type, spec.type.kind, place)
        optional = not present and type.kind != "rows"
        return FieldDraft(name, place, written, type.maybe(optional), present)

    def _check_entity(self, type: Type, kind: str, place: Place) -> None:
        if type.kind == "list" and type.item is not None:
            self._check_entity(type.item, "list", place)
        if type.entity is not None and type.entity not in self.entities:
            self.entity(type.entity, place / kind)

    def _relation(self, entity: EntityDraft, draft: FieldDraft) -> None:
        if draft.written is None or draft.type is None or draft.type.kind != "rows":
            return
        target = draft.type.entity or ""
        if target not in self.entities:
            return
        written = draft.written.spec.type
        if written.kind == "many":
            table = f"{entity.table}_{draft.name}"
            draft.relation = plan.Relation(entity=target, table=table, near="near", far="far")
            return
        back = self.entities[target].fields.get(written.field or "")
        if back is None or back.type is None or back.type.kind != "ref" or back.type.entity != entity.name:
            references = [
                f.name
                for f in self.entities[target].fields.values()
                if f.type is not None and f.type.entity == entity.name
            ]
            self.findings.error(
                "assembly/not-a-reference",
                (draft.place / "reverse").location,
                f"`{target}.{written.field}` does not refer to `{entity.name}`",
                expected=f"a reference field of `{target}` to `{entity.name}`",
                hint=did_you_mean(written.field or "", references)
                or (f"`{target}` has {', '.join(references)}" if references else None),
            )
            return
        draft.relation = plan.Relation(entity=target, field=back.name)

    def _computed(self, entity: EntityDraft, draft: FieldDraft) -> Type:
        assert draft.written is not None and draft.written.computed is not None
        key = (entity.name, draft.name)
        place = draft.place / "computed"
        if key in self._in_progress:
            self.findings.error("assembly/computed-cycle", place.location, f"`{draft.name}` is computed from itself")
            return _CYCLE
        self._in_progress.add(key)
        typed = self.expressions.value(draft.written.computed, place, self.scope(this=entity.name))
        self._in_progress.discard(key)
        draft.computed = typed
        return typed.type if typed else _CYCLE


def _is_calculated(value: object) -> bool:
    return isinstance(value, str) and "${" in value and not _AS_IT_CAME.fullmatch(value)


def _part_place(source: Source, written: str, place: Place) -> Place:
    """A trait's own members stand at the top of its document."""
    return (
        Place(source, ())
        if source.trait and written in source.entities and next(iter(source.entities)) == written
        else place
    )
