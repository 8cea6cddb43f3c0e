"""Values that show as much as somebody needs to recognise them."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
