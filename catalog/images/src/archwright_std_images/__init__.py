"""Pictures of strangers made smaller, cropped, converted and freed of what they tell besides."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
