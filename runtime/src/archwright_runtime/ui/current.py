"""The record that a form edits, as it is stored now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Refusal
from ..operations.call import PageRequest
from ..plan import Select
from . import trees
from .columns import column_of, title_field
from .place import Place
from .visit import Visit


@dataclass(frozen=True)
class Record:
    """Values in wire form, and the version that they have where it is known."""

    values: Mapping[str, Any]
    version: int | None


class Current:
    """Reads the record of a page, by the operation that exposes it where there is one, since only that tells versions.

    Args:
        update: the operation that will write it.
        own: the entity of the person's own row, where the operation writes that.
    """

    def __init__(self, place: Place, update: str, own: str | None = None) -> None:
        operation = place.plan.operations[update]
        entity = own or operation.entity or place.page.entity
        self._own = own is not None
        if entity is None or entity not in place.plan.entities:
            raise place.error(f"edits with `{update}`, which names no entity")
        self._get = (
            None
            if self._own
            else next(
                (
                    (name, other)
                    for name, other in sorted(place.plan.operations.items())
                    if other.entity == entity and other.action == "get"
                ),
                None,
            )
        )
        self._title = title_field(place.plan, entity)
        self._select = _whole(place, entity, tuple(entry.name for entry in operation.input))

    def name(self, record: Record) -> str | None:
        """What the record is called."""
        title = record.values.get(self._title) if self._title else None
        return str(title) if title else None

    async def read(self, visit: Visit) -> Record:
        """The record.

        Raises:
            Refusal: ``not-found`` where there is none for this person.
        """
        row = visit.caller.id if self._own else visit.row
        if row is None:
            raise Refusal("not-found")
        if self._get is not None and await visit.may(self._get[1].access):
            name, operation = self._get
            paths = [entry.name for entry in operation.input if entry.source == "path"] or ["id"]
            outcome = await visit.engine.run(name, visit.call(dict.fromkeys(paths, row)))
            body = outcome.body
            envelope = operation.returns.envelope
            values = body[envelope] if envelope and isinstance(body, Mapping) else body
            return Record(values if isinstance(values, Mapping) else {}, outcome.version)
        rows = await visit.engine.read(self._select, visit.call(), PageRequest(filters={trees.ROW: row}, limit=1))
        if not rows.items:
            raise Refusal("not-found")
        return Record(rows.items[0], None)


def _whole(place: Place, entity: str, names: tuple[str, ...]) -> Select:
    fields = place.plan.entities[entity].fields
    return Select(
        entity=entity,
        columns=tuple(column_of(place.plan, entity, name) for name in dict.fromkeys(("id", *names)) if name in fields),
        filters=(trees.equals(place.plan, entity, "id", trees.ROW),),
        limit=1,
    )
