"""Names of hosts that look like others: letters of several scripts, or of another script that look Latin."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import idna

_LOOK_LATIN = frozenset("асԁеһіјӏорԛѕԝхуѵεικνορτυαցհոսօգզ")
"""Cyrillic, Greek and Armenian letters that are taken for Latin ones."""
_TOGETHER = (frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}), frozenset({"LATIN", "HAN", "HANGUL"}))
"""Scripts that one language writes together."""


@lru_cache(maxsize=4096)
def suspicion(host: str) -> str | None:
    """Why a name may stand for another one; None where nothing speaks for that.

    One of ``mixed-scripts``, ``looks-latin``, ``unreadable``, ``number``.
    """
    if ":" in host or host.rpartition(".")[2].isdigit():
        return "number"
    for label in host.split("."):
        if label.startswith("xn--"):
            found = _label(label)
            if found is not None:
                return found
    return None


def _label(label: str) -> str | None:
    try:
        text = idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return "unreadable"
    letters = [one for one in text if one.isalpha()]
    scripts = {_script(one) for one in letters}
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        return "mixed-scripts"
    if scripts != {"LATIN"} and all(one in _LOOK_LATIN for one in letters):
        return "looks-latin"
    return None


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "OTHER")
    return "HAN" if name.startswith("CJK") else name.split()[0].partition("-")[0]
