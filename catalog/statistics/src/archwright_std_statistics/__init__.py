"""Statistics of bounded lists of numbers, exact until they are rounded once."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
