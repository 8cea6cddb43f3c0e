"""Where two schemas differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .interface import Spot


class Side(Enum):
    """Who sends the values."""

    REQUEST = "request"
    ANSWER = "answer"


class Weight(Enum):
    """What a difference means."""

    BROKEN = "broken"
    """The contract does not hold."""
    UNPROVEN = "unproven"
    """Whether it holds cannot be seen from the schemas."""
    ABSENT = "absent"
    """Something that the contract only allows is never given."""


@dataclass(frozen=True, eq=False)
class Difference:
    """One place where schemas differ.

    Attributes:
        member: which value of the message, such as ``article.tagList[]``; empty for the whole.
        contract: where the contract says it.
    """

    weight: Weight
    member: str
    message: str
    contract: Spot
    expected: str | None = None
    found: str | None = None
