"""What may be wrong with the shape of a manifest."""

from __future__ import annotations

TITLES = {
    "bad-condition": "A condition on the configuration is not one",
    "bad-name": "A name is not written as such names are",
    "bad-type": "A type is not written correctly",
    "bad-value": "A value has not the form that it needs",
    "conflicting-keys": "Two keys contradict each other",
    "missing-key": "A key is missing",
    "undecided-config": "A configured value is not known when the service is built",
    "unknown-config": "A manifest uses a configured value that it does not declare",
    "unknown-key": "A key is not part of the language",
    "unknown-parameter": "A trait uses a name that means nothing in it",
    "unknown-type": "There is no such type",
    "unknown-value": "A value is none of the known ones",
    "wrong-type": "A value has the wrong shape",
}
