"""Frames of videos, and videos in a form that every browser plays, by ffmpeg."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
