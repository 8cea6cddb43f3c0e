"""Whether every value of one type is a value of another, and how its stored form changes on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ..plan import Type

_WHOLE = 2**53 - 1
_TEXT_BOUND = {"uuid": 36, "email": 254, "url": 2048, "slug": 200, "phone": 32}
"""Longest value where the type states none; what the language documents for each kind."""
_FREE_TEXT = frozenset({"text", "markdown"})
_WRITTEN = frozenset({"slug", "email", "url", "phone", "uuid", "enum", "markdown", "text"})
_NUMBERS = frozenset({"int", "decimal", "money"})


class Fit(Enum):
    """What changing a type does to the values that are stored already."""

    SAFE = "safe"
    """Every stored value has a place in the new type."""
    NARROWING = "narrowing"
    """Some stored values may not fit; the migration stops when one does not."""
    IMPOSSIBLE = "impossible"
    """There is no rule that turns one into the other."""


@dataclass(frozen=True)
class Conversion:
    """How the stored form changes.

    Attributes:
        factor: what a scaled number is multiplied with.
        instant: a date becomes the first instant of that day.
    """

    factor: int = 1
    instant: bool = False

    @property
    def changes(self) -> bool:
        """Whether any stored byte changes."""
        return self.factor != 1 or self.instant


@dataclass(frozen=True)
class Change:
    """The verdict about one change of type."""

    fit: Fit
    conversion: Conversion = Conversion()


_IMPOSSIBLE = Change(Fit.IMPOSSIBLE)


def compare(old: Type, new: Type) -> Change:
    """Judge the change from one type to another."""
    if old.kind in _NUMBERS and new.kind in _NUMBERS:
        return _numbers(old, new)
    if old.kind == "date" and new.kind == "datetime":
        return Change(Fit.SAFE, Conversion(instant=True))
    if old.kind == new.kind:
        return Change(_fit(_within(old, new) and _items_within(old, new)))
    if (old.kind, new.kind) == ("image", "file"):
        return Change(_fit(_within(old, new)))
    if old.kind in _WRITTEN and new.kind in _FREE_TEXT:
        return Change(_fit(_within(replace(old, max=_longest(old), pattern=None), new)))
    if old.kind in _FREE_TEXT and new.kind == "enum":
        return Change(Fit.NARROWING)
    return _IMPOSSIBLE


def _fit(within: bool) -> Fit:
    return Fit.SAFE if within else Fit.NARROWING


def _numbers(old: Type, new: Type) -> Change:
    """Numbers are scaled integers: more places multiply, fewer places would lose some."""
    to_decimal = new.kind == "decimal" and old.kind != "decimal"
    same = old.kind == new.kind and old.currency == new.currency
    if not (to_decimal or same):
        return _IMPOSSIBLE
    places = _scale(new) - _scale(old)
    if places < 0:
        return _IMPOSSIBLE
    factor: int = 10**places
    (low, high), (lowest, highest) = bounds(old), bounds(new)
    within = lowest <= low * factor and high * factor <= highest
    return Change(_fit(within), Conversion(factor=factor))


def bounds(type_: Type) -> tuple[int, int]:
    """The smallest and the largest stored value of a number."""
    widest = _WHOLE if type_.kind == "int" else 10 ** (type_.digits or 15) - 1
    low = -widest if type_.low is None else max(type_.low, -widest)
    high = widest if type_.high is None else min(type_.high, widest)
    return low, high


def _scale(type_: Type) -> int:
    if type_.scale is not None:
        return type_.scale
    return 2 if type_.kind == "money" else 0


def _longest(type_: Type) -> int | None:
    if type_.kind == "enum":
        return max((len(value) for value in type_.values), default=0)
    return type_.max if type_.max is not None else _TEXT_BOUND.get(type_.kind)


def _within(old: Type, new: Type) -> bool:
    """Whether every bound of the new type admits what the old one admits."""
    longest = new.max is None or (old.max is not None and old.max <= new.max)
    shortest = not new.min or (old.min is not None and old.min >= new.min)
    written = new.pattern is None or new.pattern == old.pattern
    chosen = new.kind != "enum" or set(old.values) <= set(new.values)
    media = not new.media or (bool(old.media) and set(old.media) <= set(new.media))
    return longest and shortest and written and chosen and media


def _items_within(old: Type, new: Type) -> bool:
    """Whether a list's items keep their stored form and fit."""
    if old.item is None or new.item is None:
        return old.item == new.item
    change = compare(old.item, new.item)
    return change.fit is Fit.SAFE and not change.conversion.changes
