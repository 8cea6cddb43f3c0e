"""Digests of texts and files."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
