"""What may be wrong with the shape of an architecture."""

from __future__ import annotations

TITLES = {
    "bad-name": "A name is not written as such names are",
    "bad-value": "A value has not the form that it needs",
    "duplicate-name": "A name is used twice",
    "missing-key": "A key is missing",
    "unknown-key": "A key is not part of the language",
    "unknown-value": "A value is none of the known ones",
    "wrong-type": "A value has the wrong shape",
}
