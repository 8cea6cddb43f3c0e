"""What may be wrong with what was built."""

from __future__ import annotations

TITLES = {
    "different-file": "A built file differs from what the assembly gives",
}
