"""What everything that runs operations shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any, Protocol

from ..authorization.policy import Policy
from ..component import BlobStore
from ..errors import PlanError
from ..persistence.cursor import Cursors
from ..persistence.database import Database
from ..persistence.schema import Schema
from ..plan import Capability, Column, Plan, Select
from .blobs import Blobs
from .calls import Find, PureCall
from .remembered import Memory
from .sharing import Sharing
from .trees import field_column

if TYPE_CHECKING:
    from .run import Run

Report = Callable[[str, Mapping[str, Any]], None]


def _no_component(name: str) -> tuple[Capability, PureCall]:
    raise PlanError(f"no component provides the capability `{name}`")


class Reaction(Protocol):
    """An operation that a change starts within its transaction; what it knows, it reads with its own rights."""

    @property
    def asks_old(self) -> bool:
        """Whether its steps look at the row as it was before."""
        ...

    async def seen(self, run: Run, name: str, id: str) -> Any:
        """The row as it is now, with the members that its steps look up under a name."""
        ...

    async def react(self, run: Run, rows: Mapping[str, Any]) -> None:
        """Run the steps.

        Raises:
            Refusal: the change must not be.
        """
        ...


@dataclass
class Service:
    """One plan on one database.

    Attributes:
        wholes: for each entity, the members that exposing it gives.
        pure: finds a capability without effects, once the components are loaded.
        reactions: the operations that changes start within their transaction, by name.
    """

    plan: Plan
    database: Database
    schema: Schema
    policy: Policy
    cursors: Cursors
    settings: Mapping[str, Any]
    report: Report
    attempts: int = 20
    private: tuple[IPv4Network | IPv6Network, ...] = ()
    memory: Memory = field(default_factory=Memory)
    sharing: Sharing | None = None
    wholes: dict[str, Select] = field(default_factory=dict)
    reactions: dict[str, Reaction] = field(default_factory=dict)
    pure: Find = _no_component
    blob_store: Callable[[], tuple[BlobStore | None, str]] = lambda: (None, "")

    @cached_property
    def blobs(self) -> Blobs:
        """The bytes of files."""
        return Blobs(self.schema, *self.blob_store())

    def whole(self, entity: str) -> Select:
        """Every field of an entity, as exposing it gives."""
        if entity not in self.wholes:
            self.wholes[entity] = self._stated(entity) or own_fields(self.plan, entity)
        return self.wholes[entity]

    def _stated(self, entity: str) -> Select | None:
        for operation in self.plan.operations.values():
            for step in operation.steps:
                if step.select is not None and step.select.whole and step.select.entity == entity:
                    return Select(entity=entity, columns=step.select.columns, whole=True)
        return None


def own_fields(plan: Plan, entity: str) -> Select:
    """Every field of an entity, stored or computed."""
    columns: tuple[Column, ...] = tuple(
        field_column(plan, entity, name)
        for name, one in plan.entities[entity].fields.items()
        if one.generated != "version"
    )
    return Select(entity=entity, columns=columns, whole=True)
