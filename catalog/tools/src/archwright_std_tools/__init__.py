"""Programs of the machine run on files of strangers, as the configuration says and no other way."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
