"""The tokens that every page is drawn with, derived from one brand colour."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from ..errors import PlanError
from . import colour
from .colour import GRAPHIC_CONTRAST, TEXT_CONTRAST, Colour


@dataclass(frozen=True)
class Ground:
    """The neutral colours of a scheme that brand colours have to stand out from."""

    canvas: Colour
    surface: Colour
    raised: Colour
    dark: bool


LIGHT = Ground(Colour(247, 248, 250), Colour(255, 255, 255), Colour(241, 243, 246), dark=False)
DARK = Ground(Colour(14, 16, 19), Colour(22, 25, 30), Colour(32, 36, 43), dark=True)


def tokens(brand: Colour, ground: Ground) -> dict[str, Colour]:
    """Brand colours for one scheme: every pair that carries text reaches 4.5, every graphic 3."""
    grounds = (ground.surface, ground.canvas, ground.raised)
    fill = colour.readable(brand, (ground.surface,), 1.6) if ground.dark else brand
    on_fill = colour.text_on(fill)
    away = -0.045 if on_fill == colour.WHITE else 0.045
    soft = colour.mix(fill, ground.surface, 0.16 if ground.dark else 0.08)
    return {
        "canvas": ground.canvas,
        "surface": ground.surface,
        "raised": ground.raised,
        "brand": fill,
        "brand-hover": colour.shift(fill, away),
        "brand-active": colour.shift(fill, 2 * away),
        "on-brand": on_fill,
        "brand-soft": soft,
        "brand-text": colour.readable(brand, (*grounds, soft), TEXT_CONTRAST),
        "focus": colour.readable(brand, grounds, GRAPHIC_CONTRAST),
    }


def stylesheet(brand: str) -> str:
    """The custom properties of both schemes; ``color-scheme`` decides which of the two a page takes.

    Raises:
        PlanError: the brand is not a colour.
    """
    try:
        base = colour.parse(brand)
    except ValueError as error:
        raise PlanError(f"theme.brand: {error}") from None
    light, dark = tokens(base, LIGHT), tokens(base, DARK)
    pairs = "".join(f"--{name}:light-dark({light[name]},{dark[name]});" for name in light)
    return f":root{{{pairs}}}\n"


def mark(brand: str, name: str) -> str:
    """A picture for the browser's tab: the product's first letter on its brand."""
    fill = colour.parse(brand)
    letter = escape(name.strip()[:1].upper() or "•")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="8" fill="{fill}"/>'
        f'<text x="16" y="22.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="19" '
        f'font-weight="700" fill="{colour.text_on(fill)}">{letter}</text></svg>'
    )
