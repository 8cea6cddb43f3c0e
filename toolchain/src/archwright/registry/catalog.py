"""The verified components that an assembly may be put together from.

A ``Catalog`` can be made in one place only, ``certification.certify``: whoever holds one knows that everything in it
was checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..language.component import Component
from ..language.nodes import Mapping
from ..language.versions import Reference, parse_version


@dataclass(frozen=True)
class Certified:
    """One version of a component whose bytes are the ones that were certified.

    Attributes:
        name: e.g. ``std/accounts``.
        manifest: what describes it when nothing is configured.
        root: the whole manifest as it is written, for other configurations.
        digest: over the manifest and every file of the implementation.
        implementation: over the files of the Python package alone, which the runtime verifies before it loads them.
        folder: where its files lie, for running it and for building its wheel.
    """

    name: str
    version: str
    manifest: Component
    root: Mapping
    file: str
    digest: str
    implementation: str | None
    folder: str


class Catalog:
    """Certified components by name; every version of each."""

    def __init__(self, components: Iterable[Certified], *, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a catalog is made by registry.certification.certify alone")
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


def _sealed(components: Iterable[Certified]) -> Catalog:
    return Catalog(components, seal=_SEAL)
