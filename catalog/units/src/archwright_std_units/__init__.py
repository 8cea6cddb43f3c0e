"""Quantities in other units, exactly."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
