"""A second factor: time-based codes of an app, and recovery codes."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
