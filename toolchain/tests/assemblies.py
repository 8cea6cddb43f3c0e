"""Assembles documents of the corpora over the real catalogue and a small one made for tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from archwright.assembler import plan as plans
from archwright.assembler.invariants import prove
from archwright.assembler.resolve import Resolution, resolve
from archwright.diagnostics import Collector, Diagnostic
from archwright.language.architecture import Architecture, read_architecture
from archwright.language.assembly import read_assembly
from archwright.registry.catalog import Catalog
from archwright.registry.certification import certify
from archwright.registry.store import Package
from archwright.registry.stores.directory import Directory

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
CATALOGS = (ROOT / "catalog", Path(__file__).parent / "catalog")
TODAY = date(2026, 11, 20)
"""The day of all tests."""


class Shelf:
    """A store that holds what several folders hold."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    def names(self) -> frozenset[str]:
        """The names of all folders."""
        return frozenset().union(*(Directory(folder).names() for folder in self._folders))

    def packages(self, wanted: Collection[str] | None = None) -> Iterator[Package]:
        """The components of every folder."""
        for folder in self._folders:
            yield from Directory(folder).packages(wanted)


@cache
def catalog() -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """The certified components of both catalogues, read once, and the findings about the others."""
    return certify(Shelf(CATALOGS))


class Assembled(NamedTuple):
    """What became of a document."""

    findings: tuple[Diagnostic, ...]
    resolution: Resolution | None

    @property
    def plan(self) -> plans.Plan | None:
        """The plan of an assembly without errors."""
        return None if Collector(self.findings).has_errors or self.resolution is None else self.resolution.plan


def assemble(source: bytes | str, file: str = "assembly.yaml", law: Architecture | None = None) -> Assembled:
    """Read, resolve and prove a document, as `archwright check` does."""
    document, findings = read_assembly(source, file)
    if document is None:
        return Assembled(findings, None)
    resolution = resolve(document, catalog()[0], law)
    found = Collector((*findings, *resolution.findings))
    if resolution.plan is not None:
        found.add(*prove(resolution, law, TODAY))
    return Assembled(found.findings(), resolution)


@cache
def assemble_case(path: Path) -> Assembled:
    """Assemble a case of a corpus, under the architecture that stands beside it, if any."""
    return assemble(path.read_bytes(), path.name, law_of(path))


def law_of(path: Path) -> Architecture | None:
    """The architecture of a case: `<case>.architecture.yaml`, else the folder's `architecture.yaml`."""
    for beside in (path.with_suffix(".architecture.yaml"), path.parent / "architecture.yaml"):
        if beside.is_file():
            document, findings = read_architecture(beside.read_bytes(), beside.name)
            assert document is not None, findings
            return document.model
    return None


def cases(folder: Path) -> list[str]:
    """Every case below a folder of the corpus."""
    found = (path.relative_to(CORPUS).as_posix() for path in folder.rglob("*.yaml"))
    return sorted(name for name in found if not name.endswith("architecture.yaml"))


def lines(findings: tuple[Diagnostic, ...], file: str) -> str:
    """Findings as text, one line each: code, place, message, and the places on its path."""
    return "".join(f"{_line(finding, file)}\n" for finding in findings)


def _line(finding: Diagnostic, file: str) -> str:
    path = "".join(f" <- {_place(related.location, file)} {related.note}" for related in finding.path)
    return f"{finding.code} {_place(finding.location, file)} {finding.message}{path}"


def _place(location: object, file: str) -> str:
    """Line and column in the case; of a manifest the file alone, since its lines are not the case's concern."""
    name, line, column = str(location).rsplit(":", 2)
    return f"{line}:{column}" if name == file else "/".join(Path(name).parts[-2:])
