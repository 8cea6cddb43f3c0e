"""Patterns in the one spelling that Python and PostgreSQL read alike.

Everything that readers take differently is written out: classes by their ASCII members, a point by what it leaves out,
other characters by their number, ``^`` and ``$`` as the very ends of the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

_op: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")
_CLASSES = {
    _op.CATEGORY_DIGIT: "0-9",
    _op.CATEGORY_WORD: "0-9A-Z_a-z",
    _op.CATEGORY_SPACE: r"\u0009-\u000D\u0020",
    _op.CATEGORY_NOT_DIGIT: r"\u0001-\u002F\u003A-\U0010FFFF",
    _op.CATEGORY_NOT_WORD: r"\u0001-\u002F\u003A-\u0040\u005B-\u005E\u0060\u007B-\U0010FFFF",
    _op.CATEGORY_NOT_SPACE: r"\u0001-\u0008\u000E-\u001F\u0021-\U0010FFFF",
}
_ENDS = {
    _op.AT_BEGINNING: r"\A",
    _op.AT_BEGINNING_STRING: r"\A",
    _op.AT_END: r"\Z",
    _op.AT_END_STRING: r"\Z",
}


@lru_cache(maxsize=512)
def written(pattern: str) -> str:
    """The pattern in the common spelling.

    Raises:
        ValueError: it has what readers do not share; the toolchain lets none of that pass.
    """
    try:
        return _sequence(_parser.parse(pattern, re.ASCII))
    except (re.error, KeyError) as error:
        raise ValueError(f"`{pattern}` is no pattern") from error


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as Python searches with it."""
    return re.compile(written(pattern))


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return compiled(pattern).search(text) is not None


def _sequence(pieces: Sequence[Any]) -> str:
    return "".join(_piece(kind, argument) for kind, argument in pieces)


def _piece(kind: Any, argument: Any) -> str:
    if kind is _op.LITERAL:
        return _character(argument)
    if kind is _op.NOT_LITERAL:
        return f"[^{_character(argument)}]"
    if kind is _op.ANY:
        return r"[^\u000A]"
    if kind is _op.IN:
        return _class(argument)
    if kind is _op.BRANCH:
        return f"(?:{'|'.join(_sequence(way) for way in argument[1])})"
    if kind is _op.SUBPATTERN:
        return f"(?:{_sequence(argument[-1])})"
    if kind in (_op.MAX_REPEAT, _op.MIN_REPEAT):
        least, most, body = argument
        upper = "" if most is _op.MAXREPEAT else most
        return f"(?:{_sequence(body)}){{{least},{upper}}}"
    if kind is _op.AT:
        return _ENDS[argument]
    raise ValueError("a pattern has a piece that is not shared")


def _class(members: Sequence[Any]) -> str:
    negated = ""
    parts = []
    for kind, argument in members:
        if kind is _op.NEGATE:
            negated = "^"
        elif kind is _op.LITERAL:
            parts.append(_character(argument))
        elif kind is _op.RANGE:
            parts.append(f"{_character(argument[0])}-{_character(argument[1])}")
        else:
            parts.append(_CLASSES[argument])
    return f"[{negated}{''.join(parts)}]"


def _character(code: int) -> str:
    if code < 128 and chr(code).isalnum():
        return chr(code)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
