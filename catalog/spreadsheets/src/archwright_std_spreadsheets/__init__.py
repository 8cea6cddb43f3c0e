"""Spreadsheets of strangers read as rows, and rows written as spreadsheets."""

from __future__ import annotations

from .implementation import create

__all__ = ["create"]
