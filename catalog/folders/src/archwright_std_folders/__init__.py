"""Files in folders of one directory."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
