"""Findings: what is wrong, where, what was expected, and what to do. Pure values."""

from __future__ import annotations

from .collector import Collector
from .diagnostic import Diagnostic, Related, Severity
from .location import Location
from .suggestions import did_you_mean, nearest

__all__ = ["Collector", "Diagnostic", "Location", "Related", "Severity", "did_you_mean", "nearest"]
