"""Signed tokens and links that expire."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
