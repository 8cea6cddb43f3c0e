"""Pages: every part with what it reads and what it submits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...diagnostics import did_you_mean
from ...language.pages import Page as WrittenPage
from .. import plan
from . import parts
from .operations import Operations
from .roles import SIGNED_IN, Roles
from .selects import Selects
from .source import Place
from .world import EntityDraft, World

_PASSED = (
    "link",
    "empty",
    "submit",
    "success",
    "message",
    "query",
    "links",
    "danger",
    "text",
    "label",
    "value",
    "intro",
    "create",
    "cancel",
    "page_size",
    "result",
)
_PAGE_ID = "${page.id}"
_BEHIND = 1000


class Pages:
    """Resolves pages; forms may need operations that no route runs, which are added to those of the assembly."""

    def __init__(
        self, world: World, roles: Roles, selects: Selects, operations: Operations, known: dict[str, plan.Operation]
    ) -> None:  # fmt: skip
        self._world = world
        self._roles = roles
        self._selects = selects
        self._operations = operations
        self._known = known

    def all(self) -> dict[str, plan.Page]:
        """Every page by its path; the assembly's own win over a component's."""
        found: dict[str, plan.Page] = {}
        for source in self._world.sources:
            for path, page in source.model.pages.items():
                made = self._page(path, page, Place(source, ("pages", path)))
                # A component's own pages come behind those that the assembly lists.
                found[path] = replace(made, order=len(found) + (_BEHIND if source.alias else 0))
        return found

    def _page(self, path: str, written: WrittenPage, place: Place) -> plan.Page:
        entity = self._world.entity(written.entity, place / "entity") if written.entity else None
        if "{id}" in path and entity is None and written.entity is None:
            self._world.findings.error(
                "assembly/page-without-entity", place.key, f"the page `{path}` does not say whose id it shows",
                expected="`entity`", hint="add `entity: Ticket`",
            )  # fmt: skip
        shown = (
            self._part(part.kind, part.config, entity, place / "show" / position / "config", place / "show" / position)
            for position, part in enumerate(written.show)
        )
        title = written.title or (path.strip("/").replace("-", " ").capitalize() or "Home")
        label = written.nav if isinstance(written.nav, str) else (title if written.nav else None)
        return plan.Page(
            title=title,
            layout=written.layout,
            access=self._roles.access(written.access, place / "access")
            if written.access
            else (plan.Access(role=SIGNED_IN),),
            navigation=label,
            parts=tuple(part for part in shown if part is not None),
            entity=entity.name if entity else None,
            component=place.source.alias or None,
        )

    def _part(
        self, kind: str, config: Mapping[str, Any], page: EntityDraft | None, place: Place, named: Place
    ) -> plan.Part | None:  # fmt: skip
        if kind not in parts.PARTS:
            self._world.findings.error(
                "assembly/unknown-part",
                named.location,
                f"there is no part `{kind}`",
                expected="one of " + ", ".join(f"`{name}`" for name in parts.PARTS),
                found=f"`{kind}`",
                hint=did_you_mean(kind, parts.PARTS),
            )
            return None
        known = parts.part(kind, config, place, self._world.findings)
        return None if known is None else self._known_part(kind, known, page, place)

    def _known_part(self, kind: str, config: Mapping[str, Any], page: EntityDraft | None, place: Place) -> plan.Part:
        entity = self._entity(kind, config, page, place)
        operation = self._operation(kind, config, place)
        select = self._select(kind, config, entity, place)
        if select is not None:
            parts.columns(kind, config, [one.name for one in select.columns], place, self._world.findings)
        if kind in ("text", "links") and kind not in config:
            self._missing(kind, kind, place)
        return plan.Part(
            kind=kind,
            title=config.get("title"),
            select=select,
            operation=operation,
            fields=self._fields(kind, config, operation, place),
            link=config.get("link") if kind == "data-table" else None,
            actions=tuple(self._actions(config, entity, place)),
            config=self._config(kind, config, page, place),
            access=self._roles.access(config.get("access", ()), place / "access"),
        )

    # -- what it reads ------------------------------------------------------------------------------------------

    def _entity(
        self, kind: str, config: Mapping[str, Any], page: EntityDraft | None, place: Place
    ) -> EntityDraft | None:
        if "view" in config:
            view = place.source.model.views.get(config["view"])
            return (
                self._world.entity(view.of, Place(place.source, ("views", config["view"], "of")))
                if view is not None
                else None
            )
        if "of" in config:
            return self._world.entity(config["of"], place / "of")
        return page if kind == "detail" else None

    def _select(
        self, kind: str, config: Mapping[str, Any], entity: EntityDraft | None, place: Place
    ) -> plan.Select | None:
        if "view" in config:
            return self._view(config["view"], entity, place)
        if kind in ("stat", "bar-chart"):
            self._missing(kind, "view", place)
        if entity is None:
            if kind in ("data-table", "detail") and "of" not in config:
                self._missing(kind, "view" if kind == "data-table" else "of", place)
            return None
        names = config.get("fields") or tuple(
            name for name, one in entity.fields.items() if one.readable and one.relation is None
        )
        shown = [name for name in names if self._shown(entity, name, place)]
        if kind == "detail":
            return self._selects.of_fields(entity, shown, place / "fields")
        listing = self._selects.listing(
            entity, filter=config.get("filter", ()), sort=config.get("sort", ()), search=config.get("search", ()),
            limit=config.get("page_size"), place=place,
        )  # fmt: skip
        columns = self._selects.of_fields(entity, shown, place / "fields").columns
        return plan.Select(
            entity=entity.name, columns=columns, filters=listing.filters, search=listing.search, sorts=listing.sorts,
            order=listing.order, limit=listing.limit, most=listing.most,
        )  # fmt: skip

    def _view(self, name: str, entity: EntityDraft | None, place: Place) -> plan.Select | None:
        views = place.source.model.views
        if name not in views:
            self._world.findings.error(
                "assembly/unknown-view",
                (place / "view").location,
                f"there is no view `{name}`",
                expected="a view of this document",
                found=f"`{name}`",
                hint=did_you_mean(name, views),
            )
            return None
        return (
            self._selects.view(entity, views[name], Place(place.source, ("views", name)))
            if entity is not None
            else None
        )

    def _missing(self, kind: str, key: str, place: Place) -> None:
        article = "an" if kind[0] in "aeiou" else "a"
        self._world.findings.error(
            "assembly/missing-key", place.location, f"{article} `{kind}` needs `{key}`", expected=f"`{key}`"
        )

    def _shown(self, entity: EntityDraft, name: str, place: Place) -> bool:
        if name in entity.fields:
            return True
        self._world.findings.error(
            "assembly/unknown-field", (place / "fields").location, f"`{entity.name}` has no field `{name}`",
            expected=f"a field of `{entity.name}`", found=f"`{name}`", hint=did_you_mean(name, entity.fields),
        )  # fmt: skip
        return False

    # -- what it submits ----------------------------------------------------------------------------------------

    def _operation(self, kind: str, config: Mapping[str, Any], place: Place) -> str | None:
        if kind != "form":
            return None
        for action in ("create", "update"):
            if action in config:
                return self._expanded(config[action], action, place / action)
        if "operation" in config:
            return self._named(config["operation"], place / "operation")
        self._missing("form", "create", place)
        return None

    def _expanded(self, written: str, action: str, place: Place) -> str | None:
        entity = self._world.entity(written, place)
        if entity is None:
            return None
        name = f"{entity.name}.{action}"
        if name not in self._known:
            made = self._operations.form(entity, action, place)
            if made is None:
                self._world.findings.error(
                    "assembly/nobody-may", place.location, f"no role may {action} a `{entity.name}`",
                    expected=f"a `{action}` permission on `{entity.name}`",
                )  # fmt: skip
                return None
            self._known[name] = made
        return name

    def _named(self, written: str, place: Place) -> str | None:
        name = written if written in self._known else place.source.name(written)
        if name in self._known:
            return name
        entity, _, action = written.rpartition(".")
        if action in ("create", "update", "delete") and place.source.entity(entity) in self._world.entities:
            return self._expanded(entity, action, place)
        self._world.findings.error(
            "assembly/unknown-operation",
            place.location,
            f"there is no operation `{written}`",
            expected="an operation of this assembly",
            found=f"`{written}`",
            hint=did_you_mean(written, self._known),
        )
        return None

    def _fields(self, kind: str, config: Mapping[str, Any], operation: str | None, place: Place) -> tuple[str, ...]:
        names = tuple(config.get("fields", ()))
        if kind != "form":
            return names
        known = [one.name for one in self._known[operation].input] if operation else list(names)
        for position, name in enumerate(names):
            if name not in known:
                self._world.findings.error(
                    "assembly/unknown-input",
                    (place / "fields" / position).location,
                    f"`{operation}` takes no `{name}`",
                    expected="one of " + ", ".join(f"`{one}`" for one in known),
                    hint=did_you_mean(name, known),
                )
        return names

    def _actions(self, config: Mapping[str, Any], entity: EntityDraft | None, place: Place) -> list[plan.PartAction]:
        found = []
        for position, given in enumerate(config.get("actions", ())):
            here = place / "actions" / position
            written = parts.action(given, here, self._world.findings)
            if written is None:
                continue
            if "operation" not in written:
                self._missing("action", "operation", here)
                continue
            operation = self._named(written["operation"], here / "operation")
            scope = self._world.scope(this=entity.name) if entity is not None else self._world.scope()
            if operation is not None:
                found.append(plan.PartAction(
                    operation=operation,
                    label=written.get("label") or _words(operation),
                    values=dict(written.get("values", {})),
                    fields=tuple(written.get("fields", ())),
                    danger=bool(written.get("danger", False)),
                    when=self._world.expressions.condition(written.get("when"), here / "when", scope),
                ))  # fmt: skip
        return found

    def _config(self, kind: str, config: Mapping[str, Any], page: EntityDraft | None, place: Place) -> dict[str, Any]:
        """What only the look depends on; the page's own row is named by the input or reference that takes its id."""
        kept = {key: config[key] for key in _PASSED if key in config and not (kind == "form" and key == "create")}
        values = dict(config.get("values", {}))
        row = next((name for name, value in values.items() if value == _PAGE_ID), None)
        fixed = {name: value for name, value in values.items() if name != row}
        if kind in ("form", "stat") and fixed:
            kept["values"] = fixed
        if "via" in config and page is not None:
            row = self._reference(config["via"], page, place / "via")
        return {**kept, "row": row} if row else kept

    def _reference(self, via: str, page: EntityDraft, place: Place) -> str | None:
        draft = page.fields.get(via)
        if draft is None or draft.relation is None or draft.relation.field is None:
            relations = [name for name, one in page.fields.items() if one.relation is not None and one.relation.field]
            self._world.findings.error(
                "assembly/not-a-relation", place.location, f"`{page.name}` has no reverse relation `{via}`",
                expected=f"a field of `{page.name}` with `reverse`", hint=did_you_mean(via, relations),
            )  # fmt: skip
            return None
        return draft.relation.field


def _words(operation: str) -> str:
    last = operation.rpartition(".")[2]
    return " ".join(re.findall(r"[A-Z]?[a-z0-9]+", last)).capitalize()
