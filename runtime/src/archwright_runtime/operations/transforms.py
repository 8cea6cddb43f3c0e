"""What a declassification does to a value on its way."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

_KEPT = 4


def transform(name: str | None) -> Callable[[Any], Any]:
    """A transformation by its name; an absent value stays absent."""
    change = _TRANSFORMS[name or "none"]
    return lambda value: None if value is None else change(value)


def _mask(value: Any) -> str:
    text = str(value)
    return "*" * max(0, len(text) - _KEPT) + text[-_KEPT:] if len(text) > _KEPT else "*" * len(text)


_TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "none": lambda value: value,
    "redact": lambda value: "",
    "mask": _mask,
    "hash": lambda value: sha256(str(value).encode()).hexdigest(),
    "truncate": lambda value: str(value)[:_KEPT],
    "count": len,
}
