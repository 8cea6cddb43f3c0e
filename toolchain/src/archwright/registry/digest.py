"""One digest for many files: SHA-256 over the sorted lines ``path NUL sha256(content) LF``.

The runtime computes the same over an installed package, so the rule must not change without a new plan format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def of_files(files: Mapping[str, bytes]) -> str:
    """The digest of a set of files, whatever order or place they come in."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"


def of_bytes(content: bytes) -> str:
    """The digest of one file's content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
