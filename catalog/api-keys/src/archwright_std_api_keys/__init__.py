"""API keys: programs act as a person, with as few of its roles as they need."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
