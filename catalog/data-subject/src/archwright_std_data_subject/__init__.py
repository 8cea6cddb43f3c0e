"""People get and erase what is kept about them."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
