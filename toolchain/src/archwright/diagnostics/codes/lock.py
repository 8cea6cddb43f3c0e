"""What may be wrong with the lock that the build before left."""

from __future__ import annotations

TITLES = {
    "altered-migration": "A migration has changed since it was locked",
    "claimed-twice": "Two names claim to be the same former one",
    "unreadable": "The lock cannot be read",
}
