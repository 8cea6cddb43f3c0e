"""Gives every name of an assembly its meaning: documents in, a typed plan out, with all findings of one run."""

from __future__ import annotations

from .resolution import Resolution, resolve

__all__ = ["Resolution", "resolve"]
