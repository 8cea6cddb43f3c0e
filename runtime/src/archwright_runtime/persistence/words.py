"""What counts as a word, and how words are looked for; the migrations keep the same words.

Its rules:

* A word is a run of letters and decimal digits, in small letters, cut at 64 characters.
* All words must be found, each in any of the fields; the last one may be the beginning of a word.
* What is looked for becomes letters and digits only, so it never means anything to the database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from unicodedata import normalize

Language = Literal["simple", "english"]
WEIGHTS = "ABCD"
_LONGEST_TEXT = 50_000
_LONGEST_WORD = 64
_RUN = re.compile(r"[^\W_]+")


def split(text: str) -> list[str]:
    """The words of a text, in their order."""
    # Two letters whose small form depends on the place or takes two characters, as the migrations see them.
    lower = text.replace("\u0130", "i").lower().replace("\u03c2", "\u03c3")
    found: list[str] = []
    for run in _RUN.findall(lower):
        # A run may hold numerals such as a raised two, which are neither letters nor decimal digits.
        plain = run if run.isascii() else "".join(one if one.isalpha() or one.isdecimal() else " " for one in run)
        found += (word[:_LONGEST_WORD] for word in plain.split(" ") if word)
    return found


def kept(text: str | None) -> str:
    """A field as SQLite's index takes it: its words, parted by spaces."""
    return " ".join(split(text[:_LONGEST_TEXT])) if isinstance(text, str) else ""


def for_postgresql(text: str, places: Sequence[int]) -> str:
    """What is looked for in the fields at these places, as a ``tsquery``."""
    weights = "".join(WEIGHTS[place] for place in places)
    words, last = _asked(text)
    return " & ".join(f"'{word}':{'*' if word == last else ''}{weights}" for word in words)


def for_sqlite(text: str, places: Sequence[int]) -> str:
    """What is looked for in the fields at these places, as FTS5 reads it."""
    words, last = _asked(text)
    if not words:
        return '""'
    columns = " ".join(f"c{place + 1}" for place in places)
    return f"{{{columns}}} : ({' AND '.join(_quoted(word, word == last) for word in words)})"


def _quoted(word: str, beginning: bool) -> str:
    return f'"{word}"*' if beginning else f'"{word}"'


def _asked(text: str) -> tuple[list[str], str | None]:
    words = split(normalize("NFC", text))
    return list(dict.fromkeys(words)), words[-1] if words else None
