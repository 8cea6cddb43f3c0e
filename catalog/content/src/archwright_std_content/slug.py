"""Titles as parts of addresses."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 100
_SPELLED = str.maketrans(
    dict(zip("ßẞæœøđðþłı&", ("ss", "ss", "ae", "oe", "o", "d", "d", "th", "l", "i", " and "), strict=True))
)
"""Letters that no decomposition turns into ASCII."""


def slug(text: str, fallback: str = "") -> str:
    """Lower-case ASCII words joined by hyphens.

    >>> slug("Crème brûlée & Co.")
    'creme-brulee-and-co'
    """
    lower = text.casefold().translate(_SPELLED)
    decomposed = unicodedata.normalize("NFKD", lower)
    ascii_only = decomposed.encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_only)
    return _cut("-".join(words)) or fallback


def _cut(joined: str) -> str:
    """At most ``_LONGEST`` characters, ending with a whole word where there is more than one."""
    if len(joined) <= _LONGEST:
        return joined
    shortened = joined[:_LONGEST]
    if joined[_LONGEST] != "-" and "-" in shortened:
        shortened = shortened[: shortened.rindex("-")]
    return shortened.strip("-")
