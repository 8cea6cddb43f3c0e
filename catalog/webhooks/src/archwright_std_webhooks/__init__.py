"""``std/webhooks``: signed webhooks to whoever subscribed."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
