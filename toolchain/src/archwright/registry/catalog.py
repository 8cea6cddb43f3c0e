"""The verified components that an assembly may be put together from.

A ``Catalog`` can be made in one place only, ``certification.certify``: whoever holds one knows that everything in it
was checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import CatalogError
from ..language.component import Component, configured
from ..language.configuration import defaults
from ..language.nodes import Mapping, to_data
from ..language.versions import Reference, parse_version


@dataclass(frozen=True)
class Certified:
    """One version of a component whose bytes are the ones that were certified.

    Attributes:
        name: e.g. ``std/accounts``.
        root: the whole manifest as it is written, for other configurations.
        digest: over the manifest and every file of the implementation.
        implementation: over the files of the Python package alone, which the runtime verifies before it loads them.
        folder: where its files lie, for running it and for building its wheel.
        requires: the distributions from elsewhere that its Python package needs, by name.
    """

    name: str
    version: str
    root: Mapping
    file: str
    digest: str
    implementation: str | None
    folder: str
    requires: tuple[str, ...] = ()

    @cached_property
    def config(self) -> dict[str, Any]:
        """The JSON Schema of its configuration."""
        schema = self.root.entries.get("config")
        data = to_data(schema.value) if schema is not None else None
        return data if isinstance(data, dict) else {}

    @cached_property
    def manifest(self) -> Component:
        """What describes it when nothing is configured.

        Raises:
            CatalogError: the manifest is none; ``certify`` says why where every component is looked at.
        """
        document = configured(self.root, self.file, defaults(self.root)).document
        if document is None:
            raise CatalogError(f"{self.file} is no manifest", hint="see `archwright catalog`")
        return document.model


class Catalog:
    """Certified components by name; every version of each.

    Args:
        known: the names that the store has, certified or not, for suggestions.
    """

    def __init__(self, components: Iterable[Certified], *, seal: object, known: Iterable[str] = ()) -> None:
        if seal is not _SEAL:
            raise TypeError("a catalog is made by registry.certification.certify alone")
        self.known = tuple(sorted(known))
        self._versions: dict[str, list[Certified]] = {}
        for component in components:
            self._versions.setdefault(component.name, []).append(component)
        for versions in self._versions.values():
            versions.sort(key=lambda one: parse_version(one.version) or ())

    @property
    def names(self) -> tuple[str, ...]:
        """Every component's name, sorted."""
        return tuple(sorted(self._versions))

    def versions(self, name: str) -> tuple[Certified, ...]:
        """All versions of a component, oldest first; empty where it is not known."""
        return tuple(self._versions.get(name, ()))

    def choose(self, wanted: Reference) -> Certified | None:
        """The newest version that a reference admits."""
        fitting = [one for one in self._versions.get(wanted.name, ()) if wanted.matches(one.version)]
        return fitting[-1] if fitting else None


_SEAL = object()


def _sealed(components: Iterable[Certified], known: Iterable[str]) -> Catalog:
    return Catalog(components, seal=_SEAL, known=known)
