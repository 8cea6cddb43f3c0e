"""Mails as files: their headers, texts and attachments."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
