"""What there is to know of the machine that a service runs on, as far as it is listed."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
