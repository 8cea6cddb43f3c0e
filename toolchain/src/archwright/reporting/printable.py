"""Text that is safe to show: what a document says never controls a terminal or hides from its reader."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Return the text with everything that is not visible written as an escape.

    >>> printable("a\\x1b[2Jb")
    'a\\\\u001b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def width(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1
