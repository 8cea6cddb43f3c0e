"""Texts sealed with AES-256-GCM, and keys that can be changed."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
