"""Zip and tar archives of strangers listed, opened one file at a time, and made."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
