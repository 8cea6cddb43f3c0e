"""What is read: views, exposed entities and steps, each as one `Select` of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...diagnostics import did_you_mean
from ...language.expression import Scope, Typed
from ...language.expression.types import ORDERED_KINDS
from ...language.views import Nested, View, ViewField
from .. import plan
from .calls import Calls
from .capabilities import Capabilities
from .source import Place
from .types import of_plan
from .world import EntityDraft, FieldDraft, World

PAGE = 25
MOST = 200
NESTED = 20
_RANGES = {"gt": "gt", "gte": "ge", "lt": "lt", "lte": "le"}
_DEEPEST = 4


class Selects:
    """Builds selects; every column, filter and sort is a typed expression over `this`."""

    def __init__(self, world: World, most: int = MOST) -> None:
        self._world = world
        self._most = most
        self.capabilities = Capabilities(world)
        self._calls = Calls(world, self.capabilities)
        self._views: dict[Place, plan.Select] = {}
        self._whole: dict[str, plan.Select] = {}
        self._members: dict[tuple[str, str], Typed | None] = {}

    # -- whole rows ---------------------------------------------------------------------------------------------

    def whole(self, entity: EntityDraft) -> plan.Select:
        """Every readable field of an entity; the caller's permissions decide what is there in the end."""
        if entity.name not in self._whole:
            self._whole[entity.name] = plan.Select(
                entity=entity.name,
                columns=tuple(self._columns(entity)),
                whole=True,
                limit=min(PAGE, self._most),
                most=self._most,
            )
        return self._whole[entity.name]

    def of_fields(self, entity: EntityDraft, names: Iterable[str], place: Place) -> plan.Select:
        """Some fields of an entity, as pages show them; references are shown by the title of their row."""
        written = tuple(
            ViewField.model_construct(name=name, value=None, rows=None) for name in dict.fromkeys(("id", *names))
        )
        scope = self._world.scope(this=entity.name)
        found = (self._view_column(entity, field, scope, place, 0) for field in written)
        columns = tuple(column for column in found if column is not None)
        return plan.Select(entity=entity.name, columns=columns, limit=min(PAGE, self._most), most=self._most)

    def _columns(self, entity: EntityDraft) -> Iterator[plan.Column]:
        for draft in entity.fields.values():
            if draft.relation is None and draft.readable:
                yield self._field_column(entity, draft)
            elif draft.relation is not None and draft.relation.table is not None:
                yield self._linked(entity, draft)

    def _field_column(self, entity: EntityDraft, draft: FieldDraft) -> plan.Column:
        typed = self.member(entity.name, draft.name, draft.place)
        assert typed is not None
        return plan.Column(
            name=draft.name,
            value=typed.node,
            type=of_plan(typed.type),
            classes=draft.classes,
            label=draft.written.label if draft.written else None,
        )

    def _linked(self, entity: EntityDraft, draft: FieldDraft) -> plan.Column:
        """A many-to-many relation as a member: the id and title of each row."""
        assert draft.relation is not None
        target = self._world.entities[draft.relation.entity]
        names = ["id", *(name for name in ("name", "title") if name in target.fields)][:2]
        columns = tuple(self._field_column(target, target.fields[name]) for name in names)
        rows = plan.Select(entity=target.name, columns=columns, via=draft.name, limit=self._most, most=self._most)
        return plan.Column(
            name=draft.name, rows=rows, classes=draft.classes, label=draft.written.label if draft.written else None
        )

    def member(self, entity: str, name: str, place: Place) -> Typed | None:
        """`this.name`, typed."""
        key = (entity, name)
        if key not in self._members:
            scope = self._world.scope(this=entity)
            self._members[key] = self._world.expressions.value(f"this.{name}", place / "$this" / name, scope)
        return self._members[key]

    # -- views --------------------------------------------------------------------------------------------------

    def view(self, entity: EntityDraft, view: View, place: Place) -> plan.Select:
        """A view as a select; resolved once, wherever it is used."""
        if place not in self._views:
            self._views[place] = self._view(entity, view, place)
        return self._views[place]

    def all_views(self) -> None:
        """Resolve every view, so that one which nothing uses has its findings too."""
        for source in self._world.sources:
            for name, view in source.model.views.items():
                place = Place(source, ("views", name))
                entity = self._world.entity(view.of, place / "of")
                if entity is not None:
                    self.view(entity, view, place)

    def _view(self, entity: EntityDraft, view: View, place: Place) -> plan.Select:
        grouped = view.group or any(_aggregates(field) for field in view.fields)
        scope = self._world.scope(this=entity.name)
        inner = (
            Scope(scope.names, scope.entities, scope.database, aggregates=frozenset(view.group)) if grouped else scope
        )
        columns = self._shown(entity, view, inner, place, 0)
        self._calls.bounded(columns, self._most, place / "fields")
        where = self._world.expressions.condition(view.where, place / "where", scope)
        for position, name in enumerate(view.group):
            self._expression(entity, name, (), place / "group" / position)
        return plan.Select(
            entity=entity.name,
            columns=columns,
            flat=view.value is not None,
            where=where,
            group=tuple(view.group) if view.group else (),
            grouped=bool(grouped),
            having=self._world.expressions.condition(view.having, place / "having", inner),
            filters=tuple(self._filters(entity, view.filter, columns, place / "filter")),
            search=self._search(entity, view.search, place / "search"),
            sorts=tuple(self.sorts(entity, [name.lstrip("-") for name in view.sort], columns, place / "sort")),
            order=tuple(self.sorts(entity, view.sort, columns, place / "sort")),
            limit=min(view.limit or PAGE, self._most),
            most=self._most,
        )

    def _shown(
        self, entity: EntityDraft, view: View | Nested, scope: Scope, place: Place, depth: int
    ) -> tuple[plan.Column, ...]:
        """The columns, or the only one whose values stand for the rows."""
        if view.value is None:
            return tuple(self._view_columns(entity, view.fields, scope, place / "fields", depth))
        only = ViewField.model_construct(name="value", value=view.value, rows=None)
        column = self._view_column(entity, only, scope, place, depth)
        return () if column is None else (column,)

    def _view_columns(
        self, entity: EntityDraft, fields: Iterable[ViewField], scope: Scope, place: Place, depth: int
    ) -> Iterator[plan.Column]:
        seen: set[str] = set()
        for position, field in enumerate(fields):
            here = place / position
            if field.name in seen:
                self._world.findings.error(
                    "assembly/duplicate-column", here.location, f"there is a column `{field.name}` already"
                )
            seen.add(field.name)
            column = self._view_column(entity, field, scope, here, depth)
            if column is not None:
                yield column

    def _view_column(
        self, entity: EntityDraft, field: ViewField, scope: Scope, place: Place, depth: int
    ) -> plan.Column | None:
        draft = entity.fields.get(field.name)
        label = draft.written.label if draft and draft.written and field.value is None else None
        if field.rows is not None:
            rows = self._nested(entity, field.rows, place / "rows", depth + 1)
            return None if rows is None else plan.Column(name=field.name, rows=rows, label=label)
        if field.call is not None:
            return self._calls.column(field.name, field.call, scope, place / "call")
        if (
            field.value is None
            and draft is not None
            and draft.relation is not None
            and draft.relation.table is not None
        ):
            return self._linked(entity, draft)
        here = place / "value" if field.value is not None else place
        typed = self._world.expressions.value(field.value or f"this.{field.name}", here, scope)
        if typed is None:
            return None
        if typed.type.kind == "rows":
            self._world.findings.error(
                "assembly/relation-as-value",
                here.location,
                f"`{field.name}` holds rows, not a value",
                hint=f"nest them: `{field.name}: {{of: {field.name}, fields: [...]}}`, "
                f"or count them: `size(this.{field.name})`",
            )
            return None
        classes = tuple(sorted({label for read in typed.reads for label in self._classes(read.entity, read.field)}))
        return plan.Column(
            name=field.name, value=typed.node, type=of_plan(typed.type.maybe(False)), classes=classes, label=label
        )

    def _classes(self, entity: str | None, name: str | None) -> tuple[str, ...]:
        owner = self._world.entities.get(entity or "")
        draft = owner.fields.get(name or "") if owner else None
        return draft.classes if draft else ()

    def _nested(self, entity: EntityDraft, nested: Nested, place: Place, depth: int) -> plan.Select | None:
        draft = entity.fields.get(nested.of)
        target = self._target(draft)
        if draft is None or target is None:
            relations = [name for name, one in entity.fields.items() if self._target(one) is not None]
            self._world.findings.error(
                "assembly/not-a-relation",
                (place / "of").location,
                f"`{entity.name}` has no relation or reference `{nested.of}`",
                expected=f"a relation or reference of `{entity.name}`",
                hint=did_you_mean(nested.of, relations),
            )
            return None
        if depth > _DEEPEST:
            self._world.findings.error(
                "assembly/too-deep", place.location, f"rows are nested at most {_DEEPEST} levels deep"
            )
            return None
        scope = self._world.scope(this=target.name)
        columns = self._shown(target, nested, scope, place, depth)
        return plan.Select(
            entity=target.name,
            columns=columns,
            flat=nested.value is not None,
            via=nested.of,
            single=draft.relation is None,
            where=self._world.expressions.condition(nested.where, place / "where", scope),
            order=tuple(self.sorts(target, nested.sort, columns, place / "sort")),
            limit=min(nested.limit or NESTED, self._most),
            most=self._most,
        )

    def _target(self, draft: FieldDraft | None) -> EntityDraft | None:
        if draft is None or draft.type is None or draft.type.kind not in ("rows", "ref") or draft.is_generated:
            return None
        return self._world.entities.get(draft.type.entity or "")

    # -- narrowing and ordering ---------------------------------------------------------------------------------

    def listing(
        self,
        entity: EntityDraft,
        *,
        filter: Iterable[str],
        sort: Iterable[str],
        search: Iterable[str],
        limit: int | None,
        place: Place,
    ) -> plan.Select:
        """Whole rows with the filters and sorts that an exposure allows."""
        whole = self.whole(entity)
        return plan.Select(
            entity=whole.entity,
            columns=whole.columns,
            whole=True,
            filters=tuple(self._filters(entity, filter, (), place / "filter")),
            search=self._search(entity, tuple(search), place / "search"),
            sorts=tuple(self.sorts(entity, sort, (), place / "sort")),
            order=(plan.Sort(name="-created_at", value=self._created(entity), descending=True),),
            limit=min(limit or PAGE, self._most),
            most=self._most,
        )

    def _created(self, entity: EntityDraft) -> plan.Expr:
        typed = self.member(entity.name, "created_at", entity.place)
        assert typed is not None
        return typed.node

    def _filters(
        self, entity: EntityDraft, names: Iterable[str], columns: tuple[plan.Column, ...], place: Place
    ) -> Iterator[plan.Filter]:
        for position, name in enumerate(names):
            found = self._expression(entity, name, columns, place / position)
            if found is None:
                continue
            node, type = found
            yield plan.Filter(name=name, operator="eq", value=node, type=type)
            if type.kind == "enum":
                yield plan.Filter(name=f"{name}.in", operator="in", value=node, type=type)
            elif type.kind in ORDERED_KINDS and type.kind not in ("markdown", "html"):
                for suffix, operator in _RANGES.items():
                    yield plan.Filter(name=f"{name}.{suffix}", operator=operator, value=node, type=type)  # type: ignore[arg-type]

    def sorts(
        self,
        entity: EntityDraft,
        names: Iterable[str],
        columns: tuple[plan.Column, ...],
        place: Place,
        scope: Scope | None = None,
    ) -> Iterator[plan.Sort]:
        """An order by columns and fields, and where there is a scope also by expressions."""
        for position, written in enumerate(names):
            name = written.removeprefix("-")
            if scope is not None and not name.isidentifier():
                found = self._ordering(name, scope, place / position)
            else:
                found = self._expression(entity, name, columns, place / position)
            if found is not None:
                node, _ = found
                yield plan.Sort(
                    name=name, value=node, descending=written.startswith("-"), optional=bool(node.get("optional"))
                )

    def _ordering(self, text: str, scope: Scope, place: Place) -> tuple[plan.Expr, plan.Type] | None:
        """What rows are ordered by where it is neither a column nor a field."""
        typed = self._world.expressions.value(text, place, scope)
        if typed is None:
            return None
        if typed.type.kind not in ORDERED_KINDS:
            self._world.findings.error(
                "expression/type-mismatch", place.location, "rows are ordered by what can be compared",
                expected="a number, an amount, a time or a text", found=str(typed.type),
            )  # fmt: skip
            return None
        return typed.node, of_plan(typed.type.maybe(False))

    def _expression(
        self, entity: EntityDraft, name: str, columns: tuple[plan.Column, ...], place: Place
    ) -> tuple[plan.Expr, plan.Type] | None:
        """What a filter or sort compares: a column of the view, else a field of the entity."""
        if any(one.name == name and one.call is not None for one in columns):
            self._calls.refuse_choosing(name, place)
            return None
        column = next(
            (one for one in columns if one.name == name and one.value is not None and one.type is not None), None
        )
        if column is not None:
            assert column.value is not None and column.type is not None
            return column.value, column.type
        draft = entity.fields.get(name)
        if draft is None or draft.relation is not None or not draft.readable:
            self._world.findings.error(
                "assembly/unknown-field", place.location, f"`{entity.name}` has no field `{name}` to choose rows by",
                expected="a column of the view or a field of the entity", found=f"`{name}`",
                hint=did_you_mean(name, (*entity.fields, *(one.name for one in columns))),
            )  # fmt: skip
            return None
        typed = self.member(entity.name, name, place)
        if typed is None:
            return None
        return typed.node, of_plan(typed.type.maybe(False))

    def _search(self, entity: EntityDraft, names: tuple[str, ...], place: Place) -> tuple[str, ...]:
        kept = next((part.search for _, part in entity.parts if part.search is not None), None)
        for position, name in enumerate(names):
            draft = entity.fields.get(name)
            if kept is not None and name in entity.fields and name not in kept.fields:
                self._world.findings.error(
                    "assembly/not-searchable",
                    (place / position).location,
                    f"`{entity.name}` is searched by words, and those of `{name}` are not kept",
                    expected=f"one of {', '.join(f'`{one}`' for one in kept.fields)}",
                    hint=f"add it to the `search` of `{entity.name}`",
                )
            if draft is None or draft.type is None or not draft.type.is_text or not draft.readable:
                texts = [one.name for one in entity.fields.values() if one.type is not None and one.type.is_text]
                self._world.findings.error(
                    "assembly/not-searchable",
                    (place / position).location,
                    f"`{entity.name}.{name}` is no text to look through",
                    expected="a text field of the entity",
                    hint=did_you_mean(name, texts),
                )
        return tuple(name for name in names if name in entity.fields)


_AGGREGATES = ("count(", "sum(", "min(", "max(", "avg(")


def _aggregates(field: ViewField) -> bool:
    """Whether a column speaks of many rows at once."""
    return field.value is not None and field.value.lstrip().startswith(_AGGREGATES)
