"""Where components are kept, as bytes that nobody has verified yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Package:
    """The bytes of one component version.

    Attributes:
        name: as the index states it.
        version: as the index states it.
        digest: what the index says the bytes digest to.
        folder: where it was found, for messages.
        files: content by path relative to the component's folder: the manifest and the implementation.
    """

    name: str
    version: str
    digest: str
    folder: str
    files: Mapping[str, bytes]


class Store(Protocol):
    """A place that lists packages."""

    def names(self) -> frozenset[str]:
        """The name of every component that the store's index names.

        Raises:
            CatalogError: the store cannot be read.
        """
        ...

    def packages(self, wanted: Collection[str] | None = None) -> Iterator[Package]:
        """The component versions of the given names; all of them where none is given.

        Raises:
            CatalogError: the store cannot be read.
        """
        ...
