"""Filters of a table as a form: one control per filter, of the right kind."""

from __future__ import annotations

from dataclasses import replace

from ..plan import Filter, Input, Operation, Select, Trigger, Type
from .columns import type_of_node
from .fields import Field, compile_field
from .labels import humanise
from .place import Place
from .references import References
from .tables import Addresses, Wanted
from .views import Control, Option, Tools
from .visit import Visit

MOST = 6
_CHOICES = frozenset({"enum", "bool", "ref"})
_RANGES = frozenset({"date", "datetime", "int", "decimal", "money"})
_BOUNDS = {"ge": "from", "le": "to"}


class Filters:
    """Search, filters and (on small screens, where headings are gone) the order of one table."""

    def __init__(self, place: Place, select: Select) -> None:
        wanted = place.config.get("filter")
        names = frozenset(wanted) if isinstance(wanted, (list, tuple)) else None
        # What the search looks through needs no field of its own.
        searched = frozenset(select.search)
        chosen = [one for one in select.filters if _useful(one, names) and not _searched(one, searched)][:MOST]
        self._fields = [_field(place, select, one) for one in chosen]
        self._references = {
            field.wire: References(place.plan, field.entity)
            for field in self._fields
            if field.entity is not None and field.entity in place.plan.entities
        }
        self._sorts = [sort.name for sort in select.sorts]
        self._search = bool(select.search)

    def clean(self, name: str, text: str) -> str:
        """What stands in the address as the wire takes it."""
        field = next((field for field in self._fields if field.wire == name), None)
        cleaned = None if field is None else field.submitted([text])
        return cleaned[-1] if cleaned else text

    async def tools(self, visit: Visit, addresses: Addresses, wanted: Wanted, anchor: str) -> Tools | None:
        """The form above the table; None where there is nothing to narrow."""
        if not self._fields and not self._search:
            return None
        sort = wanted.sort
        return Tools(
            action=visit.address,
            search=self._search_field(addresses, wanted, anchor) if self._search else None,
            filters=tuple([await self._control(visit, one, addresses, wanted, anchor) for one in self._fields]),
            sort=self._order(addresses, sort, anchor) if self._sorts else None,
            hidden=addresses.hidden(visit.query),
            active=wanted.narrowed + len(wanted.problems),
            clear=addresses.link(visit.address, visit.query, [("sort", sort)] if sort else [], anchor),
        )

    def _search_field(self, addresses: Addresses, wanted: Wanted, anchor: str) -> Control:
        return Control(addresses.name("q"), f"{anchor}-q", "Search", kind="search", value=wanted.given.get("q", ""))

    async def _control(self, visit: Visit, field: Field, addresses: Addresses, wanted: Wanted, anchor: str) -> Control:
        given = wanted.given.get(field.wire)
        texts = [] if given is None else field.texts(given) if field.type.kind != "bool" else [given]
        references = self._references.get(field.wire)
        choices, _ = await references.options(visit, texts) if references else ((), False)
        control = field.control(anchor, texts, error=wanted.problems.get(field.wire), choices=choices)
        return _renamed(control, addresses.name(field.wire), f"{anchor}-{field.wire.replace('.', '-')}")

    def _order(self, addresses: Addresses, sort: str | None, anchor: str) -> Control:
        options = [Option("", "Usual order", not sort)]
        for name in self._sorts:
            options.append(Option(name, f"{humanise(name)}, ascending", name == sort))
            options.append(Option("-" + name, f"{humanise(name)}, descending", "-" + name == sort))
        return Control(addresses.name("sort"), f"{anchor}-sort", "Sort by", widget="select", options=tuple(options))


def _useful(one: Filter, names: frozenset[str] | None) -> bool:
    base = one.name.partition(".")[0]
    if names is not None and one.name not in names and base not in names:
        return False
    if one.type.kind in _CHOICES:
        return one.operator == "eq"
    if one.type.kind in _RANGES:
        return one.operator in _BOUNDS
    return one.operator == "contains" or (one.operator == "eq" and one.type.kind not in ("list", "json"))


def _searched(one: Filter, searched: frozenset[str]) -> bool:
    return one.name.partition(".")[0] in searched and one.type.kind not in _CHOICES


def _field(place: Place, select: Select, one: Filter) -> Field:
    base = one.name.partition(".")[0]
    kind = one.type if one.type.kind != "enum" or one.type.values else type_of_node(one.value)
    entry = Input(name=one.name, type=_narrow(kind), nullable=True)
    like = Operation(trigger=Trigger(kind="internal"), entity=select.entity)
    compiled = compile_field(place.plan, like, entry)
    column = next((column for column in select.columns if column.name == base), None)
    stored = place.plan.entities[select.entity].fields.get(base)
    label = (column.label if column else None) or (stored.label if stored else None) or humanise(base)
    bound = _BOUNDS.get(one.operator)
    return Field(
        input=entry,
        label=f"{label} {bound}" if bound else label,
        help=None,
        secret=False,
        autocomplete=None,
        known=compiled.known,
        blank="Any",
    )


def _narrow(kind: Type) -> Type:
    """A filter takes one line, however long the field may be."""
    return Type(kind="text", max=200) if kind.kind in ("markdown", "html", "text") else kind


def _renamed(control: Control, name: str, id: str) -> Control:
    return replace(control, name=name, id=id, narrow=False)
