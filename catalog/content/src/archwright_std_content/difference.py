"""What changed between two texts, line by line.

The work is bounded whatever is compared: texts with more different lines than a person would read are shown as
replaced, since finding the shortest difference takes a time that grows with the square of their number.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

_CONTEXT = 3
_MOST_LINES = 2_000
_LONGEST_RESULT = 400_000


@dataclass(frozen=True)
class Difference:
    """The unified format, and how many lines came and went."""

    unified: str
    added: int
    removed: int

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return not self.added and not self.removed


def compare(before: str, after: str) -> Difference:
    """The difference between two texts."""
    old, new = before.splitlines(), after.splitlines()
    head, tail = _shared(old, new)
    changed_old, changed_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(changed_old) + len(changed_new) > _MOST_LINES:
        return _replaced(changed_old, changed_new, head)
    lines = list(difflib.unified_diff(old, new, lineterm="", n=_CONTEXT))[2:]
    return _difference(lines)


def _shared(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines are the same at the beginning, and at the end of what remains."""
    shorter = min(len(old), len(new))
    head = next((number for number in range(shorter) if old[number] != new[number]), shorter)
    rest = shorter - head
    tail = next((number for number in range(rest) if old[-1 - number] != new[-1 - number]), rest)
    return head, tail


def _replaced(old: list[str], new: list[str], head: int) -> Difference:
    range_of_lines = f"@@ -{head + 1},{len(old)} +{head + 1},{len(new)} @@"
    return _difference([range_of_lines, *(f"-{line}" for line in old), *(f"+{line}" for line in new)])


def _difference(lines: list[str]) -> Difference:
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    return Difference("\n".join(lines)[:_LONGEST_RESULT], added, removed)
