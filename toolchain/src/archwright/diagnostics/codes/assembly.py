"""What may be wrong with the shape of an assembly."""

from __future__ import annotations

TITLES = {
    "bad-name": "A name is not written as such names are",
    "bad-type": "A type is not written correctly",
    "bad-value": "A value has not the form that it needs",
    "conflicting-keys": "Two keys contradict each other",
    "missing-key": "A key is missing",
    "unknown-key": "A key is not part of the language",
    "unknown-type": "There is no such type",
    "unknown-value": "A value is none of the known ones",
    "wrong-type": "A value has the wrong shape",
}
