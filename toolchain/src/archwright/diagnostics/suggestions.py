"""Which known word somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64  # comparing longer words costs more than a suggestion is worth


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that differs from ``word`` by few letters, or nothing when none is near.

    >>> nearest("feilds", ["fields", "files"])
    'fields'
    """
    if not word or len(word) > _LONGEST:
        return None
    folded = _fold(word)
    allowed = max(1, len(folded) // 3)
    best: str | None = None
    closest = allowed + 1
    for choice in choices:
        other = _fold(choice)
        if other == folded:
            return choice
        distance = _distance(folded, other, closest)
        if distance < closest:
            best, closest = choice, distance
    return best if best is not None and closest < len(folded) else None


def did_you_mean(word: str, choices: Iterable[str]) -> str | None:
    """Return a hint that names the nearest choice.

    >>> did_you_mean("feilds", ["fields", "files"])
    'did you mean `fields`?'
    """
    choice = nearest(word, choices)
    return None if choice is None else f"did you mean `{choice}`?"


def _fold(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")


def _distance(left: str, right: str, bound: int) -> int:
    """Optimal string alignment distance (Damerau 1964), given up as soon as it reaches ``bound``."""
    if abs(len(left) - len(right)) >= bound:
        return bound
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, start=1):
        current = [row]
        for column, b in enumerate(right, start=1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) >= bound:
            return bound
        before, previous = previous, current
    return previous[-1]
