"""How long a text can be that matches a pattern."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

_LONGEST_PATTERN = 500


@lru_cache(maxsize=256)
def longest_match(pattern: str) -> int | None:
    """The greatest length of a text that an anchored pattern matches as a whole; nothing where it has none.

    >>> longest_match("^[a-z]{1,8}$")
    8
    """
    if len(pattern) > _LONGEST_PATTERN or not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    parser: Any = import_module("re._parser")
    try:
        parsed = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    # `^a|b$` is anchored on one side of each alternative only.
    if any(str(kind) == "BRANCH" for kind, _ in parsed):
        return None
    width: int = parsed.getwidth()[1]
    return width if width < 1_000_000 else None
