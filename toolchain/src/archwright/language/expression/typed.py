"""What checking an expression gives."""

from __future__ import annotations

from dataclasses import dataclass

from .types import Type
from .value import NOTHING, Path, Tree


@dataclass(frozen=True, slots=True)
class Read:
    """One place where an expression reads something.

    Attributes:
        path: from a name of the scope through members; a loop variable is written as the relation that it runs over.
        entity: whose field the last member is; None for names and for members of records.
        control: it decides what the result is (a condition, a reference that is followed) without becoming part of it.
    """

    path: Path
    entity: str | None
    field: str | None
    control: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression that has a type.

    Attributes:
        node: its tree, as the plan holds it.
        reads: everything that it depends on, in the order it is written.
    """

    node: Tree
    type: Type
    reads: tuple[Read, ...]
    constant: bool = False
    proves: frozenset[Path] = NOTHING
    """For a condition: what is present wherever it holds."""
