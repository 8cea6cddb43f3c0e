"""What every assembly keeps; one invariant per file, and no flag that skips one."""

from __future__ import annotations

from .proof import prove

__all__ = ["prove"]
