"""Invitations: links that cannot be guessed, of which only the digest is stored."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
