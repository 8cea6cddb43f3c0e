"""Texts: Markdown, slugs, excerpts and differences."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
