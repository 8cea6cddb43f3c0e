"""``std/cache``: what the processes of a service share for a while, in Redis."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
