"""Regular expressions that people write, in linear time."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
