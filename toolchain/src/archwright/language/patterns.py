"""Regular expressions that every consumer reads alike and that always end quickly.

A subset common to Python, JSON Schema (ECMA 262) and databases: no look-around, references, flags or atomic groups.
A repeated group must be unambiguous: it begins with a character that nothing variable inside it can take, so that
matching never tries one text in exponentially many ways (CWE-1333).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

op: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

LONGEST_PATTERN = 200

LONGEST_REPEAT = 255
"""What PostgreSQL counts to."""

Characters = frozenset[int]
"""ASCII codes that a piece can take; -1 stands for every other character."""

_EVERY: Characters = frozenset(range(-1, 128))
_CATEGORIES: dict[Any, Characters] = {
    op.CATEGORY_DIGIT: frozenset(range(48, 58)) | {-1},
    op.CATEGORY_SPACE: frozenset((*range(9, 14), 32, -1)),
    op.CATEGORY_WORD: frozenset((*range(48, 58), *range(65, 91), 95, *range(97, 123), -1)),
}
_KNOWN = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN, op.BRANCH, op.SUBPATTERN, op.MAX_REPEAT, op.MIN_REPEAT, op.AT)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)


def refusal(pattern: str) -> str | None:
    """Return why a pattern is not taken, or nothing.

    >>> refusal("(a+)+") is None, refusal("[a-z]+(-[a-z]+)*") is None
    (False, True)
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"it is longer than {LONGEST_PATTERN} characters"
    if "(?" in pattern.replace("(?:", "").replace("\\(?", ""):
        return "groups that begin with `(?` mean different things to different readers"
    try:
        with warnings.catch_warnings():
            # What `re` announces to mean something else some day means something else to other readers already.
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
            parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        return str(error)
    return _pieces(parsed)


def repeats(pattern: str) -> int:
    """The largest number that a repetition of an accepted pattern counts to."""
    return _largest(_parser.parse(pattern))


def _largest(pieces: Sequence[Any]) -> int:
    counts = [0]
    for kind, argument in pieces:
        if kind in _REPEATS:
            counts += [int(count) for count in argument[:2] if count is not op.MAXREPEAT]
        counts += [_largest(inner) for inner in _inside(kind, argument)]
    return max(counts)


def _pieces(pieces: Sequence[Any]) -> str | None:
    for kind, argument in pieces:
        if kind not in _KNOWN:
            return "look-around, references and atomic groups mean different things to different readers"
        for inner in _inside(kind, argument):
            problem = _pieces(inner)
            if problem is not None:
                return problem
        if kind in _REPEATS and argument[1] > 1 and not _is_clear(argument[2]):
            return "a repeated group is ambiguous, so that matching could take forever"
    return None


def _inside(kind: Any, argument: Any) -> list[Sequence[Any]]:
    if kind is op.BRANCH:
        return list(argument[1])
    if kind is op.SUBPATTERN:
        return [argument[-1]]
    return [argument[2]] if kind in _REPEATS else []


def _is_clear(body: Sequence[Any]) -> bool:
    """Whether a text can be cut into repetitions of the body in one way only."""
    flat = _flat(body)
    if len(flat) == 1 and flat[0][0] is op.BRANCH:
        ways = [_flat(way) for way in flat[0][1][1]]
        return _begin_differently(ways) and all(way and all(map(_is_fixed, way)) for way in ways)
    variable = [piece for piece in flat if not _is_fixed(piece)]
    if not variable:
        return True
    if not _is_fixed(flat[0]):
        return False
    seen = set(_characters(flat[:1]))
    for piece in variable:
        taken = _characters([piece])
        if not seen.isdisjoint(taken) or (piece[0] is op.BRANCH and not _begin_differently(map(_flat, piece[1][1]))):
            return False
        seen |= taken
    return True


def _begin_differently(ways: Iterable[Sequence[Any]]) -> bool:
    """Whether the first character decides between the alternatives."""
    seen: set[int] = set()
    empty = 0
    for way in ways:
        first = _characters(way[:1])
        empty += not way
        if not seen.isdisjoint(first) or empty > 1:
            return False
        seen |= first
    return True


def _flat(body: Sequence[Any]) -> list[Any]:
    """Return the pieces of a sequence, groups opened."""
    flat: list[Any] = []
    for kind, argument in body:
        flat += _flat(argument[-1]) if kind is op.SUBPATTERN else [(kind, argument)]
    return flat


def _is_fixed(piece: Any) -> bool:
    kind, argument = piece
    if kind in _REPEATS:
        return bool(argument[0] == argument[1]) and all(map(_is_fixed, _flat(argument[2])))
    return kind is not op.BRANCH


def _characters(pieces: Sequence[Any]) -> Characters:
    """Return everything that the pieces can take anywhere."""
    taken: Characters = frozenset()
    for kind, argument in pieces:
        if kind is op.IN:
            taken |= _class(argument)
        elif kind in (op.LITERAL, op.NOT_LITERAL):
            one = frozenset((argument if argument < 128 else -1,))
            taken |= one if kind is op.LITERAL else (_EVERY - (one - {-1}))
        elif kind is op.ANY:
            taken |= _EVERY
        for inner in _inside(kind, argument):
            taken |= _characters(_flat(inner))
    return taken


def _class(members: Sequence[Any]) -> Characters:
    taken: set[int] = set()
    negated = False
    for kind, argument in members:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            taken.add(argument if argument < 128 else -1)
        elif kind is op.RANGE:
            taken.update(range(argument[0], min(argument[1], 127) + 1), (-1,) if argument[1] > 127 else ())
        else:
            taken |= _CATEGORIES.get(argument, _EVERY)
    return _EVERY - (taken - {-1}) if negated else frozenset(taken)
