"""PDF documents of strangers read, taken apart and put together."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
