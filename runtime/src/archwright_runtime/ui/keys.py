"""Names of what forms carry unseen; none of them can be the name of an input."""

from __future__ import annotations

import secrets

from .place import Place

PART = "_part"
"""Which part of the page a form belongs to."""

KEY = "_key"
"""Makes sending a form twice the same as sending it once."""

VERSION = "_version"
"""The version of the record that somebody began to edit."""

DO = "_do"
"""Which button was pressed: part, action and row."""

CONFIRMED = "_confirmed"
"""The question was answered with yes."""

ASKED = "_asked"
"""The button's own fields have been filled in."""


def new() -> str:
    """A key of one form as it was shown once."""
    return secrets.token_urlsafe(15)


def notice(place: Place, action: int | None = None) -> str:
    """The key of what is said after something was done."""
    base = f"{place.template}:{place.index}"
    return base if action is None else f"{base}.{action}"
