"""What somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggestion(name: str, known: Iterable[str]) -> str:
    """`` Did you mean `x`?`` or nothing."""
    close = get_close_matches(name[:100], list(known), 1)
    return f" Did you mean `{close[0]}`?" if close else ""
