"""Patterns of RE2: an automaton reads each text once, so that no pattern takes long; memory is bounded as well."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Any

from archwright_runtime.errors import Refusal

_MEMORY = 1 << 20
_LONGEST_FOUND = 2000
_LONGEST = 1_000_000


@lru_cache(maxsize=256)
def compiled(pattern: str, ignore_case: bool) -> Any:
    """A pattern, ready to search.

    Raises:
        Refusal: it cannot be read, needs what RE2 leaves out, or too much memory.
    """
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0] if error.args else "it cannot be read"
        told = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise Refusal("bad-pattern", f"this pattern cannot be used: {told}"[:200]) from None


def matches(pattern: Any, text: str) -> bool:
    """Whether it is found anywhere."""
    return pattern.search(text) is not None


def find(pattern: Any, text: str, most: int) -> tuple[list[str], bool]:
    """What it finds, and whether there is more."""
    group = 1 if pattern.groups else 0
    found: list[str] = []
    for match in pattern.finditer(text):
        if len(found) == most:
            return found, True
        found.append((match.group(group) or "")[:_LONGEST_FOUND])
    return found, False


def replace(pattern: Any, text: str, by: str) -> tuple[str, int]:
    """The text with everything replaced by a text, which is taken as it is.

    Raises:
        Refusal: the result is too long.
    """
    parts: list[str] = []
    length = start = count = 0
    for match in pattern.finditer(text):
        parts += [text[start : match.start()], by]
        length += match.start() - start + len(by)
        start, count = match.end(), count + 1
        if length > _LONGEST:
            raise Refusal("too-long", "what was replaced becomes too long")
    made = unicodedata.normalize("NFC", "".join((*parts, text[start:])))
    if len(made) > _LONGEST:
        raise Refusal("too-long", "what was replaced becomes too long")
    return made, count
