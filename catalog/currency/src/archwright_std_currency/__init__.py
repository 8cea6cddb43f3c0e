"""Amounts in other currencies, at given rates."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
