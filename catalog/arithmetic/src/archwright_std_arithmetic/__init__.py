"""Arithmetic that people write, evaluated exactly and within bounds."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
