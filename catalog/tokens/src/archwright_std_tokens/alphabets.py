"""Alphabets, and how much chance a text of them holds."""

from __future__ import annotations

import math
import string

ALPHABETS = {
    "base62": string.digits + string.ascii_letters,
    "base58": "".join(one for one in string.digits + string.ascii_letters if one not in "0OIl"),
    "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "hex": "0123456789abcdef",
    "letters": string.ascii_lowercase,
    "digits": string.digits,
    "clear": "23456789ABCDEFGHJKMNPQRSTVWXYZ",
}
"""``clear`` leaves out what people confuse: 0 and O, 1, I and L, U and V."""


def length_for(alphabet: str, bits: int) -> int:
    """How many characters hold at least so many bits."""
    length = math.ceil(bits / math.log2(len(alphabet)))
    # The logarithm is rounded, the powers are not.
    enough: bool = len(alphabet) ** length >= 2**bits
    return length if enough else length + 1


def bits_of(alphabet: str, length: int) -> int:
    """How many whole bits so many characters hold."""
    ways: int = len(alphabet) ** length
    return ways.bit_length() - 1


def grouped(code: str, size: int | None) -> str:
    """A code in groups with hyphens between, which are easier to read."""
    if size is None:
        return code
    return "-".join(code[start : start + size] for start in range(0, len(code), size))
