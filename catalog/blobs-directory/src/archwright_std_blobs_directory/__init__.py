"""Blobs in a directory."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
