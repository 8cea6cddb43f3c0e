"""Uploads, looked at by their bytes."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
