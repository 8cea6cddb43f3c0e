"""Accounts: who a caller is, how people sign in, and what keeps others out."""

from __future__ import annotations

from .implementation import create
from .seed import Person, seed

__all__ = ["Person", "create", "seed"]
