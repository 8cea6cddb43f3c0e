"""Media types and their ranges."""

from __future__ import annotations


def name_of(media: str) -> str:
    """A media type without its parameters.

    >>> name_of("Text/HTML; charset=utf-8")
    'text/html'
    """
    return media.partition(";")[0].strip().lower()


def covers(wide: str, narrow: str) -> bool:
    """Whether every media type of one range is in another one.

    >>> covers("image/*", "image/png"), covers("*/*", "text/html"), covers("text/html", "text/*")
    (True, True, False)
    """
    outer, inner = name_of(wide), name_of(narrow)
    if outer in ("*/*", inner):
        return True
    return outer.endswith("/*") and inner.startswith(outer[:-1])
