"""``std/events``: events between services that know each other."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
