"""Templates: texts and HTML pages made of configured templates and given values."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
