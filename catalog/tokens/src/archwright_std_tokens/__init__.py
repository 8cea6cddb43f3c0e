"""Random tokens, codes and identifiers."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
