"""Colours computed so that people can read what stands on them.

Contrast is the ratio of WCAG 2.2 (relative luminance of sRGB); lightness is moved in OKLCH, where equal steps look
equal and a hue stays the same hue.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: text of ordinary size."""

GRAPHIC_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11: focus rings, bars, borders of controls."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of sRGB, each part from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)


def parse(text: str) -> Colour:
    """Read ``#0b5fff`` or ``#05f``.

    Raises:
        ValueError: the text is no such colour.
    """
    if not _HEX.fullmatch(text):
        raise ValueError(f"`{text}` is not a colour like #0b5fff")
    digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
    return Colour(int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))


def contrast(one: Colour, other: Colour) -> float:
    """How clearly two colours stand apart: from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: Colour) -> Colour:
    """White where it can be read, black otherwise; one of them always reaches 4.5."""
    return WHITE if contrast(WHITE, background) >= TEXT_CONTRAST else BLACK


def readable(colour: Colour, backgrounds: tuple[Colour, ...], least: float) -> Colour:
    """The nearest shade of a colour that stands out from every background by at least ``least``."""
    darken = _luminance(backgrounds[0]) > 0.18
    lightness, chroma, hue = _to_oklch(colour)
    while 0.0 <= lightness <= 1.0:
        shade = _from_oklch(lightness, chroma, hue)
        if all(contrast(shade, background) >= least for background in backgrounds):
            return shade
        lightness += -_STEP if darken else _STEP
    return BLACK if darken else WHITE


def shift(colour: Colour, by: float) -> Colour:
    """The same hue, lighter (positive) or darker (negative)."""
    lightness, chroma, hue = _to_oklch(colour)
    return _from_oklch(min(1.0, max(0.0, lightness + by)), chroma, hue)


def mix(colour: Colour, into: Colour, share: float) -> Colour:
    """``share`` of one colour laid over another."""
    return Colour(*(round(a * share + b * (1 - share)) for a, b in zip(_parts(colour), _parts(into), strict=True)))


def _parts(colour: Colour) -> tuple[int, int, int]:
    return colour.red, colour.green, colour.blue


def _linear(part: int) -> float:
    value = part / 255
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)


def _encoded(value: float) -> int:
    value = min(1.0, max(0.0, value))
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))


def _luminance(colour: Colour) -> float:
    return 0.2126 * _linear(colour.red) + 0.7152 * _linear(colour.green) + 0.0722 * _linear(colour.blue)


def _to_oklch(colour: Colour) -> tuple[float, float, float]:
    """Björn Ottosson's OKLab matrices, in polar form."""
    red, green, blue = (_linear(part) for part in _parts(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> Colour:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return Colour(
        _encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
