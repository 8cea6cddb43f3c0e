"""Runs every invariant over a resolved assembly; there is no way to leave one out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ...diagnostics import Collector, Diagnostic, Location, Related, Severity
from ...language.architecture import Architecture
from ...language.operations import Operation as WrittenOperation
from .. import plan as plans
from ..resolve import Resolution
from ..resolve.source import Place, Source
from ..resolve.world import EntityDraft, FieldDraft


@dataclass(frozen=True)
class Proof:
    """What an invariant may look at: the resolved assembly, the law above it, and the day it is built.

    Attributes:
        today: only for what expires; nothing that is emitted depends on it.
    """

    resolution: Resolution
    law: Architecture | None
    today: date | None

    @property
    def plan(self) -> plans.Plan:
        """The compiled service."""
        assert self.resolution.plan is not None
        return self.resolution.plan

    @property
    def assembly(self) -> Source:
        """The assembly's own document."""
        return self.resolution.world.assembly

    @property
    def components(self) -> tuple[Source, ...]:
        """The manifests of the chosen components."""
        return tuple(source for source in self.resolution.sources if source.alias)

    def operations(self) -> Iterator[tuple[str, WrittenOperation, plans.Operation, Place]]:
        """Every operation that is written out: its name, text, plan and place."""
        for source in self.resolution.sources:
            for name, written in source.model.operations.items():
                yield (
                    source.name(name),
                    written,
                    self.plan.operations[source.name(name)],
                    Place(source, ("operations", name)),
                )

    @cached_property
    def access(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the roles that may run each operation that is written out."""
        return {name: tuple(written.access) for name, written, _, _ in self.operations()}

    @cached_property
    def remembered(self) -> dict[str, tuple[Any, ...]]:
        """The permissions on each entity, once they have been looked at."""
        return {}

    @cached_property
    def watched(self) -> frozenset[str]:
        """The entities whose changes start an operation."""
        triggers = (planned.trigger for _, _, planned, _ in self.operations())
        return frozenset(one.entity for one in triggers if one.kind == "changed" and one.entity is not None)

    def fields(self) -> Iterator[tuple[EntityDraft, FieldDraft]]:
        """Every field that a document declares."""
        for entity in self.resolution.world.entities.values():
            for field in entity.fields.values():
                if field.written is not None:
                    yield entity, field


Invariant = Callable[[Proof], Iterator[Diagnostic]]


def broken(
    code: str,
    location: Location,
    message: str,
    *,
    expected: str | None = None,
    found: str | None = None,
    hint: str | None = None,
    path: tuple[Related, ...] = (),
) -> Diagnostic:
    """A finding that stops the build."""
    return Diagnostic(f"invariant/{code}", Severity.ERROR, location, message, expected, found, hint, path)


def prove(resolution: Resolution, law: Architecture | None, today: date | None = None) -> tuple[Diagnostic, ...]:
    """Every finding of every invariant, sorted by place."""
    from .registered import INVARIANTS

    proof = Proof(resolution, law, today)
    findings = Collector()
    for invariant in INVARIANTS:
        findings.add(*invariant(proof))
    return findings.findings()
