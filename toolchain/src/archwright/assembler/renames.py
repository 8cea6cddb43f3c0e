"""What had another name before: a rename is declared, never inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Renames:
    """What was called otherwise before, as the assembly declares it with ``renamed_from``.

    Attributes:
        entities: former name by present name.
        fields: former name by (present entity, present name); many-to-many relations too.
    """

    entities: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)
