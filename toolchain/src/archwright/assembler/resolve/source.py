"""The documents that an assembly is put together from: its own, and the manifest of each chosen component."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...diagnostics import Location
from ...language.document import Document
from ...language.entities import Entity
from ...language.model import Path
from ...registry.catalog import Certified


@dataclass(frozen=True, eq=False)
class Source:
    """One document with the prefix that its names have in the assembly.

    Attributes:
        alias: the component's name in this assembly; empty for the assembly itself.
        model: what the document says, with the parts that its configuration leaves.
        certified: for a component, what was certified.
        config: for a component, its configuration, with trees of settings in it.
        trait: for a trait that an entity takes, its name; its own names are the assembly's.
    """

    alias: str
    document: Document[Any]
    model: Any
    certified: Certified | None = None
    config: Mapping[str, Any] | None = None
    trait: str | None = None

    @property
    def entities(self) -> Mapping[str, Entity]:
        """The entities that the document declares or extends."""
        entities: Mapping[str, Entity] = self.model.entities
        return entities

    @property
    def is_certified(self) -> bool:
        """Whether a certified component says it, and not the assembly itself."""
        return bool(self.alias or self.trait)

    def name(self, own: str) -> str:
        """What one of the document's own names is called in the assembly."""
        return f"{self.alias}.{own}" if self.alias else own

    def entity(self, written: str) -> str:
        """The assembly's name of an entity as this document writes it."""
        return self.name(written) if "." not in written else written

    def locate(self, *path: str | int, key: bool = False) -> Location:
        """Where a value (or its key) stands."""
        return self.document.locate(path, key=key)


class Place(NamedTuple):
    """A value of a document, for findings and for the facts kept about it."""

    source: Source
    path: Path

    def __truediv__(self, part: str | int) -> Place:
        return Place(self.source, (*self.path, part))

    @property
    def location(self) -> Location:
        """Where the value stands."""
        return self.source.locate(*self.path)

    @property
    def key(self) -> Location:
        """Where its key stands."""
        return self.source.locate(*self.path, key=True)

    def __str__(self) -> str:
        return self.source.name(".".join(map(str, self.path)))
