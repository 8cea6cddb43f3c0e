"""Figures of numbers: exact fractions, rounded once to six digits, halves away from zero."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import Any

from archwright_runtime.errors import Refusal

UNIT = 10**6
_LARGEST = 10**15 - 1


def describe(numbers: Sequence[Fraction]) -> dict[str, Any]:
    """What there is to say of numbers; of none only that there are none."""
    found: dict[str, Any] = {"count": len(numbers), "sum": scaled(sum(numbers, Fraction()))}
    if numbers:
        found |= {
            "mean": scaled(statistics.mean(numbers)),
            "median": scaled(statistics.median(numbers)),
            "least": scaled(min(numbers)),
            "most": scaled(max(numbers)),
        }
    if len(numbers) > 1:
        found["deviation"] = root(statistics.variance(numbers))
    return found


def quantiles(numbers: Sequence[Fraction], parts: int) -> list[int]:
    """The cuts between parts of equal size; the smallest and largest number are the ends (the inclusive method)."""
    if len(numbers) < 2:
        raise Refusal("too-few", "two numbers are needed at least")
    return [scaled(cut) for cut in statistics.quantiles(numbers, n=parts, method="inclusive")]


def histogram(numbers: Sequence[Fraction], bins: int) -> tuple[list[int], list[int]]:
    """The edges of equal ranges and how many numbers lie in each; the last range holds its upper edge."""
    if not numbers:
        raise Refusal("too-few", "one number is needed at least")
    least, most = min(numbers), max(numbers)
    width = (most - least) / bins or Fraction(1, UNIT)
    counts = [0] * bins
    for number in numbers:
        counts[min(int((number - least) / width), bins - 1)] += 1
    return [scaled(least + width * edge) for edge in range(bins + 1)], counts


def regression(x: Sequence[Fraction], y: Sequence[Fraction]) -> tuple[int, int, int]:
    """Slope and start of the line of least squares, and the share of the variance that it explains."""
    if len(x) != len(y) or len(x) < 2 or len(set(x)) < 2:
        raise Refusal("too-few", "two pairs with different `x` are needed at least")
    count = len(x)
    mean_x, mean_y = sum(x, Fraction()) / count, sum(y, Fraction()) / count
    spread = sum(((a - mean_x) ** 2 for a in x), Fraction())
    shared = sum(((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)), Fraction())
    other = sum(((b - mean_y) ** 2 for b in y), Fraction())
    slope = shared / spread
    fit = shared**2 / (spread * other) if other else Fraction(1)
    return scaled(slope), scaled(mean_y - slope * mean_x), scaled(fit)


def scaled(number: Fraction) -> int:
    """A number in millionths.

    Raises:
        Refusal: it has more digits than a result can hold.
    """
    units = abs(number) * UNIT
    rounded = (2 * units.numerator + units.denominator) // (2 * units.denominator)
    if rounded > _LARGEST:
        raise Refusal("out-of-range", "the result is too large")
    return -rounded if number < 0 else rounded


def root(number: Fraction) -> int:
    """The square root in millionths, rounded once."""
    units = number * UNIT * UNIT * 4
    doubled = isqrt(units.numerator // units.denominator)
    return (doubled + 1) // 2
