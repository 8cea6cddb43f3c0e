"""``std/oidc``: signing in at an identity provider."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
