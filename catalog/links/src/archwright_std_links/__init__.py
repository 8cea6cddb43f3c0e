"""Links of strangers, checked and made harmless."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
