"""What is wrong with an expression, and where in its text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; the caller knows in which file.

    Attributes:
        code: a stable suffix, e.g. ``unknown-field``.
        start: offset of the first code point within the expression's text; ``end`` is behind the last.
    """

    code: str
    message: str
    expected: str | None = None
    found: str | None = None
    hint: str | None = None
    start: int = 0
    end: int = 0


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest known word, or lists them when they are few."""
    words = sorted(set(known))
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if not close:
        close = [other for other in words if other.lower() == word.lower()][:1]
    if close:
        return f"did you mean `{close[0]}`?"
    if words and len(words) <= 12:
        return "known here: " + ", ".join(f"`{other}`" for other in words)
    return None
