"""Listed log files, read from their end and searched within bounds."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
