"""The one form of an e-mail address and of a password: what a person would call the same is the same."""

from __future__ import annotations

import unicodedata

from archwright_runtime.errors import FieldProblem, Refusal

_LONGEST = 254
"""RFC 5321, section 4.5.3.1.3, without the angle brackets."""


def normalise(email: str) -> str:
    """Compose and case-fold an address, so that every spelling finds one account."""
    composed = unicodedata.normalize("NFC", email.strip())
    return unicodedata.normalize("NFC", composed.casefold())


def checked(email: str) -> str:
    """The normalised address.

    Raises:
        Refusal: it is not an address that mail could reach.
    """
    address = normalise(email)
    local, at, domain = address.rpartition("@")
    if not (local and at and "." in domain.strip(".")) or len(address) > _LONGEST or not _visible(address):
        problem = FieldProblem("/email", "format", "This is not an e-mail address.")
        raise Refusal("invalid", problems=(problem,))
    return address


def _visible(address: str) -> bool:
    return all(not unicodedata.category(character).startswith(("C", "Z")) for character in address)
