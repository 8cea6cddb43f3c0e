"""What a plain scalar means: the core schema of YAML 1.2 (chapter 10.3), with exact numbers.

So ``no``, ``on``, ``1_000``, ``1:30`` and dates are text; ``0o17`` and ``0x1F`` are whole numbers.
"""

from __future__ import annotations

import re
from decimal import Decimal

from .nodes import Value

_MAY_BE_SPECIAL = frozenset("-+.0123456789~nNtTfF")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 30
_LARGEST_INTEGER = 2**63 - 1


class NumberError(ValueError):
    """A number that no exact value of bounded size can hold; the argument says why."""


def resolve(text: str) -> Value:
    """Return the value of a plain scalar.

    >>> resolve("no"), resolve("0o17"), resolve("1.50")
    ('no', 15, Decimal('1.50'))

    Raises:
        NumberError: the text is a number without a bound.
    """
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise NumberError("a finite number")
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FRACTION.fullmatch(text):
        return _fraction(text)
    return text


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise NumberError("a whole number of at most 64 bits")
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    value = int(text[2:] if base != 10 else text, base)
    if abs(value) > _LARGEST_INTEGER:
        raise NumberError("a whole number of at most 64 bits")
    return value


def _fraction(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise NumberError(f"a number of at most {_LONGEST_NUMBER} characters")
    exponent = text.lower().partition("e")[2].lstrip("+-").lstrip("0")
    if len(exponent) > 2 or (exponent and int(exponent) > _LARGEST_EXPONENT):
        raise NumberError(f"a number with an exponent of at most {_LARGEST_EXPONENT}")
    return Decimal(text)
