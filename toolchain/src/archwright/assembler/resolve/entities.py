"""Entities as the plan holds them: stored and computed fields, checks, and the canonical permission table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...diagnostics import did_you_mean
from ...language.entities import Grant as WrittenGrant
from ...language.entities import Search as WrittenSearch
from ...language.expression import Type
from .. import plan
from .indexes import derived
from .roles import Holder, Roles, conjunction, negation
from .source import Place
from .types import BUILT_IN, of_plan
from .world import EntityDraft, FieldDraft, World

_PARTIAL = ("int", "decimal", "money")
_CHANGES = ("update", "delete")


@dataclass(frozen=True)
class _Narrowing:
    """A rule that joins permissions on existing rows, but not those of the exempt."""

    rule: plan.Expr | None
    exempt: frozenset[str]
    is_hold: bool


class Entities:
    """Turns drafts into the plan's entities."""

    def __init__(self, world: World, roles: Roles) -> None:
        self._world = world
        self._roles = roles
        self._reactions = frozenset(
            source.name(name)
            for source in world.sources
            for name, operation in source.model.operations.items()
            if operation.trigger is not None
            and operation.trigger.changed is not None
            and operation.trigger.changed.within is not None
        )
        self._rules: dict[str, tuple[_Narrowing, ...]] = {}

    def all(self) -> dict[str, plan.Entity]:
        """Every entity, resolved."""
        return {name: self._entity(draft) for name, draft in self._world.entities.items()}

    def links(self) -> dict[str, plan.Link]:
        """The link tables of many-to-many relations."""
        return {
            draft.relation.table: plan.Link(id="", near=entity.name, far=draft.relation.entity)
            for entity in self._world.entities.values()
            for draft in entity.fields.values()
            if draft.relation is not None and draft.relation.table is not None
        }

    def _entity(self, draft: EntityDraft) -> plan.Entity:
        written = draft.written
        fields = {field.name: self._field(draft, field) for field in draft.fields.values() if field.relation is None}
        return plan.Entity(
            id="",
            table=draft.table,
            fields=fields,
            relations={field.name: field.relation for field in draft.fields.values() if field.relation is not None},
            title=self._known(draft, written.title, draft.place / "title") or _title(draft),
            label=written.label,
            subject=self._known(draft, written.subject, draft.place / "subject"),
            check=tuple(self._checks(draft)),
            unique=tuple(self._groups(draft, "unique")),
            indexes=tuple(self._indexes(draft)),
            grants=tuple(self._grants(draft)),
            on_delete=self._on_delete(draft),
            search=self._search(draft),
            retention=self._retention(draft),
            unheld=self._unheld(draft),
            part_of=self._part_of(draft),
            component=draft.component,
        )

    # -- fields -------------------------------------------------------------------------------------------------

    def _field(self, entity: EntityDraft, draft: FieldDraft) -> plan.Field:
        self._world.field(entity.name, draft.name)  # types a computed field
        assert draft.type is not None
        written = draft.written
        if written is None:
            return plan.Field(
                id="",
                column=draft.name,
                type=of_plan(draft.type),
                present=True,
                immutable=True,
                generated=BUILT_IN[draft.name],
            )
        return plan.Field(
            id="",
            column=draft.name,
            type=of_plan(draft.type.maybe(False)),
            present=draft.present or draft.is_numbered or (draft.is_computed and not draft.type.optional),
            default=self._default(entity, draft),
            immutable=written.immutable or draft.is_numbered,
            generated="number" if draft.is_numbered else None,
            computed=draft.computed.node if draft.computed else None,
            encrypted=written.encrypted,
            classes=tuple(sorted(written.class_)),
            label=written.label,
            help=written.help,
        )

    def _default(self, entity: EntityDraft, draft: FieldDraft) -> plan.Expr | None:
        if draft.written is None or draft.written.default is None or draft.type is None:
            return None
        place = draft.place / "default"
        # A default that may be absent (an anonymous caller) leaves a required value missing, which the write refuses.
        typed = self._world.expressions.template(
            draft.written.default, place, self._world.scope(database=False), draft.type.maybe()
        )
        return typed.node if typed else None

    def _known(self, entity: EntityDraft, name: str | None, place: Place) -> str | None:
        if name is not None and name not in entity.fields:
            self.unknown_field(entity, name, place)
            return None
        return name

    def unknown_field(self, entity: EntityDraft, name: str, place: Place) -> None:
        """Report a field that an entity does not have."""
        self._world.findings.error(
            "assembly/unknown-field",
            place.location,
            f"`{entity.name}` has no field `{name}`",
            expected=f"a field of `{entity.name}`",
            found=f"`{name}`",
            hint=did_you_mean(name, entity.fields),
        )

    # -- constraints --------------------------------------------------------------------------------------------

    def _checks(self, entity: EntityDraft) -> Iterator[plan.Check]:
        scope = self._world.scope(this=entity.name)
        for place, part in entity.parts:
            for position, check in enumerate(part.check):
                says = self._world.expressions.condition(check.says, place / "check" / position / "says", scope)
                if says is not None:
                    yield plan.Check(name=check.name or f"check_{position + 1}", says=says, message=check.message)
        for field in entity.fields.values():
            if field.written is not None and field.written.check is not None:
                says = self._world.expressions.condition(field.written.check, field.place / "check", scope)
                if says is not None:
                    yield plan.Check(name=field.name, says=says)
        yield from self._within_scope(entity)
        yield from self._within_bounds(entity)

    def _within_scope(self, entity: EntityDraft) -> Iterator[plan.Check]:
        """A reference never leaves the scope of its row."""
        own = entity.scope_field
        for field in entity.fields.values() if own is not None else ():
            target = (
                self._world.entities.get(field.type.entity or "")
                if field.type is not None and field.is_stored
                else None
            )
            other = target.scope_field if target is not None else None
            if (
                target is None
                or field.name in ("id", own)
                or other is None
                or target.written.scope != entity.written.scope
            ):
                continue
            text = f"this.{field.name} == null || this.{field.name}.{other} == this.{own}"
            if field.type is not None and not field.type.optional:
                text = f"this.{field.name}.{other} == this.{own}"
            says = self._world.expressions.condition(text, field.place / "$scope", self._world.scope(this=entity.name))
            if says is not None:
                yield plan.Check(name=field.name, says=says, message="It belongs to somebody else")

    def _within_bounds(self, entity: EntityDraft) -> Iterator[plan.Check]:
        """What steps compute from a row stays within the bounds of the field that takes it."""
        calculated = self._world.calculated(entity.name)
        for field in entity.fields.values():
            if field.name not in calculated:
                continue
            written = field.written.spec.type if field.written is not None else None
            if written is None or written.kind not in _PARTIAL or (written.low is None and written.high is None):
                continue
            text = self._bounds(field)
            says = self._world.expressions.condition(text, field.place / "$bounds", self._world.scope(this=entity.name))
            if says is not None:
                yield plan.Check(name=field.name, says=says, message="It leaves the range that is allowed")

    def _bounds(self, field: FieldDraft) -> str:
        assert field.type is not None and field.type.low is not None and field.type.high is not None
        low, high = (_literal(value, field.type) for value in (field.type.low, field.type.high))
        text = f"this.{field.name} >= {low} && this.{field.name} <= {high}"
        return f"this.{field.name} == null || ({text})" if field.type.optional else text

    def _groups(self, entity: EntityDraft, key: str) -> Iterator[tuple[str, ...]]:
        flag = {"unique": "unique", "indexes": "index"}[key]
        for field in entity.fields.values():
            if field.is_numbered and key == "unique":
                yield (field.name,)
            if field.written is not None and getattr(field.written, flag):
                yield self._prefixed(entity, (field.name,), key)
        for place, part in entity.parts:
            for position, group in enumerate(getattr(part, key)):
                if all(self._known(entity, name, place / key / position / index) for index, name in enumerate(group)):
                    yield self._prefixed(entity, tuple(group), key)

    def _indexes(self, entity: EntityDraft) -> Iterator[tuple[str, ...]]:
        declared = tuple(self._groups(entity, "indexes"))
        yield from declared
        yield from derived(self._world, entity, (*declared, *self._groups(entity, "unique")))

    def _prefixed(self, entity: EntityDraft, group: tuple[str, ...], key: str) -> tuple[str, ...]:
        """Unique within its scope, so that nobody learns what exists in another one."""
        own = entity.scope_field
        return (own, *group) if key == "unique" and own is not None and own not in group else group

    def _on_delete(self, entity: EntityDraft) -> dict[str, plan.OnDelete]:
        return {
            field.name: field.written.on_delete
            for field in entity.fields.values()
            if field.written is not None and field.written.on_delete is not None
        }

    def _part_of(self, entity: EntityDraft) -> str | None:
        name = self._known(entity, entity.written.part_of, entity.place / "part_of")
        if name is None:
            return None
        seen = [entity.name]
        while (following := self._whole(seen[-1])) is not None and following not in seen:
            seen.append(following)
        if self._whole(entity.name) is None or following is not None:
            self._world.findings.error(
                "assembly/bad-whole",
                (entity.place / "part_of").location,
                f"`{entity.name}` is part of what `{name}` points to, which leads nowhere",
                expected="a reference to a row of another entity, which is no part of this one",
                found=f"`{name}`",
            )
        return name

    def _whole(self, entity: str) -> str | None:
        """The entity whose rows those of another one are part of."""
        draft = self._world.entities[entity]
        field = draft.fields.get(draft.written.part_of or "")
        is_reference = field is not None and field.type is not None and field.type.kind == "ref" and field.is_stored
        return field.type.entity if is_reference and field is not None and field.type is not None else None

    def _retention(self, entity: EntityDraft) -> plan.Retention | None:
        retention = entity.written.retention
        if retention is None:
            return None
        place = entity.place / "retention" / "from"
        typed = self._world.expressions.value(retention.from_, place, self._world.scope(this=entity.name))
        if typed is None:
            return None
        if typed.type.kind not in ("date", "datetime"):
            self._world.findings.error(
                "expression/type-mismatch",
                place.location,
                "retention counts from a point in time",
                expected="a date or datetime",
                found=str(typed.type),
            )
        return plan.Retention(days=retention.for_.days, start=typed.node, then=retention.then)

    def _search(self, entity: EntityDraft) -> plan.Search | None:
        found = list(written_search(entity))
        for place, _ in found[1:]:
            self._world.findings.error(
                "assembly/duplicate-name", place.location, f"`{entity.name}` says already which of its words are kept"
            )
        if not found:
            return None
        place, search = found[0]
        for position, name in enumerate(search.fields):
            draft = entity.fields.get(name)
            if draft is None or not keeps_words(draft):
                words = [one.name for one in entity.fields.values() if keeps_words(one)]
                self._world.findings.error(
                    "assembly/not-searchable",
                    (place / "fields" / position).location,
                    f"`{entity.name}.{name}` holds no words to keep",
                    expected="a stored text field that is neither secret nor encrypted",
                    hint=did_you_mean(name, words),
                )
        fields = tuple(dict.fromkeys(name for name in search.fields if name in entity.fields))
        return plan.Search(name="", fields=fields, language=search.language)

    # -- permissions --------------------------------------------------------------------------------------------

    def _grants(self, entity: EntityDraft) -> Iterator[plan.Grant]:
        for place, part in entity.parts:
            for name, permission in part.permissions.items():
                here = place / "permissions" / name
                holder = self._roles.holder(name, here, entity=entity.name)
                for action, grant in permission.grants if holder else ():
                    assert holder is not None
                    yield self._grant(entity, holder, action, grant, here / action)

    def _grant(
        self, entity: EntityDraft, holder: Holder, action: str, written: WrittenGrant, place: Place
    ) -> plan.Grant:
        scope = self._world.scope(this=entity.name)
        both = self._world.scope(this=entity.name, old=entity.name if action == "update" else None)
        where = conjunction(
            self._narrowed(entity, place, action),
            self._world.expressions.condition(written.where, place / "where", scope),
        )
        check = self._world.expressions.condition(written.check, place / "check", both)
        creating = action == "create"
        return plan.Grant(
            principal=holder.principal,
            action=action,  # type: ignore[arg-type]
            fields=self._columns(entity, action, written, place),
            where=None if creating else conjunction(self._scoped(entity), holder.condition, where),
            check=conjunction(self._scoped(entity), holder.condition, check) if creating else check,
            preset=self._preset(entity, written, place),
        )

    def _narrowed(self, entity: EntityDraft, place: Place, action: str) -> plan.Expr | None:
        """Every right on existing rows ends where the entity and its traits narrow it, for all but those they name.

        What runs within a change, for whoever makes it, is to know the row that has changed.
        """
        name = _principal(place, str(place.path[-2]))
        if name in self._reactions:
            return None
        rules = self._narrowings(entity)
        return conjunction(
            *(one.rule for one in rules if name not in one.exempt and (action in _CHANGES or not one.is_hold))
        )

    def _narrowings(self, entity: EntityDraft) -> tuple[_Narrowing, ...]:
        known = self._rules.get(entity.name)
        if known is None:
            known = self._rules[entity.name] = tuple(self._narrowing(entity))
        return known

    def _narrowing(self, entity: EntityDraft) -> Iterator[_Narrowing]:
        for place, part in entity.parts:
            for key, written in (("narrows", part.narrows), ("hold", part.hold)):
                if written is None:
                    continue
                here = place / key
                for position, name in enumerate(written.except_):
                    self._roles.holder(name, here / "except" / position, entity=entity.name)
                scope = self._world.scope(this=entity.name)
                rule = self._world.expressions.condition(written.where, here / "where", scope)
                exempt = frozenset(_principal(place, name) for name in written.except_)
                is_hold = key == "hold"
                yield _Narrowing(negation(rule) if is_hold else rule, exempt, is_hold)

    def _unheld(self, entity: EntityDraft) -> plan.Expr | None:
        """The rows that are free of every hold."""
        return conjunction(*(one.rule for one in self._narrowings(entity) if one.is_hold))

    def _scoped(self, entity: EntityDraft) -> plan.Expr | None:
        """Every right ends at the scope: the row belongs to the caller's own."""
        name = entity.scope_field
        if name is None:
            return None
        scope = self._world.scope(this=entity.name)
        return self._world.expressions.condition(
            f"this.{name} == {entity.scope}", entity.place / "scope" / "$rule", scope
        )

    def _columns(self, entity: EntityDraft, action: str, written: WrittenGrant, place: Place) -> tuple[str, ...]:
        allowed = {"read": _readable, "create": _creatable, "update": _updatable}.get(action)
        if allowed is None:
            return ()
        if written.fields is None:
            return tuple(name for name, draft in entity.fields.items() if allowed(draft) and name not in written.preset)
        for position, name in enumerate(written.fields):
            draft = entity.fields.get(name)
            if draft is None:
                self.unknown_field(entity, name, place / "fields" / position)
            elif not allowed(draft):
                self._not_for(action, entity, name, place / "fields" / position)
        given = tuple(name for name in written.fields if name in entity.fields)
        return ("id", *(name for name in given if name != "id")) if action == "read" else given

    def _not_for(self, action: str, entity: EntityDraft, name: str, place: Place) -> None:
        self._world.findings.error(
            "assembly/field-not-writable" if action != "read" else "assembly/field-not-readable",
            place.location,
            f"`{entity.name}.{name}` can be in no `{action}` permission",
            hint="remove it: " + ("it is secret" if action == "read" else "it is generated, computed or immutable"),
        )

    def _preset(self, entity: EntityDraft, written: WrittenGrant, place: Place) -> dict[str, plan.Expr]:
        found: dict[str, plan.Expr] = {}
        for name, value in written.preset.items():
            here = place / "preset" / name
            draft = entity.fields.get(name)
            if draft is None or draft.type is None:
                self.unknown_field(entity, name, here)
                continue
            typed = self._world.expressions.template(value, here, self._world.scope(database=False), draft.type)
            if typed is not None:
                found[name] = typed.node
        return found


def written_search(entity: EntityDraft) -> Iterator[tuple[Place, WrittenSearch]]:
    """What the documents say about the words of an entity; more than one is a finding."""
    for place, part in entity.parts:
        if part.search is not None:
            yield place / "search", part.search


def keeps_words(draft: FieldDraft) -> bool:
    """Whether a field may be searched by words."""
    text = draft.type is not None and draft.type.is_text and draft.type.kind != "html"
    return text and draft.is_stored and draft.readable and not (draft.written is None or draft.written.encrypted)


def _principal(place: Place, name: str) -> str:
    """A role, or an operation by its name in the assembly."""
    return place.source.name(name) if name[:1].isupper() else name


def _literal(value: int, type: Type) -> str:
    """A bound as an expression writes it."""
    digits = type.scale or 0
    if not digits and type.kind != "money":
        return str(value)
    text = f"{abs(value):0{digits + 1}d}"
    decimal = f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}" if digits else str(value)
    return f'money("{decimal}", "{type.currency}")' if type.kind == "money" else decimal


def _readable(draft: FieldDraft) -> bool:
    return draft.readable


def _creatable(draft: FieldDraft) -> bool:
    many = draft.relation is not None and draft.relation.table is not None
    return not draft.is_generated and (draft.is_stored or many)


def _updatable(draft: FieldDraft) -> bool:
    return _creatable(draft) and draft.written is not None and not draft.written.immutable


def _title(entity: EntityDraft) -> str | None:
    """The field that names a row: `name` or `title`, else its first text."""
    texts = [
        field.name
        for field in entity.fields.values()
        if field.type is not None and field.type.is_text and field.readable
    ]
    return next((name for name in ("name", "title") if name in texts), texts[0] if texts else None)


def type_of(world: World, entity: str, name: str) -> Type | None:
    """The type of a field, for those who build inputs and columns from it."""
    info = world.field(entity, name)
    return info.type if info else None
